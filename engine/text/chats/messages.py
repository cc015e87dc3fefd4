"""Messages in a value from outside, laid out like a play."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.text.refusals import unusable
from engine.text.sources import Source

_WHO = ("from", "author", "sender", "sender_name", "user", "username", "name", "role")
WHAT = ("text", "content", "message", "body")


def some(source: Source, messages: Iterator[str]) -> Iterator[str]:
    """Yield messages; raises DataError when there is none."""
    anything = False
    for message in messages:
        anything = True
        yield message
    if not anything:
        cause = f"Nothing in it is called {' or '.join(WHAT)}, as messages are."
        raise unusable(source, cause, "Save what you want to learn from as plain text (.txt).")


def messages(value: Any) -> Iterator[str]:
    """Yield each message in a value from outside, laid out like a play: who speaks and a colon, what, a blank line."""
    if isinstance(value, dict):
        for key in WHAT:
            if (text := _plain(value.get(key))) is not None:
                who = next(filter(None, (_name(value.get(key)) for key in _WHO)), "")
                if text.strip():
                    yield (f"{who}:\n" if who else "") + text.strip() + "\n\n"
                return
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from messages(inner)


def _plain(value: Any) -> str | None:
    """Return the words of a message: a text, a list of texts and styled texts, or ChatGPT's parts; None for others."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and isinstance(value.get("parts"), list):
        return "\n".join(part for part in value["parts"] if isinstance(part, str))
    if isinstance(value, list) and value and all(isinstance(part, str) or _styled(part) for part in value):
        return "".join(part if isinstance(part, str) else part["text"] for part in value)
    return None


def _styled(part: Any) -> bool:
    return isinstance(part, dict) and isinstance(part.get("text"), str) and not any(key in part for key in _WHO)


def _name(value: Any) -> str:
    """Return the name of who speaks, on one line; an empty text when it is none."""
    if isinstance(value, dict):
        value = next((value[key] for key in _WHO if isinstance(value.get(key), str)), "")
    return " ".join(value.split())[:80] if isinstance(value, str) else ""
