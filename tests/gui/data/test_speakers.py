import pytest
from PySide6.QtWidgets import QLabel, QLineEdit

from gui.data.speakers import SHOWN, SpeakerFields


@pytest.fixture
def fields(qtbot):
    fields = SpeakerFields()
    qtbot.addWidget(fields)
    fields.show_speakers([("Zoë", 1200), ("Max", 3)], ())
    return fields


def field(fields, number):
    return fields.findChild(QLineEdit, f"speaker_{number}")


def test_who_writes_is_said_the_most_frequent_first(fields):
    assert fields.findChild(QLabel, "draft_speakers").text().startswith("2 speakers, 1,203 messages.")
    assert [field(fields, number).placeholderText() for number in range(2)] == ["Zoë", "Max"]


def test_another_name_is_told_once_with_all_that_were_given(qtbot, fields):
    field(fields, 1).setText(" Me ")
    with qtbot.waitSignal(fields.renamed) as renamed:
        field(fields, 1).editingFinished.emit()
    assert renamed.args == [(("Max", "Me"),)]
    with qtbot.assertNotEmitted(fields.renamed):
        field(fields, 1).editingFinished.emit()
    field(fields, 0).setText("Friend")
    with qtbot.waitSignal(fields.renamed) as renamed:
        field(fields, 0).editingFinished.emit()
    assert renamed.args == [(("Zoë", "Friend"), ("Max", "Me"))]


def test_a_name_that_is_in_force_keeps_its_field_and_can_be_taken_back(qtbot, fields):
    field(fields, 0).clearFocus()  # what is being typed stays
    fields.show_speakers([("Friend", 1200), ("Max", 3)], (("Zoë", "Friend"),))
    assert field(fields, 0).placeholderText() == "Zoë"
    assert field(fields, 0).text() == "Friend"
    field(fields, 0).clear()
    with qtbot.waitSignal(fields.renamed) as renamed:
        field(fields, 0).editingFinished.emit()
    assert renamed.args == [()]


def test_of_a_crowd_those_who_write_most_have_a_field(fields):
    fields.show_speakers([(f"N{number}", 99 - number) for number in range(30)], ())
    assert field(fields, SHOWN - 1).placeholderText() == f"N{SHOWN - 1}"
    assert field(fields, SHOWN) is None


def test_without_speakers_nothing_is_shown(fields):
    fields.show_speakers([], ())
    assert fields.isHidden()
