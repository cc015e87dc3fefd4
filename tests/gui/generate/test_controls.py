"""The dials of a reply: typed, slid, and brought back."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QLineEdit,
    QSlider,
)

from gui.generate.controls import DialPanel
from gui.generate.dials import DIALS, FIRST_SETTINGS
from tests.gui.generate.hands import child, press


@pytest.mark.parametrize("dial", DIALS, ids=lambda dial: dial.name)
def test_each_dial_is_typed_slid_and_brought_back(qtbot, stylist, dial):
    panel = DialPanel()
    qtbot.addWidget(panel)
    panel.show()
    if dial.more:
        press(qtbot, panel, "more_generate_settings")
    field, slider = panel.findChild(QAbstractSpinBox, dial.name), panel.findChild(QSlider, f"{dial.name}_slider")
    first = getattr(FIRST_SETTINGS, dial.name)
    chosen = lambda: getattr(panel.settings(""), dial.name)  # noqa: E731
    back = child(panel, QAbstractButton, f"reset_writing_{dial.name}")
    assert not back.isVisible()
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "0.5" if dial.decimals else "3")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert chosen() == (0.5 if dial.decimals else 3)
    press(qtbot, panel, f"reset_writing_{dial.name}")
    assert chosen() == first
    assert not back.isVisible()
    if slider is not None:
        for key, end in ((Qt.Key.Key_Home, dial.scale.low), (Qt.Key.Key_End, dial.scale.value(dial.scale.steps))):
            qtbot.keyClick(slider, key)
            assert chosen() == pytest.approx(end)
        press(qtbot, panel, "reset_generate_settings")
        assert chosen() == first
        assert not child(panel, QAbstractButton, "reset_generate_settings").isEnabled()


def test_the_text_to_stop_at_is_typed_and_taken_back(qtbot, stylist):
    panel = DialPanel()
    qtbot.addWidget(panel)
    panel.show()
    press(qtbot, panel, "more_generate_settings")
    qtbot.keyClicks(child(panel, QLineEdit, "stop"), "\\n\\n")
    assert panel.settings("").stop == "\n\n"
    press(qtbot, panel, "reset_writing_stop")
    assert panel.settings("").stop == ""


def test_the_way_back_is_offered_only_for_what_a_person_changed(qtbot, stylist):
    panel = DialPanel()
    qtbot.addWidget(panel)
    panel.show()
    back = child(panel, QAbstractButton, "reset_generate_settings")
    assert not back.isEnabled()
    for _ in range(2):
        panel.seed.for_a_press()
    panel.seed.for_another_try()
    assert panel.settings("").seed != FIRST_SETTINGS.seed
    assert not back.isEnabled()  # writing took other seeds: nobody asked for them
    press(qtbot, panel, "more_generate_settings")
    field = child(panel, QAbstractSpinBox, "seed")
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "7")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert back.isEnabled()
    press(qtbot, panel, "reset_generate_settings")
    assert panel.settings("").seed == FIRST_SETTINGS.seed
    assert not back.isEnabled()
    panel.seed.lock.click()
    assert back.isEnabled()
