"""Values of no known kind, and rows of a table: the words under one key, and who says them under another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine.text.account import FileAccount
from engine.text.chats.facebook import MENDED, mended
from engine.text.chats.json_values import LongList
from engine.text.chats.shapes import Message, as_dict, as_list, as_text, elements, leave_out
from engine.text.wishes import ReadingWishes

WORDS = ("text", "content", "message", "body", "contents", "full_text", "post", "comment")
"""Keys that words stand under, where nobody names another."""

SPEAKERS = ("from", "author", "sender", "sender_name", "speaker", "user", "username", "name", "role")
"""Keys that a name stands under, where nobody names another."""

_ANSWERS = ("replies", "children", "comments", "answers", "responses")
"""Keys that others' messages stand under beside the words that they answer."""

_NAMED = 12
_COUNTED = 1000
"""Keys that are counted; where an object is a long list under names, more of them tell nothing."""


def row_messages(values: Iterable[Any], account: FileAccount, wishes: ReadingWishes) -> Iterator[Message]:
    """Yield a message for each object that has words, also for those inside others; counts those that have none.

    The keys of all objects are counted in the account.
    """
    for value in values:
        found = False
        for message in _messages(value, wishes, account):
            found = True
            if message.text.strip():
                yield _mended(message, account)
            else:
                leave_out(account, "entries without words")
        if not found:
            leave_out(account, "entries without words")


def _mended(message: Message, account: FileAccount) -> Message:
    """Return a message with its letters put right, where they were written as bytes, as Meta does in all its files."""
    right = Message(mended(message.speaker), mended(message.text))
    if right != message and MENDED not in account.notes:
        account.notes.append(MENDED)
    return right


def has_key(keys: Iterable[str], asked: str) -> bool:
    """Return whether a key is among those that were seen, in any letter case; of keys with points the first."""
    names = {key.strip().lower() for key in keys}
    return asked.strip().lower() in names or asked.partition(".")[0].strip().lower() in names


def _messages(value: Any, wishes: ReadingWishes, account: FileAccount) -> Iterator[Message]:
    """Yield the messages in a value."""
    if isinstance(value, dict):
        account.keys.update(key for key in value if key in account.keys or len(account.keys) < _COUNTED)
        words = _words(value, wishes)
        if words is not None:
            yield Message(_speaker(value, wishes), words)
        value = [inner for key, inner in value.items() if words is None or key in _ANSWERS]
    for inner in elements(value):
        if isinstance(inner, dict | list | LongList):
            yield from _messages(inner, wishes, account)


def _words(value: Mapping[str, Any], wishes: ReadingWishes) -> str | None:
    """Return the words of an object; None where it has no such key."""
    if wishes.text_key:
        return _plain(_under(value, wishes.text_key))
    return next((words for key in WORDS if (words := _plain(_under(value, key))) is not None), None)


def _speaker(value: Mapping[str, Any], wishes: ReadingWishes) -> str:
    """Return who says it: a name, or the name in an object."""
    for key in (wishes.speaker_key,) if wishes.speaker_key else SPEAKERS:
        who = _under(value, key)
        if isinstance(who, dict):
            who = next((who[each] for each in ("nickname", *SPEAKERS) if as_text(who.get(each))), "")
        if isinstance(who, str | int) and str(who).strip():
            return str(who)
    return ""


def _under(value: Mapping[str, Any], key: str) -> Any:
    """Return what stands under a key, in any letter case, or under keys inside each other with a point between."""
    if key in value:
        return value[key]
    for own, inner in value.items():
        if isinstance(own, str) and own.strip().lower() == key.strip().lower():
            return inner
    first, point, rest = key.partition(".")
    return _under(as_dict(value.get(first)), rest) if point else None


def _plain(value: Any) -> str | None:
    """Return the words in a value: a text, a number, or a list of texts and styled texts; None for others."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    parts = as_list(value)
    if parts and all(isinstance(part, str) or _is_styled(part) for part in parts):
        return "".join(part if isinstance(part, str) else part["text"] for part in parts)
    return None


def _is_styled(part: Any) -> bool:
    return isinstance(as_dict(part).get("text"), str) and not any(key in part for key in SPEAKERS)


def keys_told(seen: Mapping[str, int]) -> str:
    """Return the keys that were seen, for people, the commonest first."""
    names = [name for name, _ in Counter(seen).most_common(_NAMED)]
    more = f" and {len(seen) - _NAMED:,} more" if len(seen) > _NAMED else ""
    return ", ".join(name[:40] for name in names) + more
