import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.distributed as dist

from engine.core.config import TrainConfig
from engine.core.errors import OutOfMemoryError, SettingError, TrainingError
from engine.machine.device import Device
from engine.runs import checkpoint
from engine.runs.command_line import flag
from engine.runs.continuation import resumed_config
from engine.runs.folder import RunFolder
from engine.tokens.batches import TokenFile
from engine.training import distributed
from engine.training.distributed import TIMEOUT_S, Leader, _error_of, _evenly, _pieces, _timeout_s, require_enough
from engine.training.learner import Learner
from engine.training.team import ALONE
from engine.training.trainer import Trainer
from tests.patience import PATIENCE_S

ROOT = Path(__file__).parents[3]

FAULT = """
import sys
from engine.cli import main as cli; from engine.training import learner
whole = learner.Learner._micro_step
def short_of_memory(self, iter_num, piece):
    if iter_num == 3 and self.config.batch_size == 4:
        raise MemoryError
    return whole(self, iter_num, piece)
learner.Learner._micro_step = short_of_memory
sys.exit(cli.main(sys.argv[1:]))
"""
"""A process that has no room for whole batches at iteration 3."""


def flags(config):
    return [flag(name, value) for name, value in config.as_dict().items() if value != ""]


def environment(**changes):
    kept = {name: value for name, value in os.environ.items() if name not in ("RANK", "WORLD_SIZE")}
    return kept | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"} | changes


def start(rank, port, *command, wait_s=PATIENCE_S):
    """Start one of two processes as torchrun would."""
    told = {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": "2", "UNDERSTUDY_TIMEOUT": str(wait_s)}
    where = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    return subprocess.Popen(
        [sys.executable, *command], env=environment(**told, **where), stdout=-1, stderr=-1, text=True
    )


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def record(folder):
    """Return what a run told of its losses."""
    rows = [json.loads(line) for line in RunFolder(folder).metrics_path.read_text().splitlines()]
    steps = [(r["iter_num"], r["loss"], r["grad_norm"]) for r in rows if r["event"] == "step"]
    evals = [(r["iter_num"], r["train_loss"], r["val_loss"]) for r in rows if r["event"] == "eval"]
    return np.array(steps), np.array(evals)


def by_torchrun(*command):
    torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2", *command]
    return subprocess.run(
        [sys.executable, *torchrun], env=environment(), capture_output=True, text=True, timeout=PATIENCE_S, check=True
    ).stdout


def as_by_torchrun(*command):
    port = free_port()
    first, other = (start(rank, port, *command) for rank in (0, 1))
    told, words = first.communicate(timeout=PATIENCE_S)
    other_told, other_words = other.communicate(timeout=PATIENCE_S)
    assert (first.returncode, other.returncode) == (0, 0), words + other_words
    return told + other_told


@pytest.mark.parametrize("together", [as_by_torchrun, pytest.param(by_torchrun, marks=pytest.mark.slow)])
def test_two_processes_learn_what_one_does(toy_config, together):
    one = toy_config(gradient_accumulation_steps=1, batch_size=5, eval_iters=3, max_iters=8)
    list(Trainer(one).run())
    two = one.changed({"out_dir": str(Path(one.out_dir).with_name("two"))})
    told = together("-m", "engine", "train", *flags(two), "--json")
    events = [json.loads(line) for line in told.splitlines()]
    assert [event["processes"] for event in events if event["event"] == "started"] == [2]
    assert [event["event"] for event in events].count("finished") == 1  # one writer
    for ours, theirs in zip(record(two.out_dir), record(one.out_dir), strict=True):
        assert np.allclose(ours, theirs, rtol=1e-4)
    ours, theirs = (checkpoint.load(RunFolder(config.out_dir).checkpoint).model for config in (two, one))
    assert all(torch.allclose(ours[name], tensor, atol=1e-4) for name, tensor in theirs.items())


def test_two_processes_share_muon_and_go_on_with_its_momenta(toy_config):
    shared = {"gradient_accumulation_steps": 1, "batch_size": 5, "eval_iters": 1}
    one = toy_config(optimizer="muon", max_iters=8, lr_decay_iters=20, **shared)
    list(Trainer(one).run())
    two = one.changed({"out_dir": str(Path(one.out_dir).with_name("two")), "max_iters": 4})
    as_by_torchrun("-m", "engine", "train", *flags(two))
    as_by_torchrun("-m", "engine", "train", "--init_from=resume", f"--out_dir={two.out_dir}", "--max_iters=8")
    ours, theirs = ({at: loss for at, loss, _ in record(config.out_dir)[0]} for config in (two, one))
    assert ours.keys() == theirs.keys() >= {0.0, 7.0}
    assert np.allclose([ours[at] for at in theirs], list(theirs.values()), rtol=1e-3)


def test_two_processes_are_taught_as_one_is(toy_config):
    shared = {"gradient_accumulation_steps": 1, "batch_size": 5, "eval_iters": 3}
    one = toy_config(generations=2, max_iters=8, eval_interval=4, **shared)
    list(Trainer(one).run())
    two = one.changed({"out_dir": str(Path(one.out_dir).with_name("two"))})
    as_by_torchrun("-m", "engine", "train", *flags(two))
    for ours, theirs in zip(record(two.out_dir), record(one.out_dir), strict=True):
        assert np.allclose(ours, theirs, rtol=1e-3)
    assert checkpoint.load(RunFolder(two.out_dir).checkpoint).generation.number == 1


def test_a_fault_of_one_process_is_mended_by_the_first_and_its_death_ends_the_run(toy_config):
    config = toy_config(max_iters=100_000, on_fault="fix", eval_interval=1000)
    port = free_port()
    first = start(0, port, "-m", "engine", "train", *flags(config), "--json")
    other = start(1, port, "-c", FAULT, "train", *flags(config))
    mended = []
    for line in first.stdout:
        event = json.loads(line)
        mended += [event] if event["event"] == "advice" and event["code"] == "out_of_memory" else []
        if event["event"] == "step" and event["iter_num"] == 12:
            os.kill(other.pid, signal.SIGKILL)
            break
    _, words = first.communicate(timeout=PATIENCE_S)
    other.communicate(timeout=PATIENCE_S)
    assert "gradient_accumulation_steps 2" in mended[0]["why"]
    assert first.returncode == 1
    assert words.startswith("A process of this run was lost.")
    assert f"--out_dir={config.out_dir}" in words
    assert "Traceback" not in words
    saved = checkpoint.load(RunFolder(config.out_dir).checkpoint)
    assert saved.iter_num >= 13
    go_on = resumed_config(config.out_dir, {"max_iters": saved.iter_num + 2, "eval_interval": 100_000})
    assert list(Trainer(go_on).run())[-1].reason == "done"


def test_a_run_too_small_to_share_says_so():
    config = TrainConfig(batch_size=2, gradient_accumulation_steps=2)
    require_enough(config, 4)
    with pytest.raises(SettingError) as told:
        require_enough(config, 5)
    assert told.value.message == "An update of 4 windows cannot be shared by 5 processes."


@pytest.mark.slow
def test_a_process_that_hangs_ends_the_run(toy_config):
    config = toy_config(max_iters=100_000)
    port = free_port()
    first, other = (start(rank, port, "-m", "engine", "train", *flags(config), "--json", wait_s=3) for rank in (0, 1))
    for line in first.stdout:
        if json.loads(line).get("iter_num") == 5:
            os.kill(other.pid, signal.SIGSTOP)
            break
    _, words = first.communicate(timeout=PATIENCE_S)
    other.kill()
    other.communicate()
    assert first.returncode == 1
    assert "did not answer in time" in words
    assert checkpoint.load(RunFolder(config.out_dir).checkpoint).iter_num >= 5


@pytest.mark.parametrize(("batch_size", "micro_steps", "processes"), [(4, 4, 2), (4, 1, 2), (5, 3, 4), (1, 3, 2)])
def test_the_pieces_of_all_processes_are_the_update(tmp_path, batch_size, micro_steps, processes):
    np.arange(500, dtype="<u2").tofile(tmp_path / "train.bin")
    tokens = TokenFile(tmp_path / "train.bin", 500)
    config = TrainConfig(batch_size=batch_size, gradient_accumulation_steps=micro_steps, block_size=8)
    alone = list(ALONE.pieces(7, tokens, config))
    rows = batch_size * micro_steps
    inputs, targets = tokens.random_windows(rows, 8, config.seed, 7)
    shared = []
    for first, end in _evenly(rows, processes):
        pieces = list(_pieces((inputs[first:end], targets[first:end]), (first, end), rows, batch_size))
        assert all(len(piece.windows[0]) <= batch_size for piece in pieces)
        shared += pieces
    for part in (0, 1):
        assert torch.equal(*(torch.cat([piece.windows[part] for piece in each]) for each in (shared, alone)))
    for each in (shared, alone):
        assert sum(piece.share for piece in each) == pytest.approx(1)
        assert all(piece.share == pytest.approx(len(piece.windows[0]) / rows) for piece in each)
    if micro_steps % processes == 0:
        assert [piece.number for piece in shared] == [piece.number for piece in alone]  # they drop out the same


# the first process, in a group of which it is all


@pytest.fixture
def group():
    """Yield while there is a group of processes: this one alone."""
    dist.init_process_group("gloo", rank=0, world_size=1, store=dist.HashStore())
    yield
    if dist.is_initialized():
        dist.destroy_process_group()


@pytest.fixture
def tokens(tmp_path):
    np.random.default_rng(4).integers(0, 20, 500).astype("<u2").tofile(tmp_path / "train.bin")
    return TokenFile(tmp_path / "train.bin", 20)


SHAPE = {"n_layer": 1, "n_head": 2, "n_embd": 16, "block_size": 8, "batch_size": 4, "dtype": "float32"}


def learner_of(**changes):
    return Learner.fresh(TrainConfig.of(SHAPE, changes), 20, Device())


@pytest.mark.usefixtures("group")
@pytest.mark.parametrize("micro_steps", [1, 3])
def test_the_first_of_one_learns_and_scores_what_one_alone_does(tokens, micro_steps):
    alone, shared = (learner_of(gradient_accumulation_steps=micro_steps) for _ in range(2))
    leader = Leader(60.0)
    leader.take_in(shared.config, shared)
    assert shared.team is leader
    for iter_num in range(3):
        for learner in (alone, shared):
            list(learner.update(iter_num, tokens))
        one, other = alone.read(iter_num), shared.read(iter_num)
        assert (other.loss, other.grad_norm) == pytest.approx((one.loss, one.grad_norm), rel=1e-5)
    for ours, theirs in zip(shared.model.parameters(), alone.model.parameters(), strict=True):
        assert torch.allclose(ours, theirs, atol=1e-6)
    batch = tokens.random_windows(4, 8, 9)
    assert leader.losses(shared, [batch]).tolist() == pytest.approx(ALONE.losses(alone, [batch]).tolist())


@pytest.mark.usefixtures("group")
def test_the_others_hear_that_the_run_goes_on_a_tenth_of_their_patience_after_the_last_word(tokens, monkeypatch):
    now, said = [100.0], []
    monkeypatch.setattr(distributed.time, "monotonic", lambda: now[0])
    leader = Leader(60.0)
    tell = Leader._tell
    monkeypatch.setattr(Leader, "_tell", lambda self, **order: [said.append(order["do"]), tell(self, **order)])
    for seconds, words in ((6.0, []), (6.1, ["stay"]), (12.0, ["stay"]), (12.2, ["stay", "stay"])):
        now[0] = 100.0 + seconds
        leader.stay()
        assert said == words
    learner = learner_of()
    leader.take_in(learner.config, learner)
    update = leader.pieces(0, tokens, learner.config)
    next(update)
    now[0] = 1000.0
    leader.stay()  # the others are at work on the update
    assert said[-1] == "update"
    leader.abandon(ZeroDivisionError())
    leader.stay()
    assert said[-1] == "stay"
    leader.close()
    assert said[-1] == "end"
    assert not dist.is_initialized()


@pytest.mark.usefixtures("group")
def test_an_update_that_is_given_up_is_left_out_by_all_and_the_next_is_made(tokens):
    learner = learner_of(gradient_accumulation_steps=3)
    leader = Leader(60.0)
    leader.take_in(learner.config, learner)
    before = [parameter.clone() for parameter in learner.model.parameters()]
    update = learner.update(0, tokens)
    next(update)
    update.close()
    assert all(torch.equal(one, other) for one, other in zip(before, learner.model.parameters(), strict=True))
    list(learner.update(0, tokens))
    assert not all(torch.equal(one, other) for one, other in zip(before, learner.model.parameters(), strict=True))


@pytest.mark.parametrize(("given", "seconds"), [(None, TIMEOUT_S), ("12.5", 12.5)])
def test_how_long_the_others_are_waited_for_is_a_number_of_seconds(monkeypatch, given, seconds):
    monkeypatch.delenv("UNDERSTUDY_TIMEOUT", raising=False)
    if given:
        monkeypatch.setenv("UNDERSTUDY_TIMEOUT", given)
    assert _timeout_s() == seconds


@pytest.mark.parametrize("given", ["0", "-3", "soon", "nan", ""])
def test_any_other_patience_is_refused(monkeypatch, given):
    monkeypatch.setenv("UNDERSTUDY_TIMEOUT", given)
    with pytest.raises(SettingError, match="UNDERSTUDY_TIMEOUT must be a number of seconds"):
        _timeout_s()


def test_what_another_process_told_is_raised_as_what_it_was():
    told = {"message": "Process 1: no room.", "cause": "c", "fix": "f", "code": "out_of_memory"}
    error = _error_of(json.dumps(told).encode())
    assert isinstance(error, OutOfMemoryError)
    assert (error.message, error.cause, error.fix, error.code) == tuple(told.values())
    other = _error_of(json.dumps(told | {"code": "nan_loss"}).encode())
    assert type(other) is TrainingError
    assert "leaves this out" in _error_of(b"").message
