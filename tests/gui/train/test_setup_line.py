"""The one line that the form is while a run is on."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QComboBox, QWidget

from engine.core.config import TrainConfig
from engine.planning.own_presets import AUTOMATIC
from engine.runs.folder import RunFolder
from gui.kit.theme import Size
from gui.train.setup_line import setup_line
from gui.train.state import Phase
from tests.gui.fake_run import endless_run
from tests.gui.hands import press

_SENTENCE = ("dataset_picker", "preset_picker", "minutes_picker", "start_button")


@pytest.mark.parametrize(
    ("model", "minutes", "told"),
    [
        ("Quick", 5.0, "Learning from Alice with Quick for 5 min"),
        ("Tiny", 0.0, "Learning from Alice with Tiny"),
        ("", 90.0, "Learning from Alice for 1 h 30 min"),
    ],
)
def test_it_says_what_learns_from_what_and_for_how_long(model, minutes, told):
    assert setup_line("Alice", model, minutes, 672_000) == f"{told} · 672K parameters"


def test_the_form_gives_way_to_a_run_and_comes_back(qtbot, open_window):
    window = open_window(endless_run)
    part = lambda name: window.findChild(QWidget, name)  # noqa: E731
    stage = window.train.stage
    press(qtbot, window, "setup_details")
    qtbot.waitUntil(lambda: stage.width() < window.width() - Size.SIDEBAR)
    press(qtbot, window, "start_button")
    assert part("setup_line").isVisible()
    assert part("setup_line").text().startswith("Learning from Complete Shakespeare with Quick for 5 min · ")
    assert not any(part(name).isVisible() for name in (*_SENTENCE, "setup_scroll"))
    assert (part("pause_button").isVisible(), part("stop_button").isVisible()) == (True, True)
    assert window.focusWidget().objectName() == "pause_button"
    qtbot.waitUntil(lambda: stage.width() == window.train.width())
    qtbot.waitUntil(lambda: window.train.state.step is not None)
    press(qtbot, window, "stop_button")
    qtbot.waitUntil(lambda: window.train.state.phase is Phase.FINISHED)
    assert all(part(name).isVisible() for name in (*_SENTENCE, "setup_scroll"))
    assert part("setup_line").text().startswith("672K parameters · ")
    qtbot.waitUntil(lambda: stage.width() < window.width() - Size.SIDEBAR)


def test_a_text_in_tokens_of_its_own_is_called_by_its_title(qtbot, open_window):
    window = open_window(endless_run)
    window.train.setup.show_config(TrainConfig(dataset="shakespeare_complete_bpe2048", minutes=5.0))
    press(qtbot, window, "start_button")
    line = window.findChild(QWidget, "setup_line").text()
    assert line.startswith("Learning from Complete Shakespeare for 5 min · ")
    press(qtbot, window, "stop_button")
    qtbot.waitUntil(lambda: not window.train.running)


@pytest.mark.parametrize("text", ["shakespeare_complete", "names"])
def test_a_quick_run_that_went_on_leaves_the_sentence_as_it_was_chosen(qtbot, open_window, text):
    window = open_window(endless_run)
    setup = window.train.setup
    run = RunFolder.new(setup.config())
    run.close()
    setup.choose_text(text)
    setup.head.time.take_minutes(15)
    sentence = lambda: [window.findChild(QComboBox, name).currentText() for name in _SENTENCE[:3]]  # noqa: E731
    before, planned = sentence(), setup.config()
    assert before[1:] == ["Quick", "15 minutes"]
    window.train.resume(run.path)
    line = window.findChild(QWidget, "setup_line").text()
    assert line.startswith("Learning from Complete Shakespeare for 5 min · "), "it is that of the run while it is on"
    qtbot.waitUntil(lambda: window.train.state.step is not None)
    press(qtbot, window, "stop_button")
    qtbot.waitUntil(lambda: window.train.state.phase is Phase.FINISHED)
    assert sentence() == before
    assert (setup.preset, setup.config()) == (AUTOMATIC, planned)
    setup.choose_preset("tiny")
    assert window.findChild(QComboBox, "dataset_picker").currentData() == text


def test_the_settings_of_a_run_under_way_can_be_read_with_the_keyboard(qtbot, open_window):
    window = open_window(endless_run)
    press(qtbot, window, "start_button")
    unfold = window.findChild(QAbstractButton, "setup_details")
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Backtab)
    assert window.focusWidget() is unfold
    qtbot.keyClick(unfold, Qt.Key.Key_Space)
    assert window.findChild(QWidget, "setup_scroll").isVisible()
    assert not window.findChild(QWidget, "reset_all").isEnabled()
    qtbot.keyClick(unfold, Qt.Key.Key_Space)
    assert window.findChild(QWidget, "setup_scroll").isHidden()
    press(qtbot, window, "stop_button")
    qtbot.waitUntil(lambda: not window.train.running)
    assert not window.findChild(QWidget, "setup_scroll").isVisible()  # what was looked at of a run is not kept
