"""Conversations as the text that a model learns: who speaks, a colon, what; a blank line between messages."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from engine.text.account import FileAccount
from engine.text.chats.shapes import Conversation
from engine.text.wishes import ReadingWishes

UNNAMED = "without a name"
"""What messages of nobody are counted under, and how they are given to somebody."""

LONGEST_NAME = 80
"""Characters of a speaker’s name that stand before the colon at most."""


def laid_out(conversations: Iterable[Conversation], account: FileAccount, wishes: ReadingWishes) -> Iterator[str]:
    """Yield each message as "Name: text" with a blank line behind it, and one more between conversations.

    Further lines of a message follow as they are. Speakers have the names that the wishes give them. Counts each
    message under its speaker.
    """
    names = {plain_speaker(name): plain_speaker(other) for name, other in wishes.names}
    between = ""
    for conversation in conversations:
        begun = False
        for message in conversation:
            text = message.text.strip()
            if not text:
                continue
            own = plain_speaker(message.speaker)
            speaker = names.get(own or UNNAMED, own)
            account.messages[speaker or UNNAMED] += 1
            account.parts += 1
            yield ("" if begun else between) + (f"{speaker}: " if speaker else "") + text + "\n\n"
            begun, between = True, "\n"


def names_not_found(wishes: ReadingWishes, messages: Mapping[str, int]) -> list[str]:
    """Return the names that were to be replaced and that nobody has, when all messages are counted by speaker."""
    return [name for name, other in wishes.names if plain_speaker(other) not in messages]


def plain_speaker(name: str) -> str:
    """Return a name as it stands before the colon: on one line, composed (NFC), without a colon of its own."""
    return unicodedata.normalize("NFC", " ".join(name.replace(":", " ").split())[:LONGEST_NAME].rstrip())
