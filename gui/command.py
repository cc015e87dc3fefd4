"""`understudy`: the engine's commands, and without one the window."""

from __future__ import annotations

import os
import sys

from engine.cli.main import COMMANDS
from engine.cli.main import main as run_command
from gui.kit.display import display_answers, display_is_named
from gui.kit.system_libraries import missing_libraries, packages_of

NO_DISPLAY = """\
There is no display here for the window.
In the terminal: `understudy train --recipe=quick --minutes=5`, then `understudy sample`.
`understudy --help` lists the rest."""


def main() -> int:
    """Run a command of the engine, with no word of the window; open the window when none is named."""
    if "_ARGCOMPLETE" in os.environ:
        from engine.cli.completion import answer  # a shell asks, at each press of the Tab key

        answer()
    asked = sys.argv[1:]
    if asked and not _is_for_the_window(asked[0]):
        return run_command(asked)
    return _open_window()


def _is_for_the_window(word: str) -> bool:
    """Return whether the window can do something with a word: a file, an address of ours, an option of Qt's."""
    if word in COMMANDS or word in ("-h", "--help", "--version"):
        return False
    return word.startswith(("-", "understudy:")) or os.path.exists(word)


def _open_window() -> int:
    """Run the window until it is closed; where it cannot open, say why and what to do."""
    if why := _why_not():
        print(why, file=sys.stderr)
        return 1
    from gui.__main__ import main as open_window  # a command needs no Qt

    return open_window()


def _why_not() -> str:
    """Return why the window cannot open, and what to do; an empty text where it can."""
    if not display_is_named() and "QT_QPA_PLATFORM" not in os.environ:
        return NO_DISPLAY
    if display_answers():
        return ""
    libraries = missing_libraries()
    if not libraries:
        return NO_DISPLAY
    packages = " ".join(packages_of(libraries))
    lacks = f"The window cannot open: this system lacks {', '.join(libraries)}."
    return f"{lacks}\nOn Debian and Ubuntu: sudo apt install {packages}"
