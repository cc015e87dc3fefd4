"""A file of JSON as text: the export of a family that knows it, else the words under the keys that hold them."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from engine.core.errors import DataError
from engine.text.account import FileAccount
from engine.text.chats.families import family_of, unwrapped
from engine.text.chats.json_values import JsonError, JsonFile
from engine.text.chats.layout import laid_out
from engine.text.chats.rows import WORDS, keys_told, row_messages
from engine.text.chats.shapes import Conversation, Family
from engine.text.wishes import ReadingWishes

_LOOKED_AT = 5
"""Values that tell of which family a file is."""


def json_messages(pieces: Iterator[str], path: Path, account: FileAccount, wishes: ReadingWishes) -> Iterator[str]:
    """Yield the messages in the text of a file of JSON; raises DataError when it is none, or holds no words.

    A key that was asked for is obeyed, whatever the export.
    """
    seen: Counter[str] = Counter()
    try:
        file = JsonFile(pieces)
        values = (one.value for one in file.values())
        first = list(itertools.islice(values, _LOOKED_AT))
        family, found = (None, first) if wishes.text_key else _recognised(file, first)
        rest: Iterable[Any] = itertools.chain(found, values)
        account.read_as = family.read_as if family else "texts in JSON"
        yield from laid_out(_conversations(family, rest, path, account, wishes, seen), account, wishes)
    except JsonError as error:
        raise _unreadable(path, error) from error
    if file.cut_line:
        account.dropped["a line that is cut off"] += 1
        account.notes.append(f"Line {file.cut_line:,}, the last, is cut off and was left out.")
    if not account.messages:
        raise _no_words(path, account, family, seen, wishes)


def _recognised(file: JsonFile, first: list[Any]) -> tuple[Family | None, list[Any]]:
    """Return the family of a file and its first values, taken out of what wraps them."""
    family = family_of(first)
    if family is None and file.is_single and (inner := unwrapped(first[0])):
        return inner
    return family, first


def _conversations(
    family: Family | None,
    values: Iterable[Any],
    path: Path,
    account: FileAccount,
    wishes: ReadingWishes,
    seen: Counter[str],
) -> Iterator[Conversation]:
    """Return the conversations of a family; the words in all values, as one conversation, where it is of none."""
    if family is None:
        return iter([row_messages(values, account, wishes, seen)])
    return family.conversations(_own(family, values, account), account, path)


def _own(family: Family, values: Iterable[Any], account: FileAccount) -> Iterator[Any]:
    """Yield the values that are of a family, and count the others."""
    for value in values:
        if isinstance(value, dict) and family.takes(value):
            yield value
        else:
            account.dropped["entries of another kind"] += 1


def _unreadable(path: Path, error: JsonError) -> DataError:
    """Return the error for a file that is no JSON."""
    fix = "Export it once more, or copy it again." if error.is_cut else "Check that it is the export you think it is."
    return DataError(f"{path} cannot be read.", cause=error.why, fix=fix, code="unreadable_document")


def _no_words(
    path: Path, account: FileAccount, family: Family | None, seen: Counter[str], wishes: ReadingWishes
) -> DataError:
    """Return the error for a file without messages, which says what it has."""
    if family is not None:
        left = ", ".join(f"{count:,} {what}" for what, count in account.dropped.items())
        cause = f"It is {account.read_as}, but nothing in it was written{f': it has {left}' if left else ''}."
        fix = "Export the conversations themselves, with their text."
        return DataError(f"{path} cannot be read.", cause=cause, fix=fix, code="unreadable_document")
    asked = wishes.text_key or " or ".join(WORDS)
    told = f"Its keys are {keys_told(seen)}." if seen else "It has no keys at all."
    return DataError(
        f"{path} cannot be read.",
        cause=f"Nothing in it is called {asked}. {told}",
        fix="Say which of them holds the words: --text_key=KEY, and --speaker_key=KEY for who says them."
        if seen
        else "Save what you want to learn from as plain text (.txt).",
        code="unreadable_document",
    )
