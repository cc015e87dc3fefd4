"""Playing through the samples of a run: which are shown, for how long, and what ends it."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QAbstractButton, QLabel, QPlainTextEdit, QSlider

from gui.kit import preferences
from gui.train import replay
from gui.train.replay import LASTS_MS, LEAST_MS, MOST_MS, Replay, picked
from tests.gui.hands import press
from tests.gui.train.hands import run_that_wrote


@pytest.mark.parametrize("count", [0, 1, 2, 10, 66, 67, 1000])
def test_all_samples_are_shown_or_as_many_as_ten_seconds_hold(count):
    shown = picked(count)
    assert shown == sorted(set(shown))
    assert len(shown) == min(count, LASTS_MS // LEAST_MS)
    assert shown[:1] + shown[1:][-1:] == list(range(count))[:1] + list(range(count))[1:][-1:]


@pytest.mark.parametrize("count", [2, 10, 40, 5000])
def test_it_takes_ten_seconds_or_less_where_there_is_little(qtbot, count):
    made = Replay()
    made.play(count)
    assert LEAST_MS <= made.interval <= MOST_MS
    whole = made.interval * len(picked(count))
    assert whole <= LASTS_MS
    assert whole >= LASTS_MS * 0.95 or made.interval == MOST_MS
    made.stop()
    assert not made.is_playing


@pytest.fixture
def quick(monkeypatch):
    """Let a sample be shown for a moment only."""
    monkeypatch.setattr(replay, "MOST_MS", 1)


@pytest.fixture
def window(open_window):
    made = open_window()
    made.train.show_run(run_that_wrote(0, 10, 50, 100))
    return made


def texts(window):
    return window.findChild(QPlainTextEdit, "film_text")


def test_play_runs_from_the_first_words_to_the_last_with_the_playhead(qtbot, window, quick):
    play, plot = window.findChild(QAbstractButton, "film_play"), window.train.stage.loss.plot
    moments = []
    window.train.stage.film.moment_changed.connect(lambda at: moments.append((at, plot.moment.value())))
    assert (play.text(), play.accessibleName()) == ("Play", "Play from the first noise to now")
    press(qtbot, window, "film_play")
    qtbot.waitUntil(lambda: play.text() == "Play")
    assert [at for at, _ in moments] == [0, 10, 50, 100]
    assert texts(window).toPlainText() == "sample of 100"
    assert plot.moment.value() == 100


def test_each_moment_says_after_how_much_training_it_was(qtbot, window):
    press(qtbot, window, "film_play")
    told = [label.text() for label in window.train.stage.film.tools.findChildren(QLabel)]
    assert told == ["iteration 0 · after 0 s"]
    window.findChild(QSlider, "film_slider").setValue(2)
    seconds = window.train.state.curves.steps.column("seconds")
    told = [label.text() for label in window.train.stage.film.tools.findChildren(QLabel)]
    assert told == [f"iteration 50 · after {seconds[4] + 0.9 * (seconds[5] - seconds[4]):.0f} s"]


@pytest.mark.parametrize("how", ["button", "escape", "slider", "arrow", "another run"])
def test_a_person_ends_it_and_stays_at_that_moment(qtbot, window, how):
    play = window.findChild(QAbstractButton, "film_play")
    press(qtbot, window, "film_play")
    assert play.text() == "End"
    assert texts(window).toPlainText() == "sample of 0"
    match how:
        case "button":
            press(qtbot, window, "film_play")
        case "escape":
            qtbot.keyClick(window.focusWidget() or window, Qt.Key.Key_Escape)
        case "slider":
            qtbot.keyClick(window.findChild(QSlider, "film_slider"), Qt.Key.Key_Right)
        case "arrow":
            press(qtbot, window, "film_later")
        case "another run":
            window.train.show_run(run_that_wrote(20))
    assert play.text() == "Play"
    shown = {"slider": "10", "arrow": "10", "another run": "20"}.get(how, "0")
    assert texts(window).toPlainText() == f"sample of {shown}"


def test_a_sample_that_comes_meanwhile_does_not_interrupt(qtbot, window):
    state = window.train.state
    press(qtbot, window, "film_play")
    window.train.show_run(run_that_wrote(0, 10, 50, 100, 110))
    assert state is not window.train.state
    assert texts(window).toPlainText() == "sample of 0"
    assert window.findChild(QAbstractButton, "film_play").text() == "End"
    press(qtbot, window, "film_play")


def test_only_the_run_is_stopped_by_a_stop(qtbot, window):
    press(qtbot, window, "film_play")
    shown = [each.text() for each in window.findChildren(QAbstractButton) if each.isVisible()]
    assert shown.count("Stop") == 1
    press(qtbot, window, "film_play")


def test_where_motion_is_reduced_it_steps_without_revealing(qtbot, open_window):
    preferences.set_flag("reduce_motion", True)
    window = open_window()
    window.train.show_run(run_that_wrote(0, 10, words="to be or not to be " * 20))
    press(qtbot, window, "film_play")
    assert not texts(window).revealing
    press(qtbot, window, "film_play")


def test_there_is_nothing_to_play_with_one_sample(open_window):
    window = open_window()
    window.train.show_run(run_that_wrote(0))
    assert not window.findChild(QAbstractButton, "film_play").isEnabled()
    spy = QSignalSpy(window.train.stage.film.moment_changed)
    assert spy.count() == 0
