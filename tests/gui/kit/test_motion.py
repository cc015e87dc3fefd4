"""Reduced motion: as the system asks or as was chosen; then what moves by itself stands still."""

import ast
from pathlib import Path

import pytest
from PySide6.QtWidgets import QComboBox, QProgressBar, QWidget

import gui
from gui.kit import mac, motion, preferences
from gui.kit.progress_line import ProgressLine

STAND_STILL = {"entrance.py", "pieces_view.py", "share_preview.py"}
"""Move too, and stand still as their own tests see."""


@pytest.mark.parametrize(("system", "chosen", "reduced"), [(0, 0, False), (1, 0, True), (0, 1, True), (1, 1, True)])
def test_the_system_s_wish_or_one_s_own(monkeypatch, apple, system, chosen, reduced):
    monkeypatch.setattr(mac, "messenger", lambda: apple(REDUCES_MOTION=bool(system)))
    preferences.set_flag("reduce_motion", bool(chosen))
    assert motion.is_reduced() is reduced


def test_it_is_chosen_in_the_settings_window(open_window):
    window = open_window()
    window.menus.action("settings").trigger()
    box = window.findChild(QWidget, "settings_window").findChild(QComboBox, "settings_motion")
    for reduced in (True, False):
        box.setCurrentIndex(box.findData(reduced))
        box.activated.emit(box.currentIndex())
        assert preferences.reduces_motion() is reduced


def test_nothing_else_moves_by_itself(open_window):
    bars = open_window().findChildren(QProgressBar)
    assert bars
    assert all(isinstance(bar, ProgressLine) for bar in bars)
    moving = {"QPropertyAnimation", "QVariantAnimation", "QMovie", "QTimeLine", "QScroller", "QSplashScreen"}
    for module in Path(gui.__file__).parent.rglob("*.py"):
        names = {each.id for each in ast.walk(ast.parse(module.read_text("utf-8"))) if isinstance(each, ast.Name)}
        assert not names & moving or module.name in STAND_STILL, module
        assert "QProgressBar" not in names or module.name == "progress_line.py", module
