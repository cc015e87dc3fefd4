"""The loss plot as a person reads it: crosshair, axes, zoom, other runs, and what is taken along."""

import math
from itertools import combinations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QGuiApplication, QWheelEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QListWidget, QToolButton

from engine.datasets.quality import Ladder, Rung
from gui.kit import formats
from gui.kit.background import Background
from gui.train.comparison import MOST, ComparedRuns
from gui.train.curves import Axis, Unit
from gui.train.lens import Lens
from gui.train.loss_plot import LossPlot
from gui.train.reading import values_at
from gui.train.record import RunTrace, read_trace
from gui.train.sight import widths
from gui.train.small_plots import SmallPlots
from gui.train.state import RunState
from tests.gui.fake_run import evaluation, recorded, started, step
from tests.gui.hands import name_file

RUNGS = (Rung("random", "", 4.2, 2.1), Rung("unigram", "", 3.3, 1.6), Rung("bigram", "", 2.5, 1.2))


def told(*events):
    state = RunState()
    for at, event in enumerate(events):
        state.take(event, at)
    return state


def run_of(iterations=200, every=10):
    state = RunState()
    state.take(started(max_iters=iterations), 0)
    for n in range(0, iterations, every):
        if n % 50 == 0:
            state.take(evaluation(n, 4 * math.exp(-n / 100) + 1), n)
        state.take(step(n, 4 * math.exp(-n / 100) + 1.1), n)
    return state


@pytest.fixture
def plot(qtbot, stylist):
    made = LossPlot()
    qtbot.addWidget(made)
    made.resize(700, 300)
    with qtbot.waitExposed(made):
        made.show()
    state = run_of()
    made.plot.show_trace(state.trace, RUNGS)
    made.show_all()
    made.run = state
    QApplication.processEvents()
    return made


def spot(plot, x):
    """Return the place on screen of a value of x, in the middle of the height."""
    area = plot.plot.area
    scene = area.mapViewToScene(QPointF(x, sum(area.viewRange()[1]) / 2))
    return plot.plot.mapFromScene(scene)


def turn(plot, x, notches, *, sideways=False):
    at, delta = spot(plot, x), QPoint(notches * 120 * sideways, notches * 120 * (not sideways))
    event = QWheelEvent(
        QPointF(at),
        QPointF(plot.plot.viewport().mapToGlobal(at)),
        QPoint(),
        delta,
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(plot.plot.viewport(), event)


def seen(plot):
    return tuple(plot.plot.area.viewRange()[0])


def choose(plot, name, wanted):
    box = plot.findChild(QComboBox, name)
    box.setCurrentIndex(box.findData(wanted))


def test_the_arrow_keys_read_all_values(qtbot, plot):
    qtbot.keyClick(plot.plot, Qt.Key.Key_Left)
    qtbot.keyClick(plot.plot, Qt.Key.Key_Left)
    assert plot.plot.pointer.line.value() == 180
    told = plot.reading.text()
    for words in ("iteration 180", "train 1.76", "smoothed", "validation 1.89", "lr 1.0e-3", "grad norm 1.00"):
        assert words in told
    assert "learning rate 1.0e-3" in plot.plot.accessibleDescription()
    qtbot.keyClick(plot.plot, Qt.Key.Key_Escape)
    assert not plot.plot.pointer.line.isVisible()
    assert plot.reading.text().startswith("iteration 190 ")


def test_values_are_those_of_the_iteration_and_the_validation_before_it(plot):
    values = values_at(plot.run.trace, 7, Unit.NATS)
    assert (values.iter_num, values.loss) == (70, pytest.approx(4 * math.exp(-0.7) + 1.1))
    assert values.validation == pytest.approx(4 * math.exp(-0.5) + 1)
    bits = values_at(plot.run.trace, 7, Unit.BITS)
    assert bits.loss == pytest.approx(values.loss * 1024 / 4096 / math.log(2))


@pytest.mark.parametrize(
    ("axis", "third"), [(Axis.ITERATION, 20), (Axis.TOKENS, 20 * 1024), (Axis.EPOCH, 2), (Axis.TIME, 0.21 / 60)]
)
def test_the_curve_is_drawn_along_the_chosen_axis(plot, axis, third):
    plot.mark_moment(20)
    choose(plot, "loss_axis", axis)
    assert plot.plot.raw.xData[2] == pytest.approx(third)
    assert plot.plot.moment.value() == pytest.approx(third)
    assert plot.plot.points.getData()[0][1] == pytest.approx(plot.plot.lens.x(plot.run.trace, np.array([50.0]))[0])


def test_bits_per_byte_and_a_logarithmic_axis_move_everything_alike(qtbot, plot):
    nats = plot.run.trace.curves.steps.column("loss")
    share = 1024 / 4096 / math.log(2)
    choose(plot, "loss_unit", Unit.BITS)
    qtbot.mouseClick(plot.findChild(QAbstractButton, "loss_log"), Qt.MouseButton.LeftButton)
    assert np.allclose(plot.plot.raw.yData, np.log10(nats * share))
    assert plot.plot.rungs.lines["unigram"].value() == pytest.approx(math.log10(3.3 * share))
    assert plot.plot.best.getData()[1][0] == pytest.approx(math.log10((4 * math.exp(-1.5) + 1) * share))
    assert plot.plot.axis("left").tickStrings([math.log10(1.5)], 1, 1) == ["1.5"]


def test_the_rungs_stand_where_the_text_has_them(plot):
    assert {name: line.value() for name, line in plot.plot.rungs.lines.items()} == {
        rung.name: rung.loss for rung in RUNGS
    }
    assert all(line.isVisible() for line in plot.plot.rungs.lines.values())
    plot.plot.show_trace(plot.run.trace, RUNGS[:1])
    plot.plot.draw()
    assert [name for name, line in plot.plot.rungs.lines.items() if line.isVisible()] == ["random"]


def test_the_names_of_rungs_are_seen_whole_and_over_no_other_and_no_curve_or_not_at_all(plot):
    seen = 0
    lines = plot.plot.rungs.lines
    for loss in np.linspace(0.2, 6.0, 20):
        plot.plot.show_trace(plot.run.trace, tuple(Rung(name, "", float(loss), 1.0) for name in lines))
        plot.plot.draw()
        plot.plot.grab()
        whole = plot.plot.area.sceneBoundingRect().adjusted(0, -1, 0, 1)
        labels = [line.label for line in lines.values() if line.label.opacity()]
        places = [label.mapRectToScene(label.boundingRect()) for label in labels]
        seen += len(places)
        assert all(whole.top() <= place.top() and place.bottom() <= whole.bottom() for place in places)
        assert not any(one.adjusted(1, 1, -1, -1).intersects(other) for one, other in combinations(places, 2))
        x, y = plot.plot.raw.getData()
        points = [plot.plot.area.mapViewToScene(QPointF(*point)) for point in zip(x, y, strict=True)]
        assert not any(place.contains(point) for place in places for point in points)
    assert seen > 20


def test_a_rung_that_the_curve_comes_close_to_is_seen_with_its_name(plot):
    lowest = np.nanmin(plot.plot.validation.yData)
    plot.plot.show_trace(plot.run.trace, (Rung("bigram", "", float(lowest) - 0.1, 1.0),))
    plot.plot.draw()
    assert plot.plot.area.viewRange()[1][0] < lowest - 0.1
    assert plot.plot.rungs.lines["bigram"].label.opacity() == 1


def test_a_wheel_zooms_about_the_pointer_and_the_button_goes_back(qtbot, plot):
    whole = seen(plot)
    turn(plot, 50, 4)
    first, last = seen(plot)
    assert whole[0] < first < 50 < last < whole[1]
    assert last - first == pytest.approx((whole[1] - whole[0]) * 0.8**4)
    turn(plot, 50, -1, sideways=True)
    assert seen(plot)[0] > first
    qtbot.mouseClick(plot.findChild(QAbstractButton, "loss_fit"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: seen(plot) == pytest.approx(whole, rel=0.01))
    assert plot.plot.follows


def test_keys_zoom_and_pan_too(qtbot, plot):
    whole = seen(plot)
    qtbot.keyClick(plot.plot, Qt.Key.Key_Plus)
    zoomed = seen(plot)
    assert zoomed[1] - zoomed[0] < whole[1] - whole[0]
    qtbot.keyClick(plot.plot, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert seen(plot)[0] > zoomed[0]
    qtbot.keyClick(plot.plot, Qt.Key.Key_Escape)
    assert plot.plot.follows


def test_the_small_plots_share_the_axis(qtbot, plot):
    small = SmallPlots(plot)
    qtbot.addWidget(small)
    small.show()
    small.show_trace(plot.run.trace)
    turn(plot, 50, 4)
    for tile in small.tiles:
        qtbot.waitUntil(lambda tile=tile: tile.curve.span == pytest.approx(seen(plot)))


def test_the_ring_around_the_best_is_whole_at_the_end_of_a_run(plot):
    area, best = plot.plot.area, plot.plot.best
    assert best.getData()[0][-1] == 150
    low, high = widths((0.0, 150.0), None)
    ring = best.opts["size"] / 2 + best.opts["pen"].widthF() / 2
    assert (high - 150) / (high - low) * area.width() >= ring
    assert area.width() < 700


def test_before_the_first_loss_no_values_stand_at_the_axes(qtbot, stylist):
    empty = LossPlot()
    qtbot.addWidget(empty)
    empty.plot.show_trace(RunTrace(), ())
    empty.plot.draw()
    assert not empty.plot.axis("left").style["showValues"]
    empty.plot.show_trace(run_of().trace, ())
    empty.plot.draw()
    assert empty.plot.axis("left").style["showValues"]


def test_a_growing_curve_is_followed_and_all_of_it_seen(plot):
    state = plot.run
    for n in range(200, 600, 10):
        state.take(step(n, 1.0 + n / 100), n)
        plot.plot.show_trace(state.trace, RUNGS)
        plot.plot.draw()
        first, last = seen(plot)
        assert first <= 0
        assert n <= last
        low, high = plot.plot.area.viewRange()[1]
        assert low < 1.8
        assert high > 1.0 + n / 100
    assert plot.plot.follows


def test_a_click_and_a_drag_choose_moments(qtbot, plot):
    chosen = []
    plot.moment_chosen.connect(chosen.append)
    canvas = plot.plot.viewport()
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=spot(plot, 48))
    assert chosen == [50]
    whole = seen(plot)
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=spot(plot, 60))
    for x in (80, 100, 120):
        qtbot.mouseMove(canvas, spot(plot, x))
        QApplication.processEvents()
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=spot(plot, 140))
    assert chosen[-1] == 140
    assert seen(plot) == whole
    qtbot.keyClick(plot.plot, Qt.Key.Key_Left)
    qtbot.keyClick(plot.plot, Qt.Key.Key_Return)
    assert chosen[-1] == 130


def test_a_million_points_are_drawn_as_a_few_hundred(plot):
    rows = np.column_stack([np.arange(1e6), *[np.random.default_rng(1).random(10**6)] * 6])
    trace = plot.run.trace
    trace.curves.steps.cut(0)
    trace.curves.steps.extend(np.column_stack([rows, np.arange(1e6)]))
    plot.show_all()
    assert len(plot.plot.raw.xData) < 700
    assert plot.plot.raw.xData[-1] == 999_999
    plot.plot.area.setXRange(1000, 1200, padding=0)
    plot.plot.draw()
    assert list(plot.plot.raw.xData) == list(range(999, 1202))


def test_the_plot_is_copied_and_saved(qtbot, plot, tmp_path):
    share = plot.findChild(QToolButton, "loss_share").menu()
    share.findChild(QAction, "loss_copy_action").trigger()
    assert not QGuiApplication.clipboard().pixmap().isNull()
    for ending, begins in (("png", b"\x89PNG"), ("svg", b"<?xml"), ("csv", b"iter_num,loss")):
        share.findChild(QAction, f"loss_save_{ending}_action").trigger()
        name_file(plot, "save_plot_sheet", tmp_path / f"loss.{ending}")
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        qtbot.waitUntil((tmp_path / f"loss.{ending}").exists)
        assert (tmp_path / f"loss.{ending}").read_bytes().startswith(begins)
    lines = (tmp_path / "loss.csv").read_text().splitlines()
    assert len(lines) == 1 + 20 + 4
    assert len({line.count(",") for line in lines}) == 1
    with qtbot.waitSignal(plot.failed) as told:
        plot.save(str(tmp_path / "nowhere" / "loss.csv"))
    assert told.args[0].message == "The plot was not saved."


# other runs


@pytest.fixture
def runs(tmp_path, monkeypatch):
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path))
    folder = tmp_path / "runs"
    for number in range(MOST + 2):
        losses = (evaluation(n, 3 + number - n / 100) for n in (0, 50, 100))
        told = started(tokens_per_iter=512), *(step(n, 5.0) for n in range(0, 101, 10)), *losses
        recorded(folder / f"run-{number}", *told, name="" if number else "The First")
    return folder


@pytest.fixture
def comparison(plot, runs):
    background = Background(plot)
    made = ComparedRuns(background, plot)
    plot.compare_asked.connect(lambda beside: setattr(made, "chooser", made.ask(beside, runs / "run-1")))
    plot.other_dropped.connect(made.drop)
    made.changed.connect(plot.show_others)
    return made


def offered(qtbot, plot, comparison):
    qtbot.mouseClick(plot.findChild(QAbstractButton, "loss_compare"), Qt.MouseButton.LeftButton)
    listed = comparison.chooser.findChild(QListWidget, "run_chooser_list")
    qtbot.waitUntil(lambda: listed.count() > 0)
    return listed


def test_runs_are_chosen_and_drawn_beside_this_one(qtbot, plot, comparison):
    listed = offered(qtbot, plot, comparison)
    names = [listed.item(at).text() for at in range(listed.count())]
    assert len(names) == MOST + 1
    assert not any("run-1" in name for name in names)
    item = listed.findItems("The First", Qt.MatchFlag.MatchContains)[0]
    listed.setCurrentItem(item)
    qtbot.keyClick(listed, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: len(comparison.traces) == 1)
    trained, judged = plot.plot._other_items[0]
    assert list(judged.yData) == [3.0, 2.5, 2.0]
    assert len(trained.xData) == 11
    chip = plot.findChild(QAbstractButton, "other_run_0")
    assert chip.accessibleName().startswith("The First, validation 2.00")
    choose(plot, "loss_axis", Axis.TOKENS)
    assert list(judged.xData) == [0, 50 * 512, 100 * 512]
    comparison.chooser.close()
    qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert comparison.traces == ()
    assert plot.plot._other_items == []


def test_no_more_runs_than_can_be_told_apart(qtbot, plot, comparison):
    listed = offered(qtbot, plot, comparison)
    for at in range(MOST):
        listed.item(at).setCheckState(Qt.CheckState.Checked)
    assert not listed.item(MOST).flags() & Qt.ItemFlag.ItemIsEnabled
    qtbot.waitUntil(lambda: len(comparison.traces) == MOST)
    pens = {(p.color().name(), tuple(p.dashPattern())) for p in (i[1].opts["pen"] for i in plot.plot._other_items)}
    assert len({color for color, _ in pens}) == len({dashes for _, dashes in pens}) == MOST
    qtbot.mouseClick(comparison.chooser.findChild(QAbstractButton, "run_chooser_clear"), Qt.MouseButton.LeftButton)
    assert comparison.chosen == ()


def test_runs_are_found_by_their_name(qtbot, plot, comparison):
    listed = offered(qtbot, plot, comparison)
    assert QApplication.focusWidget().objectName() == "run_chooser_search"
    qtbot.keyClicks(QApplication.focusWidget(), "the first")
    shown = [listed.item(at).text() for at in range(listed.count()) if not listed.item(at).isHidden()]
    assert len(shown) == 1
    comparison.chooser.close()


def test_the_crosshair_reads_the_other_runs_too(qtbot, plot, comparison, runs):
    comparison.choose(runs / "run-0", True)
    qtbot.waitUntil(lambda: len(comparison.traces) == 1)
    plot.plot.read(6)
    assert "validation 2.50" in plot.findChild(QAbstractButton, "other_run_0").accessibleName()


def test_a_run_that_is_gone_is_drawn_as_nothing(tmp_path):
    assert len(read_trace(tmp_path / "gone").curves.steps) == 0


def test_the_ladder_says_where_a_loss_stands(qtbot, stylist):
    state = run_of()
    state.measure_by(Ladder("text", RUNGS, 0.5))
    assert state.view().standing.startswith("It has learned more than which piece follows which")


def test_a_plot_is_laid_out_anew_once_its_window_keeps_its_size(qtbot, plot):
    for width in (720, 730, 740, 750, 760, 1000):
        plot.resize(width, 300)
        QApplication.processEvents()
    area, meanwhile = plot.plot.area, plot.plot.area.width()
    shown = plot.plot.viewport().grab()
    assert shown.size() == plot.plot.viewport().size() * shown.devicePixelRatio()
    assert meanwhile < 800  # the last resizes followed at once
    qtbot.waitUntil(lambda: area.width() > meanwhile + 100)


def test_thousands_of_runs_are_listed_a_few_a_turn(qtbot, plot, comparison, monkeypatch):
    monkeypatch.setattr("gui.train.comparison.AT_ONCE", 2)
    at_once = []
    qtbot.mouseClick(plot.findChild(QAbstractButton, "loss_compare"), Qt.MouseButton.LeftButton)
    listed = comparison.chooser.findChild(QListWidget, "run_chooser_list")
    comparison.chooser._more.timeout.connect(lambda: at_once.append(listed.count()))
    comparison.chooser.findChild(QLineEdit, "run_chooser_search").setText("first")
    qtbot.waitUntil(lambda: listed.count() == MOST + 1)
    assert at_once == [min(2 * turn, MOST + 1) for turn in range(2, len(at_once) + 2)]
    assert [listed.item(at).text()[-9:] for at in range(MOST + 1) if not listed.item(at).isHidden()] == ["The First"]
    comparison.chooser.close()


def test_the_values_are_written_where_the_pointer_is_with_a_dot_on_each_curve(plot):
    canvas = plot.plot
    canvas.read(5)
    steps, evals = canvas.trace.curves.steps, canvas.trace.curves.evals
    x, y = canvas.pointer.dots.getData()
    at, smoothed = steps.column("iter_num")[5], steps.column("smoothed")[5]
    before = evals.column("iter_num") <= at
    judged = (evals.column("iter_num")[before][-1], evals.column("val_loss")[before][-1])
    assert set(zip(x.tolist(), y.tolist(), strict=True)) == {(at, smoothed), judged}
    shown = {item.toPlainText() for item in canvas.pointer.values if item.isVisible()}
    assert shown == {formats.loss(smoothed), formats.loss(judged[1])}
    canvas.leave()
    assert not canvas.pointer.dots.isVisible()
    assert not any(item.isVisible() for item in canvas.pointer.values)


def test_the_axes_say_what_they_are_in_the_unit_that_is_chosen(plot):
    def titles():
        return [plot.plot.axis(side).labelText for side in ("left", "bottom")]

    assert titles() == ["loss", "iteration"]
    plot.plot.look_through(Lens(Axis.TIME, Unit.BITS))
    assert titles() == ["bits per byte", "time of training"]


def test_the_newest_values_are_the_same_over_the_plot_and_in_its_legend(qtbot, stylist):
    state = told(started(), evaluation(0, 7.6), step(0, 7.6), step(110, 4.5), evaluation(114, 4.53))
    plot = LossPlot()
    qtbot.addWidget(plot)
    plot.show_trace(state.trace, ())
    plot.show()
    assert "validation 4.53" in plot.reading.text()
    assert next(each.value for each in state.view().metrics if each.label == "Validation loss") == "4.53"


def test_a_run_that_has_just_begun_shows_no_fractions_of_an_iteration(qtbot, stylist):
    state = told(started(max_iters=2000), evaluation(0, 7.6), step(0, 7.6))
    plot = LossPlot()
    qtbot.addWidget(plot)
    plot.show_trace(state.trace, ())
    plot.show()
    first, last = plot.plot.area.viewRange()[0]
    assert last - first >= 100


def test_heights_are_those_after_the_warm_up_once_that_is_long_past(qtbot, stylist):
    events = [step(n, 8.0 - 0.06 * min(n, 50) - 0.001 * n, lr=1e-3 * min(n, 50) / 50) for n in range(0, 400, 10)]
    plot = LossPlot()
    qtbot.addWidget(plot)
    plot.show()
    plot.show_trace(told(started(), *events[:12]).trace, ())
    assert plot.plot.area.viewRange()[1][1] > 8, "the way down is all there is"
    plot.show_trace(told(started(), *events).trace, ())
    assert plot.plot.area.viewRange()[1][1] < 7
    plot.show_band(narrow=True)
    plot.show_trace(told(started(), *events).trace, ())
    assert plot.plot.area.viewRange()[1][1] > 8, "a band shows the whole way from noise"


def test_what_was_read_of_one_run_is_not_told_of_another(qtbot, stylist):
    plot = LossPlot()
    qtbot.addWidget(plot)
    plot.show()
    plot.show_trace(told(started(), step(0, 7.0), step(10, 6.0)).trace, ())
    plot.plot.read(0)
    plot.show_trace(told(started(), step(0, 4.0), step(10, 3.0)).trace, ())
    assert plot.plot.reading is None
    assert "train 3.00" in plot.reading.text()
