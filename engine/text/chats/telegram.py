"""Telegram's result.json: one chat, or all chats of an account."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine.text.account import FileAccount
from engine.text.chats.shapes import (
    Conversation,
    Family,
    Message,
    as_dict,
    as_list,
    as_text,
    first_dict,
    leave_out,
    rows,
)
from engine.text.sources import Source

_NOBODY = "Deleted Account"
"""What Telegram itself shows for who is gone."""


def _takes(value: Mapping[str, Any]) -> bool:
    first = first_dict(value.get("messages"))
    return first.get("type") in ("message", "service") and ("date" in first or "from_id" in first)


def _conversations(values: Iterable[Any], account: FileAccount, source: Source) -> Iterator[Conversation]:
    """Yield each chat."""
    for value in values:
        yield _messages(rows(as_dict(value).get("messages")), account)


def _messages(messages: Iterable[Mapping[str, Any]], account: FileAccount) -> Iterator[Message]:
    """Yield what was written; counts notices, and pictures and the like that come without words."""
    for message in messages:
        words = _words(message.get("text")) or _words(message.get("text_entities"))
        if message.get("type") != "message":
            leave_out(account, "notices")
        elif words.strip():
            yield Message(as_text(message.get("from")) or _NOBODY, words)
        else:
            leave_out(account, _thing(message))


def _words(text: Any) -> str:
    """Return a text, or one that is a list of texts and of texts with a meaning: links, names, bold words."""
    if isinstance(text, str):
        return text
    return "".join(part if isinstance(part, str) else as_text(as_dict(part).get("text")) for part in as_list(text))


def _thing(message: Mapping[str, Any]) -> str:
    """Return what people call a message without words."""
    if "photo" in message:
        return "pictures"
    kinds = {"sticker": "stickers", "voice_message": "recordings", "video_message": "recordings", "animation": "GIFs"}
    return kinds.get(as_text(message.get("media_type")), "messages without words")


TELEGRAM = Family("a Telegram export", _takes, _conversations)
