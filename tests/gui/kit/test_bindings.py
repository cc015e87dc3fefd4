"""What the window relies on in Qt's Python bindings, whichever version is locked."""

import sys
import tomllib
from pathlib import Path

from PySide6 import __version_info__
from PySide6.QtWidgets import QWidget

ROOT = Path(__file__).resolve().parents[3]
CALLS = 20_000


def test_calls_that_return_nothing_keep_their_references_to_none(qapp):
    """6.12.0 lost one with each call: on Python 3.11 the interpreter dies when none is left."""
    widget = QWidget()
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        widget.update()
        widget.setToolTip("a")
    assert abs(sys.getrefcount(None) - before) < CALLS / 10
    widget.deleteLater()


def test_the_locked_qt_survives_a_click_on_the_menu_bar_item_of_macos_27():
    """QTBUG-147449: mended in 6.11.3, not in 6.12.0."""
    project = tomllib.loads(ROOT.joinpath("pyproject.toml").read_text("utf-8"))["project"]
    assert "PySide6-Essentials==6.11.3" in project["dependencies"]
    locked = ROOT.joinpath("requirements.lock").read_text("utf-8").splitlines()
    assert {"pyside6-essentials==6.11.3", "shiboken6==6.11.3"} <= set(locked)
    assert __version_info__[:3] == (6, 11, 3)
