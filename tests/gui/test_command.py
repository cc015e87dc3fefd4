"""`understudy`: a command of the engine needs no Qt; alone, it opens the window."""

import subprocess
import sys
from pathlib import Path

import pytest

from gui import __main__ as window
from gui import command

ROOT = Path(__file__).parents[2]


def test_a_command_of_the_engine_runs_without_qt():
    code = (
        "import sys; from gui.command import main; sys.argv = ['understudy', 'runs']; code = main(); "
        "sys.exit(code or 'PySide6' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("asked", [[], ["a text.txt"], ["--self-test"]])
def test_all_else_is_the_windows(asked, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["understudy", *asked])
    monkeypatch.setattr(window, "main", lambda: 7)
    assert command.main() == 7


def test_a_home_of_nobody_is_told_before_there_is_a_window(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["understudy"])
    monkeypatch.setenv("UNDERSTUDY_HOME", "~nobody-of-this-name/x")
    assert window.main() == 2
    assert "UNDERSTUDY_HOME" in capsys.readouterr().err
