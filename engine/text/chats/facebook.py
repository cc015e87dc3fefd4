"""Messages of Facebook and Instagram: message_1.json, newest first, its letters written as bytes."""

from __future__ import annotations

import re
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
    dicts,
    first_dict,
    leave_out,
)
from engine.text.sources import Source

_CHUNK = re.compile(r"message_(\d{1,6})\.json")
_MOST_CHUNKS = 10**6
_THINGS = {
    "photos": "pictures",
    "videos": "videos",
    "gifs": "GIFs",
    "sticker": "stickers",
    "audio_files": "recordings",
    "share": "shared links",
    "files": "attached files",
    "media": "pictures",
}
_REACTION = re.compile(r"Liked a message|Reacted .{1,12} to your message", re.DOTALL)


MENDED = "Letters that were written as bytes were put right."
"""What is noted once of a file whose letters were mended."""


def oldest_first(name: str) -> str:
    """Return what to put in the place of a file's name when files are sorted: the highest chunk comes first."""
    chunk = _CHUNK.fullmatch(name)
    return f"message_{_MOST_CHUNKS - int(chunk[1])}.json" if chunk else name


def mended(text: str) -> str:
    """Return a text whose UTF-8 was written as a character for each byte, as Meta does; any other as it is."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _takes(value: Mapping[str, Any]) -> bool:
    first = first_dict(value.get("messages"))
    return isinstance(value.get("participants"), list) and ("sender_name" in first or "senderName" in first)


def _conversations(values: Iterable[Any], account: FileAccount, source: Source) -> Iterator[Conversation]:
    """Yield each thread from its beginning, its letters as they were typed."""
    for value in values:
        messages = dicts(as_dict(value).get("messages"))
        messages.reverse()
        messages.sort(key=_time)  # those of one moment stay as they are, the later behind
        yield [found for message in messages if (found := _message(message, account))]


def _time(message: Mapping[str, Any]) -> float:
    time = message.get("timestamp_ms", message.get("timestamp"))
    return float(time) if isinstance(time, int | float) else 0.0


def _message(message: Mapping[str, Any], account: FileAccount) -> Message | None:
    """Return what was written; counts what has no words or was taken back."""
    written = as_text(message.get("content")) or as_text(message.get("text"))
    words, name = mended(written), mended(as_text(message.get("sender_name")) or as_text(message.get("senderName")))
    if message.get("is_unsent") is True or message.get("isUnsent") is True:
        leave_out(account, "messages taken back")
    elif "call_duration" in message or message.get("type") in ("Call", "Subscribe", "Unsubscribe"):
        leave_out(account, "notices")
    elif _REACTION.fullmatch(words.strip()):
        leave_out(account, "reactions")
    elif words.strip():
        if words != written and MENDED not in account.notes:
            account.notes.append(MENDED)
        return Message(name, words)
    else:
        things = [name for key, name in _THINGS.items() if as_list(message.get(key)) or as_dict(message.get(key))]
        leave_out(account, things[0] if things else "messages without words")
    return None


FACEBOOK = Family("messages of Facebook or Instagram", _takes, _conversations)
