"""A run that will not fit is not begun unless it is asked for all the same."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel

from engine.core.config import TrainConfig
from engine.machine import hardware
from engine.planning.room import require_room
from gui.train.coach import NoteCard
from gui.train.refusal import ANYWAY, refusal
from gui.train.state import Phase
from tests.gui.fake_run import endless_run

BIG = {"n_layer": 12, "n_head": 12, "n_embd": 768, "block_size": 1024, "batch_size": 64, "recipe": "guide"}


@pytest.fixture
def small_machine(monkeypatch):
    """Have two gigabytes for training."""
    real = hardware.machine()
    monkeypatch.setattr("engine.planning.room.machine", lambda: _with_limit(real))


def _with_limit(real):
    return type("Machine", (), {"memory_limit_bytes": 2 * 2**30, "memory_bytes": real.memory_bytes})


def words(window):
    return " ".join(label.text() for card in window.findChildren(NoteCard) for label in card.findChildren(QLabel))


def press(qtbot, window, text):
    (made,) = (each for each in window.findChildren(QAbstractButton) if each.text() == text and each.isVisible())
    qtbot.mouseClick(made, Qt.MouseButton.LeftButton)


@pytest.fixture
def window(open_window, small_machine):
    """Return a window that was asked to train what will not fit."""
    made = open_window(endless_run)
    made.train.setup.show_config(TrainConfig(**BIG, dataset="shakespeare_complete", max_iters=1000))
    made.train.start()
    return made


@pytest.mark.usefixtures("small_machine")
def test_a_run_that_fits_is_not_refused():
    assert refusal(TrainConfig(n_layer=2, n_head=2, n_embd=64, block_size=32, dataset="shakespeare_complete")) is None


def test_what_will_not_fit_is_not_begun_and_what_would_is_told(window):
    assert not window.train.running
    assert window.train.state.phase is Phase.FAILED
    told = words(window)
    assert "will not fit" in told
    assert "2.0 GB" in told
    assert "It fits with " in told
    assert "--" not in told
    assert window.findChild(QAbstractButton, "start_button").isVisible()


def test_make_it_fit_changes_the_settings_and_begins(window, qtbot):
    press(qtbot, window, "Make It Fit")
    qtbot.waitUntil(lambda: window.train.state.step is not None)
    require_room(window.train.setup.config())
    assert window.train.setup.config().batch_size < BIG["batch_size"]


def test_it_begins_anyway_when_that_is_asked_for(window, qtbot):
    press(qtbot, window, ANYWAY.label)
    qtbot.waitUntil(lambda: window.train.state.step is not None)
    assert window.train.setup.config().batch_size == BIG["batch_size"]
