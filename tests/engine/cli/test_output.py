"""What is printed is never worth a run: the real command, in a process whose output goes nowhere or that is ended."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.core.paths import logs_dir
from engine.runs import checkpoint
from engine.runs.folder import RunFolder

ROOT = Path(__file__).parents[3]
SHAPE = ["--n_layer=1", "--n_head=1", "--n_embd=8", "--block_size=8", "--batch_size=2", "--device=cpu"]
SHORT = ["--eval_iters=1", "--eval_interval=100000", "--log_interval=1", "--sample_tokens=0", "--dtype=float32"]


@pytest.fixture
def train(toy_dataset, tmp_path):
    """Start `train` in a process; it ends after `iters` iterations."""

    def start(iters, **how):
        flags = ["--dataset=toy", f"--out_dir={tmp_path / 'run'}", f"--max_iters={iters}", *SHAPE, *SHORT]
        command = [sys.executable, "-m", "engine", "train", *flags]
        return subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, cwd=tmp_path, **how)

    return start


def saved(tmp_path):
    return checkpoint.load(RunFolder(tmp_path / "run").checkpoint).iter_num


@pytest.mark.thorough
def test_a_reader_that_has_enough_ends_no_training(train, tmp_path):
    process = train(60, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.readline()
    process.stdout.close()
    _, errors = process.communicate(timeout=200)
    assert (process.returncode, errors) == (0, b"")
    assert saved(tmp_path) == 60
    (log,) = logs_dir().glob("train-*.log")
    assert "iter 59: loss" in log.read_text("utf-8")


@pytest.mark.thorough
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has /dev/full")
def test_output_to_a_full_disk_ends_no_training(train, tmp_path):
    with open("/dev/full", "w") as full:
        process = train(5, stdout=full, stderr=full)
        assert process.wait(timeout=200) == 0
    assert saved(tmp_path) == 5
    assert list(logs_dir().glob("train-*.log"))


@pytest.mark.thorough
@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGINT])
def test_a_signal_saves_also_when_the_terminal_is_gone(train, tmp_path, number):
    process = train(10**6, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while b"iter 3" not in process.stdout.readline():
        pass
    process.stdout.close()
    process.stderr.close()
    process.send_signal(number)
    assert process.wait(timeout=200) == 128 + number
    assert saved(tmp_path) > 3


@pytest.mark.thorough
def test_a_hangup_that_nohup_has_ignored_stays_so(train, tmp_path):
    process = train(
        200,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    )
    while b"iter 3" not in process.stdout.readline():
        pass
    process.send_signal(signal.SIGHUP)
    process.communicate(timeout=200)
    assert process.returncode == 0
    assert saved(tmp_path) == 200
