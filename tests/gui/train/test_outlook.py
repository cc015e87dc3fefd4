"""What is expected of a run: in words, and drawn ahead of its curve."""

from dataclasses import replace
from datetime import datetime

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QToolButton

from engine.core.events import Finished, Forecast
from engine.machine.hardware import machine
from engine.planning.presets import presets
from gui.kit import formats
from gui.train.curves import Axis, Unit
from gui.train.lens import Lens
from gui.train.loss_plot import LossPlot
from gui.train.outlook import prospect, rounded, words
from gui.train.plan import MemoryFit, plan, texts
from gui.train.state import RunState
from tests.gui.fake_run import evaluation, started, step

AHEAD = Forecast(
    iter_num=100,
    best_iter=250,
    val_loss=1.5,
    low=1.4,
    high=1.6,
    past=0.1,
    path=((100, 1.9, 2.1), (200, 1.5, 1.8), (300, 1.4, 1.7)),
)


def run_of(forecast=AHEAD):
    state = RunState()
    state.start()
    state.take(started(max_iters=300), 0)
    for n in range(0, 101, 10):
        if n % 50 == 0:
            state.take(evaluation(n, 3.0 - n / 100), n)
        state.take(step(n, 3.0 - n / 100), n)
    if forecast:
        state.take(forecast, 101)
    return state


def told(**changes):
    return words(
        Forecast(
            **{"iter_num": 1000, "best_iter": 2345, "val_loss": 4.68, "low": 4.61, "high": 4.74, "past": 0.0} | changes
        ),
        1360,
    )


def test_what_is_expected_is_a_sentence():
    assert told() == "Best expected at about iteration 2,300 (in 23 min), 4.61 to 4.74"
    assert told(past=0.95, best_iter=750, val_loss=4.59) == "Best at iteration 750, 4.59; no better is expected"
    assert words(None, None) == "Too early to tell where it will be best"


def test_a_place_ahead_is_told_no_finer_than_it_is_known():
    assert [rounded(n) for n in (7, 42, 234, 2345, 19_876)] == [7, 42, 230, 2300, 20_000]


def test_the_run_tells_what_is_expected_while_it_trains():
    state = run_of(forecast=None)
    assert state.view().expected == "Too early to tell where it will be best"
    state.take(AHEAD, 101)
    assert state.view().expected == "Best expected at about iteration 250 (in 2 min), 1.40 to 1.60"
    state.take(Finished(reason="done", iter_num=300, best_val_loss=1.5, seconds=300.0, peak_memory_bytes=0), 300)
    state.end(None)
    assert state.view().expected == ""
    assert state.trace.forecast is None


@pytest.fixture
def plot(qtbot, stylist):
    made = LossPlot()
    qtbot.addWidget(made)
    made.resize(700, 300)
    with qtbot.waitExposed(made):
        made.show()
    state = run_of()
    made.plot.show_trace(state.trace, ())
    made.show_expected(state.view().expected)
    made.show_all()
    made.run = state
    QApplication.processEvents()
    return made


def test_the_band_lies_ahead_of_the_curve_and_in_sight(plot):
    ahead = plot.plot.ahead
    assert ahead.low.xData.tolist() == [100, 200, 300]
    assert ahead.low.yData.tolist() == [1.9, 1.5, 1.4]
    assert ahead.high.yData.tolist() == [2.1, 1.8, 1.7]
    assert [(p.pos().x(), p.pos().y()) for p in ahead.best.points()] == [(250, 1.5)]
    (first, last), (bottom, top) = plot.plot.area.viewRange()
    assert first <= 0 < 300 <= last
    assert bottom < 1.4 < 3.0 < top


def test_it_is_drawn_along_each_axis_and_in_each_unit(plot):
    plot.plot.look_through(Lens(Axis.TIME, Unit.NATS, log=True))
    x = plot.plot.ahead.low.xData
    assert x[2] - x[1] == pytest.approx(x[1] - x[0], rel=0.05)  # as fast as so far
    assert plot.plot.ahead.high.yData[0] == pytest.approx(0.322, abs=1e-3)  # log10 of 2.1


def test_the_band_can_be_left_out(qtbot, plot):
    plot.findChild(QToolButton, "loss_ahead").click()
    assert len(plot.plot.ahead.low.xData) == 0
    assert plot.plot.area.viewRange()[0][1] < 200
    plot.findChild(QToolButton, "loss_ahead").click()
    assert len(plot.plot.ahead.low.xData) == 3


def test_the_words_stand_over_the_plot(plot):
    assert plot.findChild(QLabel, "loss_expected").text().startswith("Best expected at about iteration 250")
    plot.show_expected("")
    assert not plot.findChild(QLabel, "loss_expected").isVisible()


def test_a_run_whose_best_is_past_has_no_mark_ahead(plot):
    plot.run.take(Forecast(iter_num=100, best_iter=50, val_loss=1.5, low=1.4, high=1.5, past=0.99, path=AHEAD.path), 0)
    plot.plot.show_trace(plot.run.trace, ())
    plot.show_all()
    assert not len(plot.plot.ahead.best.points())


NOON = datetime(2026, 11, 28, 12, 0)  # a Saturday


@pytest.mark.parametrize(
    ("minutes", "seconds", "when"),
    [
        (5.0, None, "done at 12:05"),
        (5.0, 300.0, "done at 12:05"),
        (5.0, 120.0, "about 2 min, done at 12:02"),
        (0.0, 20 * 60.0, "about 20 min, done at 12:20"),
        (0.0, 13 * 3600.0, "about 13 h 00 min, done tomorrow at 01:00"),
        (0.0, 50 * 3600.0, "about 2 d 2 h, done Monday at 14:00"),
        (0.0, 9 * 24 * 3600.0, "about 9 d"),
        (0.0, None, "time not measured yet"),
    ],
)
def test_a_plan_says_when_it_will_be_done(minutes, seconds, when):
    config = presets()["tiny"].config(minutes=minutes)
    made = replace(plan(config, texts()[0], machine(), "cpu"), seconds=seconds)
    size, memory, *time = prospect(made, NOON).split(" · ")
    assert size == f"{formats.count(made.parameters.total)} parameters"
    assert memory == formats.memory(made.memory.total)
    assert time == [when]
    assert f"{made.memory_text}, tight" in prospect(replace(made, fit=MemoryFit.TIGHT), NOON)
