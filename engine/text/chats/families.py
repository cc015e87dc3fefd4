"""All families of exports, and which one a value belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.text.chats.chatgpt import CHATGPT
from engine.text.chats.claude import CLAUDE
from engine.text.chats.discord import DISCORD_CHANNEL, DISCORD_PACKAGE
from engine.text.chats.facebook import FACEBOOK
from engine.text.chats.posts import MASTODON, TWEETS, TWITTER_MESSAGES
from engine.text.chats.shapes import Family, as_dict, as_list
from engine.text.chats.slack import SLACK
from engine.text.chats.telegram import TELEGRAM
from engine.text.chats.training_sets import API_LINES, PAIRS, SHARE_GPT, TURNS

FAMILIES = (
    CHATGPT,
    CLAUDE,
    TELEGRAM,
    FACEBOOK,
    DISCORD_CHANNEL,
    DISCORD_PACKAGE,
    SLACK,
    MASTODON,
    TWEETS,
    TWITTER_MESSAGES,
    API_LINES,
    SHARE_GPT,
    PAIRS,
    TURNS,
)
"""The kinds of exports, those with the plainest marks first."""

COMPANIONS = {"chat.html", "start_here.html", "Your archive.html", "README.txt", "index.html"}
"""Texts that exports bring with them: how to use them, or the same once more as a page."""

_DEPTH = 3
"""How deep in wrappings the list of conversations may lie."""


def family_of(values: Iterable[Any]) -> Family | None:
    """Return the family of the first value that any knows; None where none does."""
    for value in values:
        for family in FAMILIES:
            if isinstance(value, dict) and family.takes(value):
                return family
    return None


def unwrapped(value: Any, depth: int = _DEPTH) -> tuple[Family, list[Any]] | None:
    """Return the values of a family that lie in wrappings, such as all chats of an account; None where none do."""
    if not depth or not isinstance(value, dict):
        return None
    family: Family | None = None
    found: list[Any] = []
    for inner in value.values():
        own = family_of(as_list(inner)[:5])
        deeper = (own, as_list(inner)) if own else unwrapped(as_dict(inner), depth - 1)
        if deeper and (family is None or deeper[0] is family):
            family = deeper[0]
            found += deeper[1]
    return (family, found) if family else None
