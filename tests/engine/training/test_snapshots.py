"""Snapshots while a run trains: the run is to the bit what it is without them, and they are what it was."""

import errno
import os
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from engine.core.config import SampleConfig
from engine.core.events import Advice, Finished, Reply, Step
from engine.core.jobs import Control
from engine.datasets.dataset import dataset
from engine.generation.model_cache import Shelf
from engine.generation.sampler import sample_job
from engine.machine.device import choose_device
from engine.runs import checkpoint
from engine.runs.folder import RunFolder
from engine.runs.snapshots import Snapshot, snapshot_name, snapshots_in
from engine.training import snapshots
from engine.training.session import Session
from engine.training.snapshots import Snapshots, kept_of, moments
from engine.training.trainer import Trainer
from tests.engine.training.hands import assert_same_result, resume, train, train_until


def iterations(config):
    return [each.iter_num for each in snapshots_in(Path(config.out_dir))]


@pytest.mark.parametrize("changes", [{}, {"dropout": 0.2}, {"optimizer": "muon"}], ids=["adamw", "dropout", "muon"])
def test_training_is_to_the_bit_what_it_is_without_them(toy_config, tmp_path, changes):
    with_them = toy_config(out_dir=str(tmp_path / "with"), **changes)
    without = toy_config(out_dir=str(tmp_path / "without"), snapshots=False, **changes)
    train(with_them)
    train(without)
    assert iterations(with_them)
    assert iterations(without) == []
    assert_same_result(with_them, without)


def narrow_checkpoint(taken, config, tmp_path):
    """Train as far as a snapshot is, and return the checkpoint of then in 16 bits."""
    there = replace(config, out_dir=str(tmp_path / f"at-{taken.iter_num}"), max_iters=taken.iter_num)
    train(there)
    path = RunFolder(there.out_dir).checkpoint
    saved = checkpoint.load(path)
    narrow = checkpoint.tied({name: tensor.half() for name, tensor in saved.model.items()})
    checkpoint.save(replace(saved, model=narrow), path)
    return path


def assert_holds_what_was(taken, config, tmp_path):
    whole, found = checkpoint.load(narrow_checkpoint(taken, config, tmp_path)), checkpoint.load(taken.path)
    assert (found.iter_num, round(found.seconds, 2)) == (taken.iter_num, taken.seconds)
    assert [name for name, w in whole.model.items() if not torch.equal(w.float(), found.model[name])] == []


def test_a_snapshot_holds_the_weights_of_its_iteration(toy_config, tmp_path):
    config = toy_config(out_dir=str(tmp_path / "one"), max_iters=20)
    train(config)
    for taken in snapshots_in(Path(config.out_dir)):
        assert_holds_what_was(taken, config, tmp_path)


def written(path):
    """Return what the weights in a file write."""
    config = SampleConfig(start="The", max_new_tokens=60, device="cpu", dtype="float32")
    return next(e.text for e in sample_job(path, config, Control(), Shelf()) if isinstance(e, Reply))


def test_it_writes_what_the_checkpoint_of_its_iteration_writes_in_16_bits(toy_config, tmp_path):
    config = toy_config(max_iters=40)
    train(config)
    for taken in snapshots_in(Path(config.out_dir)):
        assert written(taken.path) == written(narrow_checkpoint(taken, config, tmp_path))


def test_a_run_that_goes_on_from_an_earlier_state_has_those_of_its_second_way(toy_config, tmp_path):
    whole = toy_config(out_dir=str(tmp_path / "whole"), max_iters=30, eval_interval=1000)
    broken = toy_config(out_dir=str(tmp_path / "broken"), max_iters=30, eval_interval=1000)
    train(whole)
    train_until(broken, lambda event: isinstance(event, Step) and event.iter_num == 3)
    later = Path(broken.out_dir) / snapshot_name(25, 9.0)  # as from a way that was left
    checkpoint.save_weights(checkpoint.load(Path(broken.out_dir) / "ckpt.pt"), later)
    resume(broken)
    assert not later.exists()
    assert_same_result(whole, broken)
    *_, last = snapshots_in(Path(broken.out_dir))
    assert last.iter_num > 4
    assert_holds_what_was(last, broken, tmp_path)


def test_a_disk_that_takes_none_ends_no_training_and_is_told_once(toy_config, monkeypatch):
    write = checkpoint.save_weights

    def full(saved, path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(checkpoint, "save_weights", full)
    config = toy_config(max_iters=40)
    events = train(config)
    monkeypatch.setattr(checkpoint, "save_weights", write)
    told = [each for each in events if isinstance(each, Advice) and each.code == "snapshot_left_out"]
    assert len(told) == 1
    assert "No space left" in told[0].why
    assert [each.reason for each in events if isinstance(each, Finished)] == ["done"]
    assert iterations(config) == []


def test_the_room_that_checkpoints_will_need_is_left_to_them(toy_config, monkeypatch):
    monkeypatch.setattr(Session, "disk_needed", 10**18)
    config = toy_config(max_iters=40, low_battery_percent=0)
    told = [each for each in train(config) if isinstance(each, Advice) and each.code == "snapshot_left_out"]
    assert len(told) == 1
    assert iterations(config) == []


def test_a_model_of_which_one_is_too_large_has_none(toy_config, monkeypatch):
    monkeypatch.setattr(snapshots, "MOST_BYTES", 5000)
    config = toy_config()
    train(config)
    assert iterations(config) == []


def test_they_take_at_most_a_fifth_of_what_the_checkpoints_do(toy_config):
    config = toy_config(max_iters=50, n_embd=64, n_layer=2)
    train(config)
    run = RunFolder(config.out_dir)
    most = 4 * run.checkpoint.stat().st_size  # the latest, the one before, the best, and one being written
    assert 1 <= len(run.snapshots()) <= 4
    assert sum(each.bytes for each in run.snapshots()) <= 0.2 * most


def test_what_a_kill_left_is_swept_when_the_run_goes_on(toy_config, ended_process):
    config = toy_config()
    train(config)
    part = Path(config.out_dir) / f".{snapshot_name(7, 1.0)}.{ended_process}.0123abcd.part"
    part.write_bytes(b"half")
    resume(config, max_iters=14)
    assert not part.exists()


def test_an_evaluation_takes_none(toy_config):
    train(toy_config())
    config = toy_config(init_from="resume", eval_only=True)
    before = iterations(config)
    list(Trainer(config).run())
    assert iterations(config) == before


@pytest.mark.parametrize(
    ("length", "most", "kept"),
    [
        (180, 3, [5, 20, 60]),
        (180, 4, [1.8, 5, 20, 60]),
        (3600, 4, [5, 20, 60, 300]),
        (3600, 3, [5, 60, 300]),
        (28800, 3, [5, 60, 300]),
        (2, 3, [0.02, 0.08, 0.32]),
        (180, 1, [5]),
    ],
)
def test_those_at_the_rungs_come_first_and_the_others_are_spread(length, most, kept):
    assert [round(each, 2) for each in moments(length, most)] == kept


def test_of_those_on_disk_and_a_new_one_the_most_telling_stay():
    there = [Snapshot(Path(), number, each, 0) for number, each in enumerate((1.8, 5.1, 14.0, 20.3, 57.0))]
    assert [each.seconds for each in kept_of(there, 3, 180)] == [5.1, 20.3, 57.0]
    assert kept_of(there[:2], 3, 180) == there[:2]


@pytest.mark.parametrize(("seconds", "many"), [(20, 0), (60, 1), (180, 3)])
def test_they_cost_little_of_the_time(toy_config, monkeypatch, seconds, many):
    monkeypatch.setattr(snapshots, "_bytes_of_one", lambda _session: 20_000_000)
    monkeypatch.setattr(snapshots, "ROOM", 1e6)
    with closing(Session(toy_config(minutes=seconds / 60), dataset("toy"), choose_device("cpu"))) as session:
        assert Snapshots(session)._worth(1.0) == many
