import json
import math
import shutil
from itertools import dropwhile

import pytest
import torch

from engine.core.config import TrainConfig
from engine.core.errors import CheckpointError, DataError, TrainingError
from engine.core.events import (
    Advice,
    Checkpoint,
    Eval,
    Event,
    Finished,
    Forecast,
    Paused,
    Resumed,
    Sample,
    Started,
    Step,
    Turn,
)
from engine.core.jobs import Control
from engine.datasets.dataset import dataset
from engine.machine.device import Device, available
from engine.runs import checkpoint
from engine.runs.folder import RunFolder
from engine.training.learner import Learner
from engine.training.optimizer import AdamW
from engine.training.session import resumed_config
from engine.training.trainer import Trainer


def train(config, control=None):
    return list(Trainer(config, control).run())


def train_until(config, moment):
    """Train, and ask for a stop at the first event for which `moment` says so."""
    control, seen = Control(), []
    for event in Trainer(config, control).run():
        seen.append(event)
        if moment(event):
            control.stop()
    return seen


def resume(config, **changes):
    return train(resumed_config(config.out_dir, changes))


def result(config):
    """Return what is left of a run that does not depend on the clock: weights, moments, and the record."""
    run = RunFolder(config.out_dir)
    saved = checkpoint.load(run.checkpoint)
    rows = [json.loads(line) for line in run.metrics_path.read_text().splitlines()]
    steps = [(r["iter_num"], r["loss"], r["lr"], r["grad_norm"]) for r in rows if r["event"] == "step"]
    evals = [(r["iter_num"], r["train_loss"], r["val_loss"], r["is_best"]) for r in rows if r["event"] == "eval"]
    tensors = {**saved.model, **{f"{n}.{k}": t for n, s in saved.optimizer["state"].items() for k, t in s.items()}}
    best = checkpoint.load(run.best).iter_num if run.best.exists() else None
    return tensors, (steps, evals, saved.iter_num, saved.best_val_loss, saved.evaluated, best)


def assert_same_result(one, other):
    (tensors, record), (others, other_record) = result(one), result(other)
    assert record == other_record
    assert tensors.keys() == others.keys()
    assert [name for name, tensor in tensors.items() if not torch.equal(tensor, others[name])] == []


def numbered(events):
    """Return what comes in a fixed order: all but checkpoints, which come once they are on disk, and remarks."""
    return [(type(e), e.iter_num) for e in events if not isinstance(e, Finished | Checkpoint | Advice)]


def saves(events, kind="latest"):
    return [event.iter_num for event in events if isinstance(event, Checkpoint) and event.kind == kind]


# the sequence of events


def test_the_whole_sequence_of_events(toy_config):
    config = toy_config(max_iters=7, eval_interval=3, log_interval=2)
    events = train(config)
    best, expected = math.inf, [(Started, 0)]
    evaluations = {event.iter_num: event for event in events if isinstance(event, Eval)}
    for iter_num in range(8):
        if iter_num in (0, 3, 6, 7):
            expected += [(Eval, iter_num), (Sample, iter_num)]
            is_best = iter_num > 0 and evaluations[iter_num].val_loss < best
            assert evaluations[iter_num].is_best is is_best
            if is_best:
                best = evaluations[iter_num].val_loss
        if iter_num % 2 == 0 and iter_num < 7:
            expected.append((Step, iter_num))
    assert numbered(events) == expected
    assert saves(events) == [3, 6, 7]
    assert saves(events, "best") == [n for n, event in evaluations.items() if event.is_best]
    for event in events:
        if isinstance(event, Checkpoint):
            assert events.index(event) > events.index(evaluations[event.iter_num])
    last = events[-1]
    assert (last.reason, last.iter_num, last.best_val_loss) == ("done", 7, best)
    assert last.seconds > 0
    assert last.peak_memory_bytes > 0


def test_what_the_events_say(toy_config, toy_dataset):
    config = toy_config(gradient_accumulation_steps=2, max_iters=4, eval_interval=4, sample_prompt="The ")
    events = train(config)
    started = events[0]
    assert (started.run_dir, started.device, started.dtype) == (config.out_dir, "cpu", "float32")
    assert (started.tokens_per_iter, started.max_iters) == (2 * 4 * 16, 4)
    assert (started.vocab_size, started.val_bytes) == (toy_dataset.vocab_size, toy_dataset.val_bytes)
    saved = checkpoint.load(RunFolder(config.out_dir).checkpoint)
    assert started.parameters == saved.build_model().parameter_count()
    for event in events:
        if isinstance(event, Eval):
            per_byte = event.val_loss / math.log(2) * toy_dataset.val_tokens / toy_dataset.val_bytes
            assert event.bits_per_byte == pytest.approx(per_byte)
        if isinstance(event, Sample):
            assert event.text.startswith("The ")
            assert len(event.text) == len("The ") + 3
        if isinstance(event, Step):
            assert event.tokens_per_s == pytest.approx(config.tokens_per_iter / event.step_ms * 1000)
            assert min(event.grad_norm, event.memory_bytes, event.lr) > 0
    losses = [event.loss for event in events if isinstance(event, Step)]
    assert losses[0] == pytest.approx(math.log(toy_dataset.vocab_size), rel=0.05)


def test_it_learns(toy_config):
    evaluations = [e for e in train(toy_config(max_iters=40, eval_interval=20)) if isinstance(e, Eval)]
    assert evaluations[0].val_loss > evaluations[1].val_loss > evaluations[2].val_loss


def test_the_record_holds_each_iteration_once(toy_config):
    config = toy_config()
    events = train(config)
    run = RunFolder(config.out_dir)
    recorded = list(run.events())
    assert [event.iter_num for event in recorded if isinstance(event, Step)] == list(range(12))
    assert [event.iter_num for event in recorded if isinstance(event, Eval)] == [0, 5, 10, 12]
    assert [sample.text for sample in run.samples()] == [event.text for event in events if isinstance(event, Sample)]


def test_the_same_seed_gives_the_same_run_and_another_seed_another(toy_config, tmp_path):
    one, same, other = (toy_config(out_dir=str(tmp_path / name), dropout=0.1) for name in "abc")
    other = TrainConfig.of(other.as_dict(), {"seed": 5})
    for config in (one, same, other):
        train(config)
    assert_same_result(one, same)
    assert result(one)[1] != result(other)[1]


# stop and resume


def test_a_stop_saves_where_it_is(toy_config):
    config = toy_config()
    events = train_until(config, lambda e: isinstance(e, Step) and e.iter_num == 6)
    assert saves(events) == [5, 7]
    assert (events[-1].reason, events[-1].iter_num) == ("stopped", 7)
    assert checkpoint.load(RunFolder(config.out_dir).checkpoint).iter_num == 7


def test_a_run_stopped_anywhere_goes_on_as_if_it_had_not(toy_config, tmp_path):
    """Stops after each fifth turn, which falls in the middle of updates, evaluations, samples and saves."""

    def config(name):
        return toy_config(
            out_dir=str(tmp_path / name),
            max_iters=4,
            eval_interval=3,
            dropout=0.2,
            gradient_accumulation_steps=2,
            sample_tokens=1,
        )

    def begun(config, control):
        """Yield what there is from the beginning on: stopped before that, there is no run to go on with."""
        return dropwhile(lambda item: not isinstance(item, Started), Trainer(config, control).steps())

    whole = config("whole")
    turns = len(list(begun(whole, Control())))
    assert turns > 30
    for turn in range(0, turns, 5):
        stopped, control = config(f"stopped-{turn}"), Control()
        for number, _ in enumerate(begun(stopped, control)):
            if number == turn:
                control.stop()
        resume(stopped)
        assert_same_result(whole, stopped)


def test_a_run_killed_between_checkpoints_goes_on_from_the_last(toy_config, tmp_path):
    whole, killed = (toy_config(out_dir=str(tmp_path / name), dropout=0.1) for name in ("whole", "killed"))
    train(whole)
    job = Trainer(killed).run()
    while not (isinstance(event := next(job), Step) and event.iter_num == 8):
        pass
    on_disk = shutil.copytree(killed.out_dir, tmp_path / "as it was", ignore=shutil.ignore_patterns("run.lock"))
    job.close()  # which saves, as no kill does
    shutil.rmtree(killed.out_dir)
    on_disk.rename(killed.out_dir)
    events = resume(killed)
    assert events[0].iter_num == 5
    assert_same_result(whole, killed)


def test_a_finished_run_can_be_given_more_iterations(toy_config):
    config = toy_config()
    train(config)
    assert numbered(resume(config)) == [(Started, 12)]
    events = resume(config, max_iters=15)
    assert [event.iter_num for event in events if isinstance(event, Step)] == [12, 13, 14]
    assert [event.iter_num for event in RunFolder(config.out_dir).events() if isinstance(event, Step)] == list(
        range(15)
    )


def test_a_run_that_goes_on_tells_at_once_what_is_expected_of_it(toy_config):
    config = toy_config(eval_interval=1, max_iters=6)
    first = [event for event in train(config) if isinstance(event, Forecast)]
    assert first
    told = [event for event in resume(config, max_iters=9) if isinstance(event, Forecast | Step)]
    assert (type(told[0]), told[0].iter_num) == (Forecast, 6)
    assert not any(isinstance(event, Forecast) for event in resume(config, max_iters=9))


def test_resuming_takes_the_settings_of_the_run_but_what_is_given_again(toy_config):
    config = toy_config(weight_decay=0.3)
    train(config)
    again = resumed_config(config.out_dir, {"max_iters": 20, "dropout": 0.1})
    assert (again.weight_decay, again.n_embd, again.max_iters, again.dropout) == (0.3, 16, 20, 0.1)
    assert again.init_from == "resume"
    train(again)
    assert RunFolder(config.out_dir).read_config().dropout == 0.1
    assert checkpoint.load(RunFolder(config.out_dir).checkpoint).args.dropout == 0.1


def test_a_folder_of_nanogpts_own_goes_on(toy_config, tmp_path):
    config = toy_config()
    train(config)
    content = torch.load(RunFolder(config.out_dir).checkpoint, weights_only=True)
    del content["understudy"]
    content["config"] |= {"device": "cuda:3", "compile": True, "wandb_log": True, "init_from": "scratch"}
    folder = tmp_path / "nanogpt"
    folder.mkdir()
    torch.save(content, folder / "ckpt.pt")
    again = resumed_config(str(folder), {"max_iters": 14})
    assert (again.device, again.compile, again.n_embd, again.max_iters) == ("auto", False, 16, 14)
    assert [e.iter_num for e in train(again) if isinstance(e, Step)] == [12, 13]


# pause and requests


def test_a_pause_rests_and_changes_nothing(toy_config, tmp_path):
    whole, paused = (toy_config(out_dir=str(tmp_path / name), dropout=0.2) for name in ("whole", "paused"))
    train(whole)
    control, items = Control(), []
    for item in Trainer(paused, control).steps():
        items.append(item)
        if isinstance(item, Step) and item.iter_num == 7:
            control.pause()
        if items[-3:] == [Turn.IDLE] * 3:
            control.resume()
    at = items.index(Paused(iter_num=8))
    assert saves(items[:at])[-1] == 8
    assert items[at + 1 : at + 4] == [Turn.IDLE] * 3
    assert items[at + 4] == Resumed(iter_num=8)
    assert_same_result(whole, paused)


def test_a_paused_run_can_be_stopped(toy_config):
    control, events = Control(), []
    for item in Trainer(toy_config(), control).steps():
        if isinstance(item, Step):
            control.pause()
        if item is Turn.IDLE:
            control.stop()
        if isinstance(item, Event):
            events.append(item)
    assert (events[-1].reason, events[-1].iter_num) == ("stopped", 1)


def test_saving_and_sampling_when_asked_change_nothing(toy_config, tmp_path):
    plain, asked = (toy_config(out_dir=str(tmp_path / name), dropout=0.2) for name in ("plain", "asked"))
    train(plain)
    control, events = Control(), []
    for event in Trainer(asked, control).run():
        events.append(event)
        if isinstance(event, Step) and event.iter_num == 6:
            control.save_now()
            control.sample_now("The king")
    assert 7 in saves(events)
    sample = next(event for event in events if isinstance(event, Sample) and event.prompt == "The king")
    assert sample.iter_num == 7
    assert sample.text.startswith("The king")
    assert_same_result(plain, asked)


@pytest.mark.parametrize("changes", [{"sample_tokens": 0}, {"sample_tokens": 20}, {"eval_interval": 50}])
def test_looking_at_a_run_does_not_change_it(toy_config, tmp_path, changes):
    plain, looked_at = toy_config(dropout=0.2), toy_config(out_dir=str(tmp_path / "other"), dropout=0.2, **changes)
    train(plain)
    train(looked_at)
    (tensors, record), (others, other_record) = result(plain), result(looked_at)
    assert record[0] == other_record[0]
    assert all(torch.equal(tensor, others[name]) for name, tensor in tensors.items())


# checkpoints


def test_the_best_is_the_checkpoint_of_the_best_evaluation(toy_config):
    config = toy_config(max_iters=40, eval_interval=4, learning_rate=0.2, lr_decay_iters=400)  # too fast: it wanders
    events = train(config)
    evaluations = [e for e in events if isinstance(e, Eval) and e.iter_num]
    best = min(evaluations, key=lambda event: event.val_loss)
    assert [e.is_best for e in evaluations] != [True] * len(evaluations)
    saved = checkpoint.load(RunFolder(config.out_dir).best)
    assert (saved.iter_num, saved.best_val_loss) == (best.iter_num, best.val_loss)
    assert events[-1].best_val_loss == best.val_loss


def test_checkpoints_only_of_the_best_and_the_last_when_asked(toy_config):
    config = toy_config(
        max_iters=41, eval_interval=4, learning_rate=0.2, lr_decay_iters=400, always_save_checkpoint=False
    )
    events = train(config)
    best = [event.iter_num for event in events if isinstance(event, Eval) and event.is_best]
    assert 0 < len(best) < 11  # of eleven evaluations
    assert saves(events) == sorted({*best, 41})
    assert saves(events, "best") == best


def test_no_iterations_at_all_is_a_run_too(toy_config):
    config = toy_config(max_iters=0)
    events = train(config)
    assert numbered(events) == [(Started, 0), (Eval, 0), (Sample, 0)]
    assert saves(events) == [0]
    assert checkpoint.load(RunFolder(config.out_dir).checkpoint).iter_num == 0


def contents(folder):
    return {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.iterdir()}


def test_a_run_that_is_only_evaluated_is_left_as_it_is(toy_run):
    before = contents(toy_run.path)
    config = resumed_config(str(toy_run.path), {"eval_only": True})
    events = train(config)
    assert numbered(events) == [(Started, 12), (Eval, 12)]
    assert contents(toy_run.path) == before
    recorded = [event for event in toy_run.events() if isinstance(event, Eval)][-1]
    assert (events[1].train_loss, events[1].val_loss) == (recorded.train_loss, recorded.val_loss)


def test_a_fresh_model_can_be_evaluated_alone(toy_config):
    assert numbered(train(toy_config(eval_only=True))) == [(Started, 0), (Eval, 0)]


# what goes wrong


def test_another_run_is_never_overwritten(toy_run, toy_config):
    before = contents(toy_run.path)
    with pytest.raises(CheckpointError) as told:
        train(toy_config())
    assert told.value.code == "run_exists"
    assert contents(toy_run.path) == before


def test_a_text_shorter_than_a_block_leaves_no_folder(toy_config, tmp_path):
    with pytest.raises(DataError) as told:
        train(toy_config(block_size=5000))
    assert told.value.code == "text_too_short"
    assert not (tmp_path / "out").exists()


def test_a_dataset_there_is_not_leaves_no_folder(toy_config, tmp_path):
    with pytest.raises(DataError):
        train(toy_config(dataset="toi"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("part", ["train.bin", "val.bin"])
def test_a_run_begins_with_no_tokens_that_were_changed_since_they_were_written(toy_config, tmp_path, part):
    config = toy_config()
    path = dataset("toy").folder / part
    path.write_bytes(path.read_bytes()[::-1][1:] + b"\0")
    with pytest.raises(DataError, match="not as it was written"):
        train(config)
    assert not (tmp_path / "out").exists()


def test_a_text_that_the_runs_vocabulary_cannot_write_is_refused(toy_run, tmp_path):
    from engine.datasets.prepare import prepare

    (tmp_path / "more.txt").write_text("Überall dieselben Zeichen, nur andere. 12345\n" * 100, "utf-8")
    prepare(str(tmp_path / "more.txt"), name="more", tokenizer="char")
    before = contents(toy_run.path)
    with pytest.raises(DataError) as told:
        train(resumed_config(str(toy_run.path), {"dataset": "more", "max_iters": 20}))
    assert told.value.code == "unknown_characters"
    assert contents(toy_run.path) == before


def poisoned(run):
    """Write a weight so large into the run’s checkpoint that nothing computed with it is a number."""
    saved = checkpoint.load(run.checkpoint)
    saved.model["transformer.ln_f.weight"][0] = 3e38
    checkpoint.save(saved, run.checkpoint)
    return run.checkpoint.read_bytes()


@pytest.mark.parametrize("reads_are_free", [True, False])
@pytest.mark.parametrize("log_interval", [1, 100])
def test_a_loss_that_is_no_number_ends_the_run_and_is_never_saved(toy_run, monkeypatch, reads_are_free, log_interval):
    before = poisoned(toy_run)
    monkeypatch.setattr(Device, "reads_are_free", reads_are_free)
    with pytest.raises(TrainingError) as told:
        train(resumed_config(str(toy_run.path), {"max_iters": 30, "log_interval": log_interval}))
    assert told.value.code == "nan_loss"
    assert told.value.fixes[0].changes["learning_rate"] == 5e-3
    assert toy_run.checkpoint.read_bytes() == before


def test_a_device_that_is_not_there_is_told_and_replaced(toy_config):
    if available("mps") or available("cuda"):
        pytest.skip("this machine has a GPU")
    events = train(toy_config(device="mps", max_iters=1))
    told = next(event for event in events if isinstance(event, Advice) and event.code == "device_replaced")
    assert events[0].device == "cpu"
    assert "no mps device: running on cpu" in told.what
    assert events[-1].reason == "done"


def test_a_dtype_that_is_not_multiplied_here_is_told_and_replaced(toy_config, monkeypatch):
    monkeypatch.setattr("engine.machine.abilities.multiplies", lambda _device, dtype: dtype == torch.float32)
    events = train(toy_config(dtype="bfloat16", max_iters=1))
    told = next(event for event in events if isinstance(event, Advice) and event.code == "dtype_replaced")
    assert events[0].dtype == "float32"
    assert told.what == "The cpu of this machine does not multiply in bfloat16: products are in float32."
    assert RunFolder(events[0].run_dir).read_config().dtype == "bfloat16"  # elsewhere it goes on as asked


# by the clock, and with Muon


def rates(events):
    return [event.lr for event in events if isinstance(event, Step)]


def test_a_timed_run_ends_within_its_minutes_with_its_rate_down(toy_config, clock):
    config = toy_config(minutes=0.1, max_iters=100_000, min_lr=0.0, eval_interval=40, checkpoint_minutes=0.0)
    events = train(config)
    finished = events[-1]
    assert finished.reason == "done"
    assert 10 < finished.iter_num < 10_000
    assert 0.8 * 6.0 < finished.seconds < 6.0 + 10 * clock.tick
    assert max(rates(events)) > 0.5 * config.learning_rate
    assert rates(events)[-1] < 0.05 * config.learning_rate
    assert [e.iter_num for e in events if isinstance(e, Eval)][-1] == finished.iter_num


def test_a_timed_run_that_is_resumed_has_only_the_time_that_is_left(toy_config, clock):
    config = toy_config(minutes=0.1, max_iters=100_000, min_lr=0.0, eval_interval=40, checkpoint_minutes=0.0)
    train_until(config, lambda event: isinstance(event, Step) and clock.now > 3.0)
    before, clock.now = clock.now, 1000.0
    events = resume(config)
    assert events[0].time_limit == 6.0
    assert 0 < before - events[0].seconds < 20 * clock.tick  # less the start, in which it does not train
    assert events[-1].reason == "done"
    assert events[-1].seconds <= 6.0 + 0.5  # of the whole run
    assert max(rates(events)) < 0.6 * config.learning_rate
    again = resume(config)
    assert again[-1].iter_num == events[-1].iter_num


def test_a_slow_preparation_leaves_a_timed_run_half_of_its_minutes(toy_config, clock):
    config = toy_config(minutes=0.1, max_iters=100_000, min_lr=0.0, eval_interval=40, checkpoint_minutes=0.0)
    trainer = Trainer(config)
    clock.now += 100.0
    finished = list(trainer.run())[-1]
    assert finished.reason == "done"
    assert finished.iter_num > 10
    assert finished.seconds <= 6.0 + 0.5


def test_iterations_end_a_timed_run_that_is_faster(toy_config):
    events = train(toy_config(minutes=60.0, min_lr=0.0))
    assert (events[-1].reason, events[-1].iter_num) == ("done", 12)
    assert rates(events)[-1] < 0.2 * 1e-2


@pytest.mark.parametrize("dropout", [0.0, 0.2])
def test_a_run_with_muon_continues_exactly(toy_config, tmp_path, dropout):
    changes = {"optimizer": "muon", "decay_form": "linear", "min_lr": 0.0, "dropout": dropout}
    whole = toy_config(out_dir=str(tmp_path / "whole"), **changes)
    parted = toy_config(out_dir=str(tmp_path / "parted"), **changes)
    train(whole)
    train_until(parted, lambda event: isinstance(event, Step) and event.iter_num == 6)
    resume(parted)
    assert_same_result(parted, whole)
    one, other = (checkpoint.load(RunFolder(c.out_dir).checkpoint).optimizer["momentum"] for c in (whole, parted))
    assert one.keys() == other.keys()
    assert all(torch.equal(one[number], other[number]) for number in one)


def test_the_time_that_a_run_had_until_a_fault_is_not_given_again(toy_config, clock, monkeypatch):
    config = toy_config(minutes=0.1, max_iters=100_000, eval_interval=100_000, checkpoint_minutes=100.0)
    learn, made = Learner.learn, []

    def fails_late(learner, iter_num, pieces):
        made.append(iter_num)
        if iter_num == 60:
            raise TrainingError("a fault", code="test")
        return learn(learner, iter_num, pieces)

    monkeypatch.setattr(Learner, "learn", fails_late)
    with pytest.raises(TrainingError, match="a fault"):
        train(config)
    spent, at = clock.now, made[-1]
    monkeypatch.setattr(Learner, "learn", learn)
    first = next(Trainer(resumed_config(config.out_dir, {})).run())
    assert (first.iter_num, at) == (60, 60)
    assert first.seconds == pytest.approx(spent, abs=0.1)


@pytest.mark.parametrize(("place", "left_at"), [("_micro_step", 3), ("_clip", 3), ("step", 2)])
def test_a_fault_is_saved_where_the_weights_are_whole_and_never_half_an_update(toy_config, monkeypatch, place, left_at):
    """A fault in the middle of the optimizer's step leaves weights that are neither old nor new."""
    config = toy_config(max_iters=6, eval_interval=2, always_save_checkpoint=True)
    owner = AdamW if place == "step" else Learner
    whole, calls = getattr(owner, place), []

    def breaks(self, *given, **named):
        calls.append(place)
        if len(calls) == 4:
            raise ZeroDivisionError("a fault that nobody foresaw")
        return whole(self, *given, **named)

    monkeypatch.setattr(owner, place, breaks)
    with pytest.raises(ZeroDivisionError):
        train(config)
    assert checkpoint.load(RunFolder(config.out_dir).checkpoint).iter_num == left_at
