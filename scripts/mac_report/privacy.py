"""What does not leave the machine: names of a person, of the computer, and of folders."""

from __future__ import annotations

import getpass
import platform
import re
from pathlib import Path
from typing import Any

LEFT_OUT = "…"

_PATH = re.compile(r"""(?<![\w.:/])(?:~|[A-Za-z]:|file:)?[/\\][^\s'"<>|:,;)\]}]+""")
"""An absolute path, or one from a home folder."""


def personal_words() -> tuple[str, ...]:
    """Return the names of the person, the home folder and the computer."""
    return tuple({name for name in (_user(), Path.home().name, platform.node(), platform.node().split(".")[0]) if name})


def without_personal(value: Any, words: tuple[str, ...] | None = None) -> Any:
    """Return a value of JSON whose texts name no path, person or computer; numbers and keys stay as they are."""
    words = personal_words() if words is None else words
    if isinstance(value, dict):
        return {key: without_personal(each, words) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [without_personal(each, words) for each in value]
    if not isinstance(value, str):
        return value
    text = _PATH.sub(LEFT_OUT, value)
    for word in words:
        text = re.sub(rf"\b{re.escape(word)}\b", LEFT_OUT, text, flags=re.IGNORECASE)
    return text


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no such user, as in a container
        return ""
