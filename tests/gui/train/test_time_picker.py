"""For how long to train."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QSpinBox

from gui.kit import preferences
from gui.train.time_picker import TimePicker, spoken
from tests.gui.hands import press


@pytest.fixture
def picker(qtbot, stylist):
    made = TimePicker()
    qtbot.addWidget(made)
    made.show()
    return made


def choose(picker, words):
    """Choose an entry of the list, as a click does."""
    at = picker.findText(words)
    assert at >= 0, words
    picker.setCurrentIndex(at)
    picker.activated.emit(at)


@pytest.mark.parametrize(
    ("minutes", "words"), [(1, "1 minute"), (5, "5 minutes"), (60, "1 hour"), (90, "90 minutes"), (480, "8 hours")]
)
def test_a_time_is_spoken(minutes, words):
    assert spoken(minutes) == words


def test_the_usual_minutes_are_chosen_and_kept(qtbot, picker):
    assert (picker.currentText(), picker.limit) == ("5 minutes", 5.0)
    with qtbot.waitSignal(picker.chosen):
        choose(picker, "30 minutes")
    assert picker.limit == picker.offered == 30.0
    assert preferences.minutes() == 30


def test_any_other_number_of_minutes_is_typed(qtbot, picker):
    choose(picker, "Other…")
    assert picker.currentText() == "5 minutes"  # until another is typed
    sheet = picker.window().findChild(QDialog, "minutes_sheet")
    sheet.findChild(QSpinBox, "recipe_minutes").setValue(7)
    with qtbot.waitSignal(picker.chosen):
        press(qtbot, sheet, "minutes_sheet_yes")
    assert (picker.currentText(), picker.limit) == ("7 minutes", 7.0)


def test_to_cancel_leaves_the_time_as_it_was(qtbot, picker):
    choose(picker, "Other…")
    sheet = picker.window().findChild(QDialog, "minutes_sheet")
    sheet.findChild(QSpinBox, "recipe_minutes").setValue(7)
    press(qtbot, sheet, "minutes_sheet_no")
    assert (picker.currentText(), preferences.minutes()) == ("5 minutes", 5)


def test_an_end_of_its_own_is_offered_where_the_plan_has_one(qtbot, picker):
    assert picker.findText("2,000 iterations") < 0
    picker.show_end("2,000 iterations")
    with qtbot.waitSignal(picker.chosen):
        choose(picker, "2,000 iterations")
    assert (picker.limit, picker.offered, picker.currentText()) == (0.0, 5.0, "2,000 iterations")
    picker.show_limit(20.0)
    assert (picker.limit, picker.currentText()) == (20.0, "20 minutes")
    assert preferences.minutes() == 5  # a run's own time is not the person's


def test_the_arrow_keys_go_from_time_to_time(qtbot, picker):
    qtbot.keyClick(picker, Qt.Key.Key_Down)
    assert picker.limit == 10.0
