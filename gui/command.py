"""`understudy`: the engine's commands, and without one the window."""

from __future__ import annotations

import sys

from engine.cli.main import COMMANDS
from engine.cli.main import main as run_command


def main() -> int:
    """Run a command of the engine, with no word of the window; open the window when none is named."""
    asked = sys.argv[1:]
    if asked and (asked[0] in COMMANDS or asked[0] in ("-h", "--help", "--version")):
        return run_command(asked)
    from gui.__main__ import main as open_window  # a command needs no Qt

    return open_window()
