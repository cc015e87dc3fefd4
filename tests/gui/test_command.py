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


@pytest.mark.parametrize("asked", [[], ["a text.txt"], ["understudy://open?path=/x"], ["--self-test"]])
def test_files_and_addresses_are_the_windows(asked, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    Path("a text.txt").touch()
    monkeypatch.setattr(sys, "argv", ["understudy", *asked])
    monkeypatch.setattr(window, "main", lambda: 7)
    assert command.main() == 7


def test_a_slip_of_the_pen_opens_no_window(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["understudy", "trian"])
    assert command.main() == 2
    assert "Did you mean train?" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="a Mac always has a display")
@pytest.mark.parametrize("display", ["", ":98765"])
def test_without_a_display_it_says_what_to_type(display, monkeypatch, capsys):
    for name in ("WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.setattr(sys, "argv", ["understudy"])
    assert command.main() == 1
    assert "understudy train" in capsys.readouterr().err


def test_a_home_of_nobody_is_told_before_there_is_a_window(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["understudy"])
    monkeypatch.setenv("UNDERSTUDY_HOME", "~nobody-of-this-name/x")
    assert window.main() == 2
    assert "UNDERSTUDY_HOME" in capsys.readouterr().err
