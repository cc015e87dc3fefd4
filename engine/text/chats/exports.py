"""A file of JSON as text: the export of a family that knows it, else the words under the keys that hold them."""

from __future__ import annotations

import io
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from engine.core.errors import DataError
from engine.text.account import FileAccount
from engine.text.chats.families import family_of, unwrapped
from engine.text.chats.json_values import JsonError, JsonFile
from engine.text.chats.layout import laid_out
from engine.text.chats.rows import WORDS, has_key, keys_told, row_messages
from engine.text.chats.shapes import Certainty, Conversation, Family, leave_out
from engine.text.glimpse import marked_encoding
from engine.text.plain import read_text
from engine.text.refusals import unusable
from engine.text.sources import Source
from engine.text.wishes import ReadingWishes

_LOOKED_AT = 5
"""Values that tell of which family a file is."""


def json_text(source: Source, account: FileAccount, wishes: ReadingWishes) -> Iterator[str]:
    """Yield the messages in a file of JSON; raises DataError when it is none, or holds no words.

    A key that was asked for is obeyed, whatever the export.
    """
    try:
        file = JsonFile(read_text(source, account, wishes))
        values = (one.value for one in file.values())
        first = list(itertools.islice(values, 1 if file.is_long else _LOOKED_AT))
        family, found = (None, first) if wishes.text_key else _recognised(file, first)
        rest: Iterable[Any] = itertools.chain(found, values)
        account.read_as = family.read_as if family else "texts in JSON"
        yield from laid_out(_conversations(family, rest, source, account, wishes), account, wishes)
    except JsonError as error:
        fix = "Export it once more, or copy it again." if error.is_cut else "Check that it is what you think it is."
        raise unusable(source, error.why, fix) from error
    if file.cut_line:
        account.lost[f"line cut off at the end (line {file.cut_line:,})"] += 1
    if family is None and not account.messages:
        raise _lacking(source, account.keys, wishes.text_key or " or ".join(WORDS))
    if family is None and wishes.speaker_key and not has_key(account.keys, wishes.speaker_key):
        raise _lacking(source, account.keys, wishes.speaker_key)


def json_certainty(source: Source) -> Certainty:
    """Return whether a file of JSON is a chat, from its first values."""
    try:
        encoding = marked_encoding(source)
        with source.open("rb") as opened, io.TextIOWrapper(opened, encoding, "replace") as text:
            file = JsonFile(iter(lambda: text.read(2**16), ""))
            first = [one.value for one in itertools.islice(file.values(), 1 if file.is_long else _LOOKED_AT)]
    except (OSError, JsonError):
        return "no"
    family, found = _recognised(file, first)
    if family:
        return "sure"
    return "perhaps" if any(row_messages(found, FileAccount(), ReadingWishes())) else "no"


def _recognised(file: JsonFile, first: list[Any]) -> tuple[Family | None, list[Any]]:
    """Return the family of a file and its first values, taken out of what wraps them."""
    family = family_of(first)
    if family is None and file.is_single and (inner := unwrapped(first[0])):
        return inner
    return family, first


def _conversations(
    family: Family | None,
    values: Iterable[Any],
    source: Source,
    account: FileAccount,
    wishes: ReadingWishes,
) -> Iterator[Conversation]:
    """Return the conversations of a family; the words in all values, as one conversation, where it is of none."""
    if family is None:
        return iter([row_messages(values, account, wishes)])
    return family.conversations(_own(family, values, account), account, source)


def _own(family: Family, values: Iterable[Any], account: FileAccount) -> Iterator[Any]:
    """Yield the values that are of a family, and count the others."""
    for value in values:
        if isinstance(value, dict) and family.takes(value):
            yield value
        else:
            leave_out(account, "entries of another kind")


def _lacking(source: Source, keys: Counter[str], asked: str) -> DataError:
    """Return the error for a file of no family where nothing is called as asked, which says what it has."""
    there = f"Its keys are {keys_told(keys)}." if keys else "It has no keys at all."
    fix = "Say which of them holds the words: --text_key=KEY, and --speaker_key=KEY for who says them."
    if not keys:
        fix = "Save what you want to learn from as plain text (.txt)."
    return unusable(source, f"Nothing in it is called {asked}. {there}", fix)
