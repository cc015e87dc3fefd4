"""The page of a run: the words over the curve as a band, or the plot with all its tools, as a person chose."""

from itertools import pairwise

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QSlider, QWidget

from engine.core.events import Sample
from engine.core.paths import runs_dir
from gui.kit import preferences
from gui.kit.theme import Size
from gui.train.state import RunState
from tests.gui.hands import press
from tests.gui.train.hands import run_that_wrote
from tests.gui.train.test_curtain import ended_run

_TOOLS = ("loss_compare", "loss_axis", "loss_unit", "loss_log", "loss_ahead", "loss_share", "loss_fit", "small_plots")


@pytest.fixture
def window(open_window):
    made = open_window()
    made.train.show_run(run_that_wrote(0, 50, 100))
    return made


def part(window, name):
    return window.findChild(QWidget, name)


def test_what_it_writes_is_the_stage_and_the_curve_a_band_beneath(qtbot, window):
    words, plot = part(window, "film_text"), part(window, "loss_plot")
    qtbot.waitUntil(lambda: part(window, "loss_card").height() == Size.BAND)
    assert plot.isVisible()
    assert words.height() > part(window, "loss_card").height()
    assert words.mapTo(window, QPointF(0, 0)).y() < plot.mapTo(window, QPointF(0, 0)).y()
    assert words.property("role") == "verse"
    assert not any(part(window, name).isVisible() for name in _TOOLS)
    assert len(plot.raw.xData) == 11


def test_the_plot_is_one_click_away_and_back_and_the_choice_is_remembered(qtbot, window, open_window):
    choice = part(window, "stage_choice_button")
    assert choice.text() == choice.accessibleName() == "Show Plot"
    press(qtbot, window, "stage_choice_button")
    assert choice.text() == choice.accessibleName() == "Show Words"
    assert all(part(window, name).isVisible() for name in _TOOLS)
    assert part(window, "film_text").property("role") == "script"
    qtbot.waitUntil(lambda: part(window, "loss_plot").height() >= Size.PLOT)
    another = open_window()
    another.train.show_run(run_that_wrote(0))
    assert all(part(another, name).isVisible() for name in _TOOLS)
    press(qtbot, another, "stage_choice_button")
    assert not any(part(another, name).isVisible() for name in _TOOLS)
    assert preferences.shows_words()


def test_the_choice_is_offered_only_where_there_is_a_run(open_window):
    window = open_window()
    assert not part(window, "stage_choice_button").isVisible()
    assert part(window, "loss_plot") is not None
    window.train.show_run(run_that_wrote())
    assert part(window, "stage_choice_button").isVisible()
    window.train.show_run(RunState())
    assert not part(window, "stage_choice_button").isVisible()


def test_the_playhead_stands_at_the_words_that_are_shown_and_leads_to_them(qtbot, window):
    plot, slider = part(window, "loss_plot"), window.findChild(QSlider, "film_slider")
    words = window.findChild(QPlainTextEdit, "film_text")
    assert (plot.moment.isVisible(), plot.moment.value()) == (True, 100)
    qtbot.keyClick(slider, Qt.Key.Key_Left)
    assert (plot.moment.value(), words.toPlainText()) == (50, "sample of 50")
    area = plot.area
    plot.point(area.mapViewToScene(QPointF(8.0, sum(area.viewRange()[1]) / 2)))
    assert (plot.moment.value(), words.toPlainText()) == (0, "sample of 0")


def test_the_playhead_is_seen_where_words_are_newer_than_the_last_loss(qtbot, window):
    window.train.show_run(run_that_wrote(0, 100, 180))
    area = part(window, "loss_plot").area
    assert part(window, "loss_plot").moment.value() == 180
    assert area.viewRange()[0][1] > 180


def test_a_sample_that_comes_is_revealed_and_an_old_one_stands_there_at_once(qtbot, window):
    words, state = window.findChild(QPlainTextEdit, "film_text"), run_that_wrote(0)
    window.train.show_run(state)
    verse = "Now is the winter of our discontent made glorious summer " * 3
    state.take(Sample(iter_num=100, prompt="", text=verse), 200)
    window.train.show_run(state)
    assert words.revealing
    assert verse.startswith(words.toPlainText())
    qtbot.waitUntil(lambda: words.toPlainText() == verse)
    press(qtbot, window, "film_earlier")
    press(qtbot, window, "film_later")
    assert words.toPlainText() == verse
    assert not words.revealing


@pytest.mark.parametrize("ended", [False, True], ids=["running", "ended"])
@pytest.mark.parametrize("words", [False, True], ids=["plot", "words"])
def test_the_tab_key_goes_through_the_stage_in_reading_order(qtbot, open_window, ended, words):
    preferences.set_flag("stage/words", words)
    window = open_window()
    window.resize(*Size.WINDOW)
    window.train.show_run(ended_run(runs_dir() / "play") if ended else run_that_wrote(0, 50, 100))
    stage = window.train.stage
    part(window, "run_title").setFocus()
    reached = []
    while (here := QApplication.focusWidget()) not in reached:
        reached.append(here)
        qtbot.keyClick(here, Qt.Key.Key_Tab)
    on_stage = [stage.isAncestorOf(each) for each in reached]
    assert on_stage == sorted(on_stage, reverse=True), "nothing else comes between"
    places = [each.mapTo(stage, each.rect().topLeft()) for each, here in zip(reached, on_stage, strict=True) if here]
    for (one, place), (_, following) in pairwise(zip(reached, places, strict=False)):
        below = following.y() >= place.y() + one.height()
        assert below or following.x() > place.x(), f"after {one.objectName()}"
    assert len(places) > 5


def test_no_word_goes_beyond_the_room_there_is(qtbot, open_window):
    noise = "%XA,FFLd!D_X#.r%UsL,Vlt4l;S!rg2vYcm(}QjHFdFz0bX(TGgLLuPIX`.x5WyTe>jVJ|IngmODe.<xdD:9;H74Rxj.q"
    window = open_window()
    window.train.show_run(run_that_wrote(0, words=noise))
    words = window.findChild(QPlainTextEdit, "film_text")
    first = words.document().firstBlock()

    def wide():
        return words.document().documentLayout().blockBoundingRect(first).width()

    qtbot.waitUntil(lambda: 0 < wide() <= words.viewport().width())
