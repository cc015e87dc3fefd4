"""Writing on another thread: what came of it is told once, on the thread that asked."""

import threading
import zipfile

import pytest
import torch

from engine.core.errors import TrainingError
from engine.core.events import Checkpoint
from engine.runs import checkpoint
from engine.runs.checkpoint import Saved
from engine.training.writer import Writer


def told(iter_num):
    return [Checkpoint(iter_num=iter_num, path="x", kind="latest")]


def test_it_writes_on_a_thread_of_its_own_and_tells_once():
    writer, may_end, threads = Writer(), threading.Event(), []

    def write():
        threads.append(threading.current_thread())
        may_end.wait(10)
        return told(5)

    writer.start(write)
    assert writer.busy
    assert writer.collect() == []
    may_end.set()
    writer.wait()
    assert writer.collect() == told(5)
    assert writer.collect() == []
    assert threads != [threading.current_thread()]


@pytest.mark.parametrize("begin", ["start", "write"])
@pytest.mark.parametrize("error", [TrainingError("Full.", code="disk_full"), ZeroDivisionError("what nobody foresaw")])
def test_what_went_wrong_is_raised_once(begin, error):
    writer = Writer()

    def write():
        raise error

    getattr(writer, begin)(write)
    writer.wait()
    with pytest.raises(TrainingError) as raised:
        writer.collect()
    assert raised.value.code == ("disk_full" if error.args == ("Full.",) else "not_saved")
    assert writer.collect() == []


def test_nothing_begun_is_nothing_to_wait_for():
    writer = Writer()
    writer.wait()
    assert not writer.busy
    assert writer.collect() == []


@pytest.fixture
def saved(toy_model):
    model = toy_model()
    return Saved(
        args=model.args,
        model=model.state_dict(),
        optimizer={"state": {0: {"exp_avg": torch.ones(3)}}, "param_groups": [{"params": [0], "betas": (0.9, 0.99)}]},
        iter_num=7,
        best_val_loss=None,
        evaluated=5,
        config={},
        tokenizer=None,
    )


def test_a_copy_is_not_touched_by_later_updates(saved):
    copy = saved.copied()
    before = {name: tensor.clone() for name, tensor in saved.model.items()}
    for tensor in [*saved.model.values(), saved.optimizer["state"][0]["exp_avg"]]:
        tensor.fill_(9)
    assert all(torch.equal(tensor, copy.model[name]) for name, tensor in before.items())
    assert copy.optimizer["state"][0]["exp_avg"].tolist() == [1, 1, 1]
    assert copy.optimizer["param_groups"] == saved.optimizer["param_groups"]


def test_a_copy_keeps_tied_weights_tied(saved, tmp_path):
    copy = saved.copied()
    assert copy.model["lm_head.weight"].data_ptr() == copy.model["transformer.wte.weight"].data_ptr()
    assert copy.size == saved.size
    checkpoint.save(copy, tmp_path / "copy.pt")
    checkpoint.save(saved, tmp_path / "saved.pt")
    records = [zipfile.ZipFile(tmp_path / name).namelist() for name in ("copy.pt", "saved.pt")]
    assert records[0] == records[1]


def test_numbers_that_are_none_are_seen(saved):
    assert saved.is_finite
    saved.model["transformer.wpe.weight"][3, 2] = float("inf")
    assert not saved.is_finite
    saved.model["transformer.wpe.weight"][3, 2] = 0
    saved.optimizer["state"][0]["exp_avg"][1] = float("nan")
    assert not saved.is_finite


def test_the_checkpoint_before_is_kept_under_its_own_name(saved, tmp_path):
    path, previous = tmp_path / "ckpt.pt", tmp_path / "previous.pt"
    checkpoint.save(saved, path, previous)
    assert not previous.exists()
    first = path.read_bytes()
    saved.model["transformer.ln_f.weight"].add_(1)
    checkpoint.save(saved, path, previous)
    assert previous.read_bytes() == first != path.read_bytes()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["ckpt.pt", "previous.pt"]
