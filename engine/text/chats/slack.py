"""Slack's export: a folder for each channel with a file for each day, and users.json with the names."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine.text.account import FileAccount
from engine.text.chats.shapes import Conversation, Family, Message, as_dict, as_list, as_text, dicts, joined, leave_out
from engine.text.sources import Source, above, beside

_SPOKEN = ("", "thread_broadcast", "me_message", "bot_message", "file_share", "file_comment")
_MARK = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
_USERS = "users.json"
_USERS_LIMIT = 2**26


def _takes(value: Mapping[str, Any]) -> bool:
    return value.get("type") == "message" and isinstance(value.get("ts"), str)


def _conversations(values: Iterable[Any], account: FileAccount, source: Source) -> Iterator[Conversation]:
    """Yield the day of a channel, with names for ids."""
    names = _names_beside(source)
    yield _messages(map(as_dict, values), names, account)


def _messages(messages: Iterable[Mapping[str, Any]], names: dict[str, str], account: FileAccount) -> Iterator[Message]:
    """Yield what was written; counts notices and files."""
    for message in messages:
        text = as_text(message.get("text")) or joined(_texts([message.get("blocks"), message.get("attachments")]))
        leave_out(account, "attached files", len(as_list(message.get("files"))))
        if as_text(message.get("subtype")) not in _SPOKEN:
            leave_out(account, "notices")
        elif not text.strip():
            leave_out(account, "messages without words")
        else:
            yield Message(_speaker(message, names), plain_words(text, names))


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts in blocks and attachments, which messages of programs have in place of one."""
    if isinstance(value, dict):
        if own := as_text(value.get("text")):
            yield own
        else:
            value = list(value.values())
    for inner in as_list(value):
        yield from _texts(inner)


def _speaker(message: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Return who wrote a message: the name of the id, else what the message itself says."""
    number = as_text(message.get("user"))
    profile = as_dict(message.get("user_profile"))
    own = as_text(profile.get("display_name")) or as_text(profile.get("real_name")) or as_text(message.get("username"))
    return names.get(number) or own or number or as_text(message.get("bot_id"))


def plain_words(text: str, names: Mapping[str, str]) -> str:
    """Return a text of Slack's as it is shown: names for ids, links by their words, and no entities."""

    def shown(mark: re.Match[str]) -> str:
        what, label = mark[1], mark[2] or ""
        if what.startswith("@"):
            return "@" + (names.get(what[1:]) or label or what[1:])
        if what.startswith("#"):
            return "#" + (label or what[1:])
        if what.startswith("!"):
            return label or "@" + what[1:].split("^")[0]
        return label or what.removeprefix("mailto:")

    return _MARK.sub(shown, text).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _names_beside(source: Source) -> dict[str, str]:
    """Return the names in the users.json of an export, by id; none where the file is by itself."""
    for users in (above(source, _USERS), beside(source, _USERS)):
        if users is None:
            continue
        try:
            with users.open("rb") as file:
                return {as_text(user.get("id")): _name(user) for user in dicts(json.loads(file.read(_USERS_LIMIT)))}
        except (OSError, ValueError, RecursionError):
            continue
    return {}


def _name(user: Mapping[str, Any]) -> str:
    profile = as_dict(user.get("profile"))
    names = profile.get("display_name"), profile.get("real_name"), user.get("real_name"), user.get("name")
    return next(filter(None, map(as_text, names)), "")


SLACK = Family("a day of a Slack export", _takes, _conversations)
