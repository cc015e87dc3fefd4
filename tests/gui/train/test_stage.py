"""What a run says gives way to what it writes: in a low window its notes fold, and nothing has to be scrolled to."""

import pytest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QScrollArea

from engine.core.errors import Fix, TrainingError
from engine.core.events import Advice, Sample
from gui.kit import preferences
from gui.kit.theme import Size
from gui.train.coach import Coach, Folded, NoteCard
from gui.train.state import RunState
from tests.gui.fake_run import evaluation, started, step
from tests.gui.hands import press

SLEPT = "The machine slept for 0 h 40 min; training goes on where it was."
ROSE = "The validation loss has risen from 4.94 to 5.07 while the training loss fell."
BY_HEART = "The model learns its text by heart; it was at its best at iteration 200, and best.pt keeps it so."


@pytest.fixture
def large(open_window, stylist):
    """Return the smallest window there is, with text at 150 %."""
    preferences.set_flag("first_steps/shown", False)
    preferences.set_text_scale(1.5)
    stylist.set_text_scale(1.5)
    window = open_window()
    window.resize(*Size.WINDOW_LEAST)
    yield window
    stylist.set_text_scale(1.0)


def settle():
    for _ in range(4):  # what wraps asks for another height, which is heard of in the next turn
        QApplication.processEvents()


def advised():
    """Return a run that two notes are told of: an older one that explains, and a problem with two ways out."""
    fixes = Fix("Stop Here", "stop"), Fix("Go On from the Best with Dropout", "resume", {"dropout": 0.1})
    notes = (
        Advice(iter_num=1, code="slept", severity="info", what=SLEPT, why="It counts neither as time nor as speed."),
        Advice(iter_num=2, code="overfitting", severity="problem", what=ROSE, why=BY_HEART, fixes=fixes),
    )
    state = RunState()
    state.start()
    words = Sample(iter_num=2, prompt="", text="ROMEO:\nSo it is.\n" * 9)
    for at, event in enumerate((started(), evaluation(0, 4.0), step(0), step(1), words, *notes, step(2))):
        state.take(event, at)
    return state


def told(window):
    """Return what the notes say that are in sight."""
    cards = [card for card in window.train.stage.findChildren(NoteCard) if card.isVisible()]
    return [label.text() for card in cards for label in card.findChildren(QLabel) if label.isVisible() and label.text()]


def is_scrolled(window):
    """Return whether the page of the run is higher than its room."""
    return window.findChild(QScrollArea, "stage_scroll").verticalScrollBar().maximum() > 0


def test_notes_fold_while_a_run_is_on_until_nothing_has_to_be_scrolled_to(large, qtbot):
    large.train.show_run(advised())
    settle()
    assert told(large) == [ROSE, "1 of 2"]
    assert not is_scrolled(large)
    assert large.findChild(QAbstractButton, "fix_stop_0").isVisible()
    large.resize(1680, 1050)
    settle()
    assert {ROSE, BY_HEART, SLEPT, "iteration 2", "iteration 1"} <= set(told(large))
    large.resize(*Size.WINDOW_LEAST)
    settle()
    press(qtbot, large, "note_dismiss")
    settle()
    assert told(large)[0] == SLEPT
    assert not is_scrolled(large)


def test_notes_that_are_unfolded_count_at_once(large):
    """Else an ended run that is shown twice would think it had room for them."""
    large.train.show_run(advised())
    settle()
    coach = large.findChild(Coach)
    coach.fold(Folded.NOTHING)
    at_once = coach.heightForWidth(coach.width())
    settle()
    assert at_once == coach.heightForWidth(coach.width())


def test_folded_notes_are_left_alone_while_a_run_goes_on(large):
    state = advised()
    large.train.show_run(state)
    settle()
    made = large.train.stage.findChildren(NoteCard)
    for at in range(3, 6):
        state.take(step(at), at)
        large.train.show_run(state)
    assert large.train.stage.findChildren(NoteCard) == made


def test_the_reason_why_a_run_failed_stays_and_the_curve_gives_way(large):
    state = advised()
    state.end(TrainingError("There is not enough memory.", cause=BY_HEART, fixes=(Fix("Halve the Batch", "resume"),)))
    large.train.show_run(state)
    settle()
    assert told(large)[0] == "There is not enough memory."
    assert BY_HEART in told(large)
    assert SLEPT not in told(large)
    assert not is_scrolled(large)
    large.resize(1680, 1050)
    settle()
    assert large.train.stage.loss.isVisible()
