import shutil
import sys
from itertools import dropwhile
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from engine.core.config import TrainConfig
from engine.core.errors import CheckpointError, DataError, Fix, TrainingError
from engine.core.events import (
    Advice,
    Eval,
    Started,
    Step,
)
from engine.core.jobs import Control
from engine.datasets.dataset import dataset
from engine.machine.device import Device, available
from engine.runs import checkpoint
from engine.runs.continuation import resumed_config
from engine.runs.folder import RunFolder
from engine.training import trainer
from engine.training.learner import Learner
from engine.training.optimizer import AdamW
from engine.training.trainer import Trainer
from tests.engine.training.hands import (
    assert_same_result,
    contents,
    numbered,
    result,
    resume,
    saves,
    train,
    train_until,
)


def test_it_learns(toy_config):
    evaluations = [e for e in train(toy_config(max_iters=40, eval_interval=20)) if isinstance(e, Eval)]
    assert evaluations[0].val_loss > evaluations[1].val_loss > evaluations[2].val_loss


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


# Muon, and faults


@pytest.mark.parametrize(
    "also",
    [
        {"dropout": 0.0},
        {"dropout": 0.2},
        {"dropout": 0.2, "dropout_at": "layers"},
        {"n_layer": 2, "copy_heads": True},
        {"sampling": "epochs"},
    ],
)
def test_a_run_with_muon_continues_exactly(toy_config, tmp_path, also):
    changes = {"optimizer": "muon", "decay_form": "linear", "min_lr": 0.0, **also}
    whole = toy_config(out_dir=str(tmp_path / "whole"), **changes)
    parted = toy_config(out_dir=str(tmp_path / "parted"), **changes)
    train(whole)
    train_until(parted, lambda event: isinstance(event, Step) and event.iter_num == 6)
    resume(parted)
    assert_same_result(parted, whole)
    one, other = (checkpoint.load(RunFolder(c.out_dir).checkpoint).optimizer["momentum"] for c in (whole, parted))
    assert one.keys() == other.keys()
    assert all(torch.equal(one[number], other[number]) for number in one)


def test_a_run_with_made_up_words_continues_exactly(toy_config, speakers_dataset, tmp_path):
    changes = {"dataset": "speakers", "block_size": 48, "batch_size": 2, "gradient_accumulation_steps": 2}
    whole, parted, plain = (
        toy_config(out_dir=str(tmp_path / name), made_up_words=name != "plain", **changes)
        for name in ("whole", "parted", "plain")
    )
    train(whole)
    train(plain)
    assert result(whole)[1] != result(plain)[1]  # words were exchanged
    train_until(parted, lambda event: isinstance(event, Step) and event.iter_num == 6)
    resume(parted)
    assert_same_result(parted, whole)


def test_the_time_that_a_run_had_until_a_fault_is_not_given_again(toy_config, clock, monkeypatch):
    config = toy_config(minutes=0.1, max_iters=100_000, eval_interval=100_000, checkpoint_minutes=100.0)
    learn, made = Learner.learn, []

    def fails_late(learner, iter_num, pieces):
        made.append((iter_num, clock.now))
        if iter_num == 60:
            raise TrainingError("a fault", code="test")
        return learn(learner, iter_num, pieces)

    monkeypatch.setattr(Learner, "learn", fails_late)
    with pytest.raises(TrainingError, match="a fault"):
        train(config)
    (_, began), (at, ended) = made[0], made[-1]
    monkeypatch.setattr(Learner, "learn", learn)
    first = next(Trainer(resumed_config(config.out_dir, {})).run())
    assert (first.iter_num, at) == (60, 60)
    assert first.seconds == pytest.approx(ended - began, abs=0.1)


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


def test_the_devices_memory_is_given_back_when_a_run_is_over(toy_config, monkeypatch):
    released = []
    monkeypatch.setattr(Device, "release", lambda device: released.append(device.kind))
    train(toy_config(max_iters=1))
    assert released == ["cpu"]


class Lost(SimpleNamespace):
    """What a session and a doctor tell of a run in which something went wrong."""

    run = SimpleNamespace(path=Path("/runs/mine"))
    good_at = 40

    def checkpoint_before(self, iter_num):
        return "best" if iter_num == 40 else "latest"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("worker_lost", "The run is saved as far as it came. Go on with --init_from=resume --out_dir=/runs/mine"),
        ("work_lost", "Go on from the last checkpoint: --init_from=resume --out_dir=/runs/mine"),
        ("not_saved", "As it was."),
    ],
)
def test_a_fault_that_is_waited_out_names_the_way_on(code, words):
    error = TrainingError("What.", fix="As it was.", code=code)
    assert trainer._with_repairs(error, Lost(), Lost()).fix == words


@pytest.mark.parametrize(("code", "back_to"), [("nan_loss", None), ("diverging", "best")])
def test_a_loss_that_ran_away_goes_back_to_where_it_was_good(code, back_to):
    half = {"learning_rate": 0.5, "min_lr": 0.05}
    error = TrainingError("What.", code=code, fixes=(Fix("Halve", "resume", half),))
    (fix,) = trainer._with_repairs(error, Lost(), Lost()).fixes
    assert fix.changes == half | ({"resume_from": back_to} if back_to else {})
    assert ("--resume_from=best" in error.fix) is bool(back_to)


@pytest.mark.parametrize(
    ("platform", "device", "reason", "expected"),
    [
        ("darwin", "auto", "", True),
        ("darwin", "mps", "", True),
        ("darwin", "cpu", "", False),
        ("darwin", "auto", "cpu: 2.0 times as fast as mps", False),
        ("linux", "auto", "", False),
    ],
)
def test_a_gpu_is_expected_on_a_mac_that_was_not_told_otherwise(monkeypatch, platform, device, reason, expected):
    here = Device()
    here.reason = reason
    monkeypatch.setattr(sys, "platform", platform)
    assert trainer._expects_gpu(TrainConfig(device=device), here) is expected
