"""What is always in sight: the sentence, what comes of it, and what leads out of a plan that cannot work."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QWidget

from engine.planning.calibration import IterationShape, Measurement
from engine.planning.own_presets import AUTOMATIC
from engine.planning.presets import presets
from engine.runs.run_summary import RunSummary
from gui.kit import preferences
from gui.kit.theme import Size
from gui.train.state import Phase
from tests.gui.cramped import cramped
from tests.gui.fake_run import endless_run
from tests.gui.hands import choose_preset, press, show_details

SENTENCE = ("dataset_picker", "preset_picker", "minutes_picker", "start_button", "setup_line", "setup_details")


def part(window, name):
    return window.findChild(QWidget, name)


def line(window):
    return window.findChild(QLabel, "setup_line")


def is_primary(window, name):
    made = part(window, name)
    return made.isVisible() and made.property("role") == "primary"


def measured(seconds_per_iter):
    """Return what was measured of Tiny on this processor."""
    told = {"device": "cpu", "dtype": "float32", "torch": "", "threads": 2, "source": "calibration", "flops": 10**9}
    shape = IterationShape.of(presets()["tiny"].config(), 50304)
    return Measurement(shape=shape, seconds_per_iter=seconds_per_iter, low=0.01, high=100.0, **told)


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_all_of_the_sentence_is_in_sight_in_the_smallest_window(qtbot, open_window, scale):
    window = open_window()
    window.set_text_scale(scale)
    window.resize(*Size.WINDOW_LEAST)
    QApplication.processEvents()
    area = QRect(QPoint(), window.size())
    assert (window.width(), window.height()) == Size.WINDOW_LEAST
    for name in SENTENCE:
        made = part(window, name)
        assert made.isVisible()
        assert area.contains(QRect(made.mapTo(window, QPoint()), made.size())), name


def test_the_line_follows_what_is_chosen(qtbot, open_window):
    window = open_window()
    assert line(window).text().startswith("672K parameters · 155 MB · done at ")
    choose_preset(qtbot, window, "small")
    assert line(window).text() == "16.1M parameters · 402 MB · time not measured yet"
    window.train.setup.change({"dropout": 0.1})
    assert line(window).text().endswith(" · 1 setting changed")
    window.train.setup.choose_text("shakespeare")
    assert "downloads 1.1 MB first" in line(window).text()


def test_what_takes_for_ever_leads_to_what_does_not(qtbot, open_window):
    window = open_window()
    window.train.setup.use_measurements([measured(2.0)])
    choose_preset(qtbot, window, "tiny")
    assert ", done " in line(window).text()
    assert is_primary(window, "start_button")
    choose_preset(qtbot, window, "large")
    assert line(window).text().startswith("It would take ")
    assert line(window).text().endswith(" d here")
    assert not is_primary(window, "start_button")
    press(qtbot, window, "way_out_button")
    assert window.train.setup.preset == "tiny"
    assert is_primary(window, "start_button")


def test_a_setting_to_correct_is_gone_to(qtbot, open_window):
    window = open_window()
    assert is_primary(window, "start_button")
    window.train.setup.change({"n_head": 3})
    assert line(window).text() == "1 setting to correct: n_embd"
    assert not is_primary(window, "start_button")
    assert is_primary(window, "way_out_button")
    assert part(window, "way_out_button").accessibleName() == "Correct n_embd"
    press(qtbot, window, "way_out_button")
    assert window.focusWidget().objectName() == "setting_n_embd"
    press(qtbot, window, "reset_all")
    assert is_primary(window, "start_button")
    assert not part(window, "way_out_button").isVisible()


def test_what_will_not_fit_is_made_to_fit(qtbot, open_window):
    window = open_window()
    choose_preset(qtbot, window, "large")
    window.train.setup.change({"batch_size": 256})
    assert line(window).text().startswith("It will not fit: ")
    assert part(window, "way_out_button").text() == "Use What Fits"
    assert part(window, "start_button").property("role") == "tall"
    press(qtbot, window, "way_out_button")
    assert window.train.setup.config().batch_size < 256
    assert is_primary(window, "start_button")


def test_a_text_that_has_gone_asks_for_another(qtbot, open_window):
    window = open_window()
    window.train.setup.choose_text("gone")
    assert line(window).text() == "“gone” is not there any more."
    press(qtbot, window, "way_out_button")
    picker = window.findChild(QComboBox, "dataset_picker")
    assert picker.view().isVisible()
    picker.hidePopup()
    window.train.setup.choose_text("shakespeare_complete")
    assert is_primary(window, "start_button")


def test_the_details_are_remembered(qtbot, open_window):
    window = open_window()
    assert not part(window, "setup_scroll").isVisible()
    show_details(window)
    assert not preferences.shows_details()  # nobody asked for them
    window.findChild(QAbstractButton, "setup_details").setChecked(False)
    press(qtbot, window, "setup_details")
    assert preferences.shows_details()
    other = open_window()
    assert part(other, "setup_scroll").isVisible()
    press(qtbot, other, "setup_details")
    assert not part(other, "setup_scroll").isVisible()
    assert not preferences.shows_details()


def test_tab_goes_through_the_sentence_as_it_is_read(qtbot, open_window):
    window = open_window()
    part(window, SENTENCE[0]).setFocus()
    for name in (*SENTENCE[1:4], "setup_details"):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        assert QApplication.focusWidget().objectName() == name


def test_the_next_step_of_an_ended_run_is_elsewhere(qtbot, open_window):
    window = open_window(endless_run)
    window.train.start()
    qtbot.waitUntil(lambda: window.train.state.phase is Phase.TRAINING)
    assert line(window).text() == "Learning from Complete Shakespeare with Quick for 5 min · 672K parameters"
    window.train.stop()
    qtbot.waitUntil(lambda: not window.train.running)
    assert window.findChild(QAbstractButton, "start_button").property("role") == "tall"
    assert window.train.setup.preset == AUTOMATIC
    assert all(part(window, name).isVisible() for name in SENTENCE)


def test_the_button_stays_with_the_sentence_after_a_run_in_large_text(qtbot, open_window):
    window = open_window()
    window.set_text_scale(1.5)
    window.resize(*Size.WINDOW_LEAST)
    window.train.start()
    qtbot.waitUntil(lambda: window.train.state.phase is Phase.FINISHED)
    QApplication.processEvents()
    middle = {part(window, name).mapTo(window, part(window, name).rect().center()).y() for name in SENTENCE[:4]}
    assert max(middle) - min(middle) <= 1
    choose_preset(qtbot, window, "medium-m4")  # longer: the sentence takes two lines, and the last word the button
    y = {name: part(window, name).mapTo(window, part(window, name).rect().center()).y() for name in SENTENCE[:4]}
    assert y["start_button"] == pytest.approx(y["minutes_picker"], abs=1)


def test_the_offer_to_go_on_is_whole_beside_the_details_in_large_text(qtbot, open_window):
    window = open_window()
    window.set_text_scale(1.5)
    window.resize(*Size.WINDOW_LEAST)
    show_details(window)
    now = datetime(2026, 3, 1, tzinfo=UTC)
    name = "Complete Shakespeare, Saturday 04:28"
    window.train.offer(
        RunSummary(name=name, path=Path("/runs/a"), status="stopped", created=now, modified=now, iter_num=240)
    )
    QApplication.processEvents()
    assert part(window, "offer_resume").isVisible()
    assert part(window, "offer_words").text().startswith(f"Or go on with “{name}”")
    assert cramped(window) == []
