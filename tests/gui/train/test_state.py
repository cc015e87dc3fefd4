"""What the window shows of a run: a pure function of what was told."""

import math

import numpy as np
import pytest

from engine.core.errors import Fix, TrainingError
from engine.core.events import Advice, Checkpoint, Forecast, Paused, Progress, Resumed, Sample
from engine.datasets.quality import Ladder, Rung
from gui.train.curves import Axis, Curves, Scale, Unit, envelope, part, thinned
from gui.train.notes import note_of
from gui.train.record import read_record
from gui.train.state import Phase, RunState
from tests.gui.fake_run import evaluation, finished, recorded, started, step


def run_of(*events, seconds=1.0):
    state = RunState()
    state.start()
    for at, event in enumerate(events):
        state.take(event, at * seconds)
    return state


def test_nothing_is_invited_to_start():
    view = RunState().view()
    assert (view.can_start, view.can_pause, view.can_stop) == (True, False, False)
    assert view.header == ""


def test_a_run_can_be_stopped_from_the_first_moment_but_not_started_twice():
    view = run_of().view()
    assert (view.can_start, view.can_stop, view.busy) == (False, True, True)


def test_a_pause_can_be_asked_for_before_the_run_has_begun():
    state = run_of()
    state.pause()
    state.take(started(), 1)
    assert state.phase is Phase.PAUSING
    state.take(Paused(iter_num=0), 2)
    assert state.phase is Phase.PAUSED


def test_preparing_is_said_with_how_far_it_is():
    view = run_of(Progress(what="Preparing Complete Shakespeare", done=19, total=38, unit="plays")).view()
    assert view.status == "Preparing Complete Shakespeare · 50%"
    assert (view.progress, view.busy) == (0.5, False)


def test_status_tells_device_and_iteration():
    state = run_of(started(max_iters=100), step(0), step(10), step(20))
    assert state.view().status == "Training · CPU · iteration 20 of 100"


def test_no_time_is_told_before_it_was_measured():
    assert run_of(started(), step(0)).time_left is None


def test_a_pause_does_not_count_as_training():
    state = run_of(started(max_iters=100), step(0), step(10))
    before = state.time_left
    state.take(Paused(iter_num=11), 3)
    assert state.phase is Phase.PAUSED
    assert state.time_left is None
    state.resume()
    state.take(Resumed(iter_num=11), 1000)
    state.take(step(20), 1001)
    state.take(step(30), 1002)
    assert state.time_left == pytest.approx(before * 69 / 89)


def test_a_run_that_the_clock_ends_is_told_by_the_clock():
    state = RunState()
    state.start()
    for event, now in ((started(max_iters=100_000, time_limit=60.0, seconds=20.0), 7), (step(0), 8), (step(10), 17)):
        state.take(event, now)
    assert state.time_left == pytest.approx(60 - 20 - 10)
    assert state.view().progress == pytest.approx(30 / 60)
    assert state.view().status == "Training · CPU · iteration 10"
    state.take(Paused(iter_num=11), 18)
    state.resume()
    state.take(Resumed(iter_num=11), 1000)
    state.take(step(20), 1004)
    assert state.time_left == pytest.approx(60 - 20 - 11 - 4)


def test_a_timed_run_that_reaches_its_last_iteration_first_is_told_by_the_iterations():
    state = run_of(started(max_iters=100, time_limit=1e6), step(0), step(10))
    assert state.time_left == pytest.approx(89 * state._pace.seconds / 10)
    assert state.view().progress == pytest.approx(0.1)


def test_pause_resume_stop_go_through_their_phases():
    state = run_of(started(), step(0))
    state.pause()
    assert state.view().pause_label == "Resume"
    state.take(Paused(iter_num=1), 3)
    state.stop()
    assert state.phase is Phase.STOPPING
    view = state.view()
    assert not view.can_stop
    assert not view.can_pause
    state.take(Resumed(iter_num=1), 4)
    assert state.phase is Phase.STOPPING
    state.take(finished("stopped", 1), 5)
    state.end(None)
    assert state.view().status.startswith("Stopped and saved")


def test_a_rest_that_comes_after_a_stop_was_asked_for_is_still_a_stop():
    state = run_of(started(), step(0))
    state.pause()
    state.stop()
    state.take(Paused(iter_num=1), 3)
    assert state.phase is Phase.STOPPING
    assert not state.view().can_stop
    assert state.view().pause_label == "Pause"


def test_a_finished_run_offers_its_checkpoint():
    checkpoint = Checkpoint(iter_num=100, path="/runs/fake/ckpt.pt", kind="latest")
    state = run_of(started(), step(90), checkpoint, finished())
    state.end(None)
    view = state.view()
    assert view.generate_from == "/runs/fake/ckpt.pt"
    assert view.progress == 1.0
    assert view.can_start


def test_a_stop_while_preparing_leaves_nothing_behind():
    state = run_of(Progress(what="Preparing", done=1, total=2, unit=""))
    state.stop()
    state.end(None)
    assert state.phase is Phase.EMPTY


def test_a_failure_is_told_with_what_why_and_fixes():
    fix = Fix("Resume", "resume")
    state = run_of(started(), step(0))
    state.end(TrainingError("The loss is not a number.", cause="It diverged.", fix="Lower it.", fixes=[fix]))
    assert state.phase is Phase.FAILED
    assert state.view().metrics[-1].label == "Time"
    assert state.view().can_start
    note = state.notes[0]
    assert (note.severity, note.what, note.why, note.fixes) == (
        "problem",
        "The loss is not a number.",
        "It diverged. Lower it.",
        (fix,),
    )


def test_an_internal_error_shows_no_traceback():
    note = note_of(KeyError("self._secret"))
    assert "secret" not in note.what + note.why
    assert "log" in note.why


def test_advice_stands_newest_first():
    def advice(n):
        return Advice(iter_num=n, code="x", severity="info", what=f"advice {n}", why="")

    assert [note.what for note in run_of(started(), advice(1), advice(2)).notes] == ["advice 2", "advice 1"]


def test_the_log_has_nanogpts_lines():
    lines = run_of(started(), evaluation(0, 4.2), step(0, 4.25, step_ms=12.345)).lines
    assert "step 0: train loss 4.1000, val loss 4.2000" in lines
    assert "iter 0: loss 4.2500, time 12.35ms" in lines


def test_resuming_goes_on_from_the_checkpoint_without_doubles(tmp_path):
    sample = Sample(iter_num=0, prompt="", text="a")
    run = recorded(tmp_path / "run", started(), *(step(n) for n in range(0, 60, 10)), sample)
    with run.metrics_path.open("a") as file:
        file.write('{"event": "step"}\n{"event": "other"}\n[1]\n{"event": "step", "iter_num": 70, "lo')
    with run.samples_path.open("a") as file:
        file.write('{"event": "sample"}\n')
    run.rename("The Long Night")
    state = RunState()
    state.load(read_record(run.path))
    state.start()
    assert state.view().title == "The Long Night"
    assert state.view().metrics[1].value == "–"
    state.take(started(iter_num=30), 0.0)
    state.take(step(30), 1.0)
    assert list(state.curves.steps.column("iter_num")) == [0, 10, 20, 30]
    assert state.samples == [sample]


def test_a_resumed_run_knows_its_last_evaluation_and_its_best_checkpoint(tmp_path):
    run = recorded(tmp_path / "run", started(), evaluation(0, 4.0), evaluation(50, 3.0), evaluation(100, 3.5))
    state = RunState()
    state.load(read_record(run.path))
    assert (state.view().metrics[1].value, state.checkpoint_at(50)) == ("3.50", "")
    run.best.touch()
    state.load(read_record(run.path))
    assert state.checkpoint_at(50) == str(run.best)


def test_a_run_that_goes_on_shows_what_was_measured_before_it_measures_anew(tmp_path):
    evals = (evaluation(0, 4.0), evaluation(50, 3.0), evaluation(100, 2.9), evaluation(150, 2.8))
    steps = (step(n) for n in range(0, 160, 10))
    state = RunState()
    run = recorded(tmp_path / "run", started(), *steps, *evals)
    state.load(read_record(run.path))
    state.start()
    state.take(started(iter_num=100), 0.0)  # its checkpoint was saved with the evaluation at 100, which stands
    assert state.curves.evals.column("iter_num").tolist() == [0, 50, 100]
    figures = {each.label: each for each in state.view().metrics}
    assert (figures["Validation loss"].value, figures["Best"].value) == ("2.90", "2.90")
    assert figures["Validation loss"].remark == f"{2.9 / math.log(2) * 1024 / 4096:.2f} bits/byte"
    ahead = Forecast(iter_num=100, best_iter=200, val_loss=2.5, low=2.4, high=2.6, past=0.0)
    state.take(ahead, 1.0)
    assert state.view().expected.startswith("Best expected at about iteration 200")
    state.take(evaluation(100, 2.7), 2.0)  # and where it is made again after all, it is there once
    assert state.curves.evals.column("val_loss").tolist() == pytest.approx([4.0, 3.0, 2.7])


def test_a_record_read_at_once_gives_what_its_events_gave_one_by_one(tmp_path):
    random = np.random.default_rng(1)
    steps = [step(n, float(4 - n / 100 + random.normal()), step_ms=float(n + 1)) for n in range(0, 200, 10)]
    evals = [evaluation(n, 4 - n / 100) for n in range(0, 200, 50)]
    steps[3] = step(30, math.nan, grad_norm=math.nan)
    run = recorded(tmp_path / "run", started(), *steps, *evals)
    state = run_of(started(), *steps, *evals)
    trace = read_record(run.path).trace
    for name in ("iter_num", "loss", "smoothed", "lr", "grad_norm", "tokens_per_s", "memory_bytes", "seconds"):
        one_by_one = state.curves.steps.column(name)
        assert np.allclose(trace.curves.steps.column(name), one_by_one, equal_nan=True), name
    assert np.array_equal(trace.curves.evals.column("val_loss"), state.curves.evals.column("val_loss"))
    assert trace.scale == state.trace.scale


def test_a_run_without_a_record_has_no_curve(tmp_path):
    record = read_record(tmp_path)
    assert (len(record.trace.curves.steps), record.samples) == (0, ())


def test_rows_that_a_crash_left_twice_are_read_once():
    rows = np.array([[n, 1.0, 0, 1, 1, 1, 1] for n in (0, 10, 20, 10, 20, 30)], dtype=float)
    made = Curves.of(rows, np.empty((0, 3)))
    assert list(made.steps.column("iter_num")) == [0, 10, 20, 30]


def test_bits_per_byte_are_those_of_the_evaluation():
    scale = Scale.of(started(val_tokens=1024, val_bytes=4096))
    assert scale.loss(np.array([math.log(2)]), Unit.BITS) == pytest.approx(0.25)
    assert np.isnan(Scale().loss(np.array([1.0]), Unit.BITS)).all()


def test_where_a_loss_stands_is_told_in_words_once_the_text_was_measured():
    rungs = tuple(Rung(name, "", loss, loss / 2) for name, loss in (("random", 4.2), ("unigram", 3.3), ("bigram", 2.5)))
    state = run_of(started(), evaluation(50, 3.0))
    assert state.view().standing == ""
    assert [rung.name for rung in state.rungs] == ["random"]
    state.measure_by(Ladder("text", rungs, 0.5))
    assert "2.50" in state.view().standing
    assert state.rungs == rungs


def test_samples_are_kept_in_order():
    samples = [Sample(iter_num=n, prompt="", text=str(n)) for n in (0, 50)]
    assert run_of(started(), *samples).samples == samples


def test_the_best_point_is_the_lowest_after_something_was_learned():
    curves = Curves()
    for n, value in ((0, 1.0), (50, 3.0), (100, 2.5), (150, 2.8)):
        curves.add_eval(n, value, value)
    assert curves.best() == (100, 2.5)
    assert Curves().best() is None


def test_baseline_is_guessing_at_random():
    assert run_of(started(vocab_size=65)).baseline == pytest.approx(math.log(65))


def test_curves_smooth_without_lagging_behind_a_constant():
    curves = Curves()
    for n in range(100):
        curves.add_step(n, 2.0 if n != 50 else float("nan"), 0, 1, 1, 1, 1)
    assert np.allclose(curves.steps.column("smoothed"), 2.0)
    assert np.isnan(curves.steps.column("loss")[50])


def test_smoothing_calms_noise():
    random = np.random.default_rng(1)
    curves = Curves()
    for n in range(1000):
        curves.add_step(n, 2 + random.normal(), 0, 1, 1, 1, 1)
    settled = curves.steps.column("smoothed")[100:]
    assert settled.std() < 0.3
    assert abs(settled.mean() - 2) < 0.2


def test_axes_are_computed_from_the_iterations():
    curves = Curves()
    for n in range(0, 50, 10):
        curves.add_step(n, 1.0, 0, 1, 600.0, 1, 1)
    at = np.array([0.0, 20.0])
    scale = Scale(tokens_per_iter=100, train_tokens=1000)
    assert list(curves.along(Axis.ITERATION, at, scale)) == [0, 20]
    assert list(curves.along(Axis.TOKENS, at, scale)) == [0, 2000]
    assert list(curves.along(Axis.EPOCH, at, scale)) == [0, 2]
    minutes = curves.along(Axis.TIME, at, scale)
    assert np.allclose(curves.steps_along(Axis.TIME, scale)[[0, 2]], minutes)
    assert minutes[1] - minutes[0] == pytest.approx(20 * 0.6 / 60)


def test_the_table_grows_past_its_first_room():
    curves = Curves()
    for n in range(1000):
        curves.add_eval(n, 1, 1)
    assert list(curves.evals.column("iter_num")) == list(range(1000))


def test_an_envelope_keeps_the_extremes_and_the_last_point():
    x, y = np.arange(100_000.0), np.random.default_rng(1).normal(size=100_000)
    y[54_321] = 99.0
    seen_x, seen_y = envelope(x, y, 300)
    assert len(seen_x) == len(seen_y) == 601
    assert seen_y.max() == 99.0
    assert seen_y.min() == y.min()
    assert (seen_x[-1], seen_y[-1]) == (x[-1], y[-1])
    assert (np.diff(seen_x) >= 0).all()


def test_a_thinned_curve_keeps_its_course():
    x = np.arange(10_001.0)
    seen_x, seen_y = thinned(x, 2 * x, 300)
    assert len(seen_x) == 301
    assert np.allclose(seen_y, 2 * seen_x)


@pytest.mark.parametrize("draw", [envelope, thinned])
@pytest.mark.parametrize("length", [0, 1, 50, 300])
def test_few_points_are_drawn_as_they_are(draw, length):
    x = np.arange(float(length))
    assert np.array_equal(draw(x, x, 300)[1], x)


def test_a_part_reaches_one_point_beyond_the_span():
    x = np.arange(10.0)
    assert list(x[part(x, 3.5, 6.5)]) == [3, 4, 5, 6, 7]
    assert list(x[part(x, -5, 100)]) == list(x)
