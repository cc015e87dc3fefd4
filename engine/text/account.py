"""What became of all that was read: each reader counts here what it gives on and what it leaves out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class FileAccount:
    """What became of one file.

    Attributes:
        read_as: what it was taken for, as a person names it: "a ChatGPT export", "Rich Text", "plain text".
        encoding: how its bytes became characters, as a person names it; empty where the format itself says.
        characters: those given on.
        replaced: of those, how many stand for bytes that are no character (U+FFFD).
        dropped: what was left out, and how many characters of it or, where it holds none, how many such things:
            "hidden text", "footnotes that could not be read", "tool calls".
        messages: in a chat, the messages given on, by who wrote them.
        notes: what was changed without loss, in a sentence each.
    """

    read_as: str = "plain text"
    encoding: str = ""
    characters: int = 0
    replaced: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    messages: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
