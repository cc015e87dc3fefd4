"""What families of exports share: messages, and looking into values from outside without believing their shape."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from engine.text.account import FileAccount
from engine.text.chats.json_values import LongList
from engine.text.sources import Source


@dataclass(frozen=True, slots=True)
class Message:
    """What somebody wrote at once.

    Attributes:
        speaker: who; empty where the export does not say, as for posts that are all by one person.
        text: the words, of any number of lines.
    """

    speaker: str
    text: str


Certainty = Literal["sure", "perhaps", "no"]
"""Whether a file of a folder is a chat: an export of a known kind, something that has words, or neither."""

Conversation = Iterable[Message]
"""Messages in the order they were written."""


@dataclass(frozen=True, slots=True)
class Family:
    """One kind of export.

    Attributes:
        read_as: what a person calls it.
        takes: tells by its shape whether a value is of this kind.
        conversations: yields the conversations in such values, and counts what it leaves out; the source is for what
            stands in other files beside.
    """

    read_as: str
    takes: Callable[[Mapping[str, Any]], bool]
    conversations: Callable[[Iterable[Any], FileAccount, Source], Iterator[Conversation]]


def leave_out(account: FileAccount, what: str, count: int = 1) -> None:
    """Count what is not given on."""
    if count:
        account.dropped[what] += count


def as_dict(value: Any) -> dict[str, Any]:
    """Return a value that is a JSON object; an empty one for any other."""
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """Return a value that is a JSON array; an empty one for any other."""
    return value if isinstance(value, list) else []


def as_text(value: Any) -> str:
    """Return a value that is a text; an empty one for any other."""
    return value if isinstance(value, str) else ""


def elements(value: Any) -> Iterable[Any]:
    """Return the elements of an array, also of one that is longer than memory; none of any other value."""
    return value if isinstance(value, list | LongList) else ()


def rows(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects in an array, one at a time."""
    return (one for one in elements(value) if isinstance(one, dict))


def dicts(value: Any) -> list[dict[str, Any]]:
    """Return the JSON objects in an array."""
    return list(rows(value))


def first_dict(value: Any) -> dict[str, Any]:
    """Return the first JSON object in an array, without reading on in a long one; an empty one where there is none."""
    return as_dict(value.first) if isinstance(value, LongList) else next(rows(value), {})


def joined(texts: Iterable[str]) -> str:
    """Return the parts of one message, each beginning on a line of its own; blank ones are left out."""
    return "\n".join(text.strip() for text in texts if text.strip())


def branch(parents: Mapping[str, Any], leaf: Any) -> list[str]:
    """Return the ids from the root of a tree to a leaf; `parents` has the parent of each id, a loop is cut."""
    path: dict[str, None] = {}
    while isinstance(leaf, str) and leaf in parents and leaf not in path:
        path[leaf] = None
        leaf = parents[leaf]
    return list(reversed(path))
