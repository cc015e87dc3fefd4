from PySide6.QtWidgets import QLabel

from gui.kit import motion
from gui.train.entrance import Entrance


def test_nothing_is_left_of_the_movement(qtbot):
    shown = QLabel("Finished")
    qtbot.addWidget(shown)
    shown.show()
    Entrance(shown).begin()
    assert shown.graphicsEffect() is not None
    qtbot.waitUntil(lambda: shown.graphicsEffect() is None)


def test_where_motion_is_reduced_it_is_there_at_once(qtbot, monkeypatch):
    monkeypatch.setattr(motion, "is_reduced", lambda: True)
    shown = QLabel("Finished")
    qtbot.addWidget(shown)
    shown.show()
    Entrance(shown).begin()
    assert shown.graphicsEffect() is None
