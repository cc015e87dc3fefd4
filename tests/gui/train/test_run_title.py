"""The name of a run, edited over its stage."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from engine.core.paths import runs_dir
from engine.runs.folder import RunFolder
from gui.train.coach import NoteCard
from gui.train.state import RunState
from tests.gui.fake_run import recorded, started, step
from tests.gui.train.hands import run_of

NAME = "Complete Shakespeare, Saturday 04:28"


@pytest.fixture
def window(open_window):
    made = open_window()
    run = recorded(runs_dir() / "shakespeare-2x128", started(), step(0))
    run.rename(NAME)
    state = run_of(started(run_dir=str(run.path)), step(0))
    state.name = NAME
    made.train.show_run(state)
    return made


@pytest.fixture
def title(window):
    return window.findChild(QWidget, "run_title")


@pytest.fixture
def field(window):
    return window.findChild(QLineEdit, "run_name_edit")


def test_a_click_lets_the_name_be_edited_and_return_keeps_it(qtbot, window, title, field):
    height = title.height()
    assert not field.isVisible()
    qtbot.mouseClick(title, Qt.MouseButton.LeftButton)
    assert (field.isVisible(), field.text(), field.selectedText()) == (True, NAME, NAME)
    assert title.height() == height, "the page does not move"
    qtbot.keyClicks(field, " The night run ")
    with qtbot.waitSignal(window.train.run_changed):
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert not field.isVisible()
    assert window.train.view.title == "The night run"
    assert RunFolder(runs_dir() / "shakespeare-2x128").card()["name"] == "The night run"


def test_the_keyboard_begins_and_escape_leaves_it_as_it_was(qtbot, window, title, field):
    title.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(title, Qt.Key.Key_F2)
    qtbot.keyClicks(field, "typed in error")
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert (field.isVisible(), window.train.view.title) == (False, NAME)
    assert title.hasFocus(), "it is where it was"


def test_an_empty_name_is_that_of_the_folder(qtbot, window, title, field):
    qtbot.mouseClick(title, Qt.MouseButton.LeftButton)
    qtbot.keyClick(field, Qt.Key.Key_Delete)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert window.train.view.title == "shakespeare-2x128"


def test_what_was_typed_is_kept_when_a_person_goes_elsewhere(qtbot, window, title, field):
    qtbot.mouseClick(title, Qt.MouseButton.LeftButton)
    qtbot.keyClicks(field, "Elsewhere")
    window.findChild(QWidget, "stage_choice_button").setFocus(Qt.FocusReason.MouseFocusReason)
    assert (field.isVisible(), window.train.view.title) == (False, "Elsewhere")


def test_the_technical_name_is_told_and_so_is_how_to_rename(window, title):
    told = title.currentWidget()
    assert isinstance(told, QLabel)
    assert "shakespeare-2x128" in told.toolTip()
    assert title.accessibleName() == f"Run: {NAME}"
    assert "press F2" in title.accessibleDescription()


def test_where_there_is_no_run_there_is_nothing_to_rename(qtbot, window, title, field):
    window.train.show_run(RunState())
    assert title.focusPolicy() is Qt.FocusPolicy.NoFocus
    qtbot.mouseClick(title, Qt.MouseButton.LeftButton)
    assert not field.isVisible()


def test_a_name_that_cannot_be_written_is_told_and_the_old_one_stays(qtbot, window, title, field):
    card = runs_dir() / "shakespeare-2x128" / "run.json"
    card.unlink()
    card.mkdir()
    qtbot.mouseClick(title, Qt.MouseButton.LeftButton)
    qtbot.keyClicks(field, "Another")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert window.train.view.title == NAME
    assert "refused" in window.findChild(NoteCard).accessibleName()
