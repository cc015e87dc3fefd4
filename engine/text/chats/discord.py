"""Discord: a channel as DiscordChatExporter writes it, and the messages in the data package of an account."""

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
    dicts,
    joined,
    leave_out,
    rows,
)
from engine.text.sources import Source

_NOTICES = {
    "RecipientAdd",
    "RecipientRemove",
    "Call",
    "ChannelNameChange",
    "ChannelIconChange",
    "ChannelPinnedMessage",
    "GuildMemberJoin",
    "ThreadCreated",
}


def _takes_channel(value: Mapping[str, Any]) -> bool:
    return {"guild", "channel", "messages"} <= value.keys()


def _channels(values: Iterable[Any], account: FileAccount, source: Source) -> Iterator[Conversation]:
    """Yield each channel."""
    for value in values:
        messages = rows(as_dict(value).get("messages"))
        yield (found for message in messages if (found := _message(message, account)))


def _message(message: Mapping[str, Any], account: FileAccount) -> Message | None:
    """Return what was written, and what a bot says in embeds; counts notices and what has no words."""
    author, forwarded = as_dict(message.get("author")), as_dict(message.get("forwardedMessage"))
    if as_text(message.get("type")) in _NOTICES:
        leave_out(account, "notices")
        return None
    words = joined([as_text(message.get("content")), as_text(forwarded.get("content"))])
    embeds = dicts(message.get("embeds"))
    if author.get("isBot") is True or not words:
        words = joined([words, *(text for embed in embeds for text in _embedded(embed))])
    else:
        leave_out(account, "link previews", len(embeds))
    leave_out(account, "attached files", len(as_list(message.get("attachments"))))
    leave_out(account, "stickers", len(as_list(message.get("stickers"))))
    if not words:
        leave_out(account, "messages without words")
        return None
    return Message(as_text(author.get("nickname")) or as_text(author.get("name")), words)


def _embedded(embed: Mapping[str, Any]) -> Iterator[str]:
    """Yield what an embed says."""
    yield as_text(embed.get("title"))
    yield as_text(embed.get("description"))
    for each in dicts(embed.get("fields")):
        yield joined([as_text(each.get("name")), as_text(each.get("value"))])


def _takes_package(value: Mapping[str, Any]) -> bool:
    return {"ID", "Timestamp", "Contents"} <= value.keys()


def _package(values: Iterable[Any], account: FileAccount, source: Source) -> Iterator[Conversation]:
    """Yield the messages of a channel from the first on: all are by the person whose package it is."""
    found = []
    for value in map(as_dict, values):
        if words := as_text(value.get("Contents")).strip():
            found.append((_number(value.get("ID")), words))
        else:
            leave_out(account, "messages without words")
    yield [Message("", words) for _, words in sorted(found, key=lambda one: one[0])]


def _number(number: Any) -> int:
    """Return the number of a message, which grows with time; it is a text in a table."""
    return int(number) if isinstance(number, int) or as_text(number).isdecimal() else 0


DISCORD_CHANNEL = Family("a Discord channel", _takes_channel, _channels)
DISCORD_PACKAGE = Family("a Discord data package", _takes_package, _package)
