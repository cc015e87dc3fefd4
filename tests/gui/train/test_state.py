"""What the window shows of a run: a pure function of what was told."""

import math

import pytest

from engine.core.errors import Fix, TrainingError
from engine.core.events import Advice, Checkpoint, Forecast, Paused, Progress, Resumed, Sample
from engine.datasets.quality import Ladder, Rung
from gui.kit import formats
from gui.train.record import read_record
from gui.train.state import Metric, Phase, RunState
from tests.fake_events import next_model
from tests.gui.fake_run import evaluation, finished, recorded, started, step
from tests.gui.train.hands import run_of


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


def test_another_model_is_counted_and_what_was_expected_of_the_one_before_is_gone():
    expected = Forecast(iter_num=10, best_iter=50, val_loss=2.0, low=1.9, high=2.1, past=0.0, path=((10, 2.0, 2.1),))
    assert run_of(started(), step(10), expected).forecast == expected
    state = run_of(started(generations=2), step(10))
    assert state.view().status == "Training · CPU · iteration 10 of 100 · model 1 of 2"
    state.take(evaluation(10, 3.0), 2.0)
    assert state.view().expected == "Model 1: too early to tell where it will be best"
    state = run_of(started(generations=2), step(10), expected, next_model(20))
    assert state.forecast is None
    assert state.view().status == "Training · CPU · iteration 10 of 100 · model 2 of 2"
    assert state.notes[0].what.startswith("Model 2")


@pytest.mark.parametrize(
    ("event", "stays"),
    [
        (evaluation(30, 5.0, is_best=False), True),
        (evaluation(30, 1.0, is_best=True), False),
        (finished("stopped"), True),
        (finished("done"), False),
    ],
)
def test_that_another_model_begins_is_told_until_it_is_the_better_one_or_done(event, stays):
    assert bool(run_of(started(), next_model(20), event).notes) is stays


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


def test_as_soon_as_there_is_a_validation_loss_it_is_the_best_one():
    state = run_of(started(), step(0, 4.3))
    figures = {each.label: each for each in state.view().metrics}
    assert (figures["Validation loss"].value, figures["Best"].value) == ("–", "–")
    state.take(evaluation(0, 4.2), 1.0)
    figures = {each.label: each for each in state.view().metrics}
    assert (figures["Validation loss"].value, figures["Best"].value, figures["Best"].remark) == ("4.20", "4.20", "at 0")
    assert state.trace.curves.best() == (0, 4.2)  # the point that the plot rings


def test_a_checkpoint_is_not_of_the_model_that_knew_nothing(tmp_path):
    run = recorded(tmp_path / "run", started(), evaluation(0, 4.0))
    run.best.touch()  # its own evaluation was torn off the record
    state = RunState()
    state.load(read_record(run.path))
    assert state.saved_at == {}


def test_where_a_loss_stands_is_told_in_words_once_the_text_was_measured():
    rungs = tuple(Rung(name, "", loss, loss / 2) for name, loss in (("random", 4.2), ("unigram", 3.3), ("bigram", 2.5)))
    state = run_of(started(), evaluation(50, 3.0))
    assert state.view().standing == ""
    assert [rung.name for rung in state.rungs] == ["random"]
    state.measure_by(Ladder("text", rungs, 0.5))
    assert "learns which follow which" in state.view().standing
    assert state.rungs == rungs


def test_what_was_learned_since_the_first_evaluation_is_told_before_the_second():
    rungs = tuple(Rung(name, "", loss, loss / 2) for name, loss in (("random", 4.2), ("unigram", 3.3), ("bigram", 2.5)))
    state = run_of(started(), evaluation(0, 4.2))
    state.measure_by(Ladder("text", rungs, 0.5))
    assert state.view().standing.startswith("It has learned nothing yet")
    state.take(step(10, 3.0), 1.0)
    assert "learns which follow which" in state.view().standing
    state.take(evaluation(20, 3.5), 2.0)  # judged again, the text that it has not seen has the word
    assert state.view().standing.startswith("It is learning which pieces of the text are common")


def test_samples_are_kept_in_order():
    samples = [Sample(iter_num=n, prompt="", text=str(n)) for n in (0, 50)]
    assert run_of(started(), *samples).samples == samples


def test_baseline_is_guessing_at_random():
    assert run_of(started(vocab_size=65)).baseline == pytest.approx(math.log(65))


# what can be done in each phase

PHASES = {
    Phase.EMPTY: "start",
    Phase.STARTING: "pause stop",
    Phase.TRAINING: "pause stop",
    Phase.PAUSING: "pause stop",
    Phase.PAUSED: "pause stop",
    Phase.STOPPING: "",
    Phase.FINISHED: "start",
    Phase.FAILED: "start",
}


@pytest.mark.parametrize(("phase", "can"), PHASES.items())
def test_what_can_be_done_follows_from_the_phase(phase, can):
    view = RunState(phase=phase).view()
    offered = {"start": view.can_start, "pause": view.can_pause, "stop": view.can_stop}
    assert {name for name, offer in offered.items() if offer} == set(can.split())
    assert view.pause_label == ("Resume" if phase in (Phase.PAUSED, Phase.PAUSING) else "Pause")
    assert RunState(phase=phase).running is (phase not in (Phase.EMPTY, Phase.FINISHED, Phase.FAILED))


def test_a_text_that_is_made_ready_can_be_stopped_and_not_paused():
    view = RunState(phase=Phase.STARTING, prepares=True).view()
    assert (view.can_pause, view.can_stop) == (False, True)


@pytest.mark.parametrize(
    ("asked", "before", "after"),
    [
        ("pause", Phase.STARTING, Phase.PAUSING),
        ("pause", Phase.TRAINING, Phase.PAUSING),
        ("pause", Phase.PAUSED, Phase.PAUSED),
        ("pause", Phase.STOPPING, Phase.STOPPING),
        ("pause", Phase.FINISHED, Phase.FINISHED),
        ("resume", Phase.PAUSED, Phase.STARTING),  # nothing has begun yet
        ("resume", Phase.PAUSING, Phase.STARTING),
        ("resume", Phase.STOPPING, Phase.STOPPING),
        ("stop", Phase.PAUSED, Phase.STOPPING),
        ("stop", Phase.STARTING, Phase.STOPPING),
        ("stop", Phase.FINISHED, Phase.FINISHED),
        ("stop", Phase.EMPTY, Phase.EMPTY),
    ],
)
def test_what_is_asked_for_moves_a_run_from_phase_to_phase(asked, before, after):
    state = RunState(phase=before)
    getattr(state, asked)()
    assert state.phase is after


def test_a_run_that_had_begun_trains_when_it_goes_on():
    state = run_of(started(), step(0))
    state.pause()
    state.resume()
    assert state.phase is Phase.TRAINING


def test_a_start_that_comes_after_a_stop_was_asked_for_is_still_a_stop():
    state = run_of()
    state.stop()
    state.take(started(), 1)
    assert state.phase is Phase.STOPPING


@pytest.mark.parametrize(("reason", "can_resume"), [("stopped", True), ("done", False), ("early_stop", False)])
def test_only_a_run_that_was_stopped_is_offered_to_go_on(reason, can_resume):
    saved = Checkpoint(iter_num=50, path="/runs/fake/ckpt.pt", kind="latest")
    state = run_of(started(), step(49), saved, finished(reason, 50))
    assert not state.view().can_resume  # its job is not over yet
    assert state.view().generate_from == ""
    state.end(None)
    assert state.view().can_resume is can_resume
    without = run_of(started(), finished(reason, 50))
    without.end(None)
    assert not without.view().can_resume


def test_a_run_that_was_stopped_stands_where_it_came_to():
    state = run_of(started(max_iters=100), step(10), finished("stopped", 11))
    assert state.view().progress == pytest.approx(0.11)
    assert run_of(started(max_iters=100), finished("done", 60)).view().progress == 1.0
    assert run_of(started(max_iters=0)).view().progress == 0.0
    assert run_of(started(max_iters=100, iter_num=40)).view().progress == pytest.approx(0.4)


def test_what_is_expected_is_said_while_a_run_trains_and_goes_with_its_end():
    ahead = Forecast(iter_num=50, best_iter=90, val_loss=2.5, low=2.4, high=2.6, past=0.0)
    state = run_of(started(max_iters=100), step(0), step(50), evaluation(50, 3.0), ahead)
    assert "(in " in state.view().expected
    assert state.trace.forecast == ahead
    state.take(finished(), 9)
    assert state.trace.forecast is None
    state.end(None)
    assert state.view().expected == ""


def test_the_checkpoint_of_an_iteration_is_the_best_where_it_is_both():
    best, latest = (Checkpoint(iter_num=50, path=f"/runs/{kind}.pt", kind=kind) for kind in ("best", "latest"))
    state = run_of(started(), best, latest)
    assert state.saved_at == {50: "best"}
    assert state.checkpoint_at(50) == "/runs/best.pt"
    assert state.checkpoint_at(49) == ""
    state.take(Checkpoint(iter_num=60, path="/runs/latest.pt", kind="latest"), 3)
    assert state.saved_at == {50: "best", 60: "latest"}
    assert sum("saving checkpoint" in line for line in state.lines) == 2


def test_the_time_a_failed_run_took_is_shown_where_it_took_any():
    state = run_of(started(), step(0, step_ms=2000.0), step(1, step_ms=2000.0))
    state.end(TrainingError("What."))
    assert state.view().metrics[-1] == Metric("Time", formats.duration(4.0))
    empty = run_of(started())
    empty.end(TrainingError("What."))
    assert empty.view().metrics[-1].label == "Time left"


def test_what_is_prepared_without_an_end_in_sight_is_busy():
    view = run_of(Progress(what="Reading", done=7, total=0, unit="")).view()
    assert (view.status, view.busy, view.progress) == ("Reading", True, 0.0)


def test_an_early_stop_takes_the_place_of_what_it_heeded():
    rose, stopped = (
        Advice(iter_num=at, code=code, severity="info", what="", why="")
        for at, code in ((80, "overfitting"), (100, "early_stop"))
    )
    assert [note.code for note in run_of(started(), rose).notes] == ["overfitting"]
    assert [note.code for note in run_of(started(), rose, stopped, finished("early_stop")).notes] == ["early_stop"]
