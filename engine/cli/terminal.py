"""Text for a terminal: what stands in a name or in what a model wrote is shown there, never obeyed."""

from __future__ import annotations

import logging
import re
import shlex
import shutil
import sys
from pathlib import Path

_OBEYED = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""Control characters, ends of lines, and what turns the direction of writing."""

_NAMED = re.compile(r"(?<![\w./-])python -m engine\b")
"""How the engine names its own commands."""


def plain(text: str, keep: str = "") -> str:
    r"""Return a text with what a terminal would obey spelled out, as \x1b or \u202e, but the characters to `keep`."""
    return _OBEYED.sub(lambda found: found[0] if found[0] in keep else repr(found[0])[1:-1], text)


def plain_json(line: str) -> str:
    """Return a line of JSON that means the same, with what a terminal would obey as JSON escapes it."""
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", line)


class PlainFormatter(logging.Formatter):
    """Writes what is logged as `plain` text."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        return plain(super().format(record), keep="\n")


def as_typed_here(text: str) -> str:
    """Return a text with the commands in it such that they work when they are pasted where one stands."""
    return _NAMED.sub(lambda _: _command(), text)


def _command() -> str:
    """Return how this program was called: `understudy`, or the engine by the Python that runs it."""
    called = Path(sys.argv[0])
    if called.name == "understudy":
        return called.name if _first("understudy") == called.resolve() else shlex.quote(str(called))
    if called.name != "__main__.py" or called.parent.name != "engine":
        return "python -m engine"
    return f"{_python()} -m engine"


def _python() -> str:
    """Return `python` where it is the one that runs this, else its path, as short as it can be."""
    here = Path(sys.executable)
    if (found := shutil.which("python")) and Path(found).absolute() == here.absolute():
        return "python"
    inside = here.is_relative_to(Path.cwd())
    return shlex.quote(str(here.relative_to(Path.cwd()) if inside else here))


def _first(name: str) -> Path | None:
    """Return the program that a terminal finds under a name."""
    found = shutil.which(name)
    return Path(found).resolve() if found else None
