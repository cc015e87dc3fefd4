"""Whatever ends a process, the run goes on as if nothing had happened: every loss and weight, byte for byte."""

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.core.events import Eval, Step
from engine.runs import checkpoint
from engine.runs.folder import RunFolder
from tests.patience import PATIENCE_S

ROOT = Path(__file__).resolve().parents[3]
SETTINGS = {
    "n_layer": 1,
    "n_head": 2,
    "n_embd": 16,
    "block_size": 16,
    "batch_size": 2,
    "gradient_accumulation_steps": 2,
    "dropout": 0.1,
    "max_iters": 60,
    "eval_interval": 10,
    "eval_iters": 2,
    "log_interval": 1,
    "sample_tokens": 5,
    "checkpoint_minutes": 0.0002,
    "early_stop": False,
    "device": "cpu",
}

GUIDE = {"dataset": "toy"} | SETTINGS
QUICK = SETTINGS | {
    "dataset": "speakers",
    "n_layer": 2,
    "block_size": 32,
    "copy_heads": True,
    "optimizer": "muon",
    "decay_form": "linear",
    "min_lr": 0.0,
    "dropout_at": "layers",
    "made_up_words": True,
}
"""What the quick recipe sets in a longer run."""

TAUGHT = QUICK | {"generations": 2}
"""And where a text is short for it."""


def train(out_dir, **changes):
    """Start `python -m engine train`; its events can be read from stdout."""
    flags = [f"--{name}={value}" for name, value in {**changes, "out_dir": out_dir}.items()]
    return subprocess.Popen(
        [sys.executable, "-m", "engine", "train", "--json", *flags],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process):
    out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, err
    return [json.loads(line) for line in out.splitlines()]


def kill_after(process, lines, *, in_save):
    """Read so many events, then kill; with `in_save` wait for a checkpoint's temporary file first. Whether it died."""
    folder = Path(json.loads(process.stdout.readline())["run_dir"])
    for _ in range(lines):
        process.stdout.readline()
    while in_save and process.poll() is None and not list(folder.glob(".ckpt.pt.*.tmp")):
        pass
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=PATIENCE_S)
    return process.returncode == -signal.SIGKILL


def trace(folder):
    """Return all that must be equal: losses as told, texts, and the bytes of both checkpoints' tensors."""
    run = RunFolder(folder)
    steps = [(e.iter_num, e.loss, e.lr, e.grad_norm) for e in run.events() if isinstance(e, Step)]
    evals = [event for event in run.events() if isinstance(event, Eval)]
    files = []
    for path in (run.checkpoint, run.best):
        saved = checkpoint.load(path)
        states = saved.optimizer["state"]
        moments = [states[n][k].numpy().tobytes() for n in sorted(states) for k in sorted(states[n])]
        moments += [tensor.numpy().tobytes() for _, tensor in sorted(saved.optimizer.get("momentum", {}).items())]
        weights = {name: tensor.numpy().tobytes() for name, tensor in saved.model.items()}
        files.append((saved.iter_num, saved.generation.began, saved.best_val_loss, saved.evaluated, weights, moments))
    return steps, evals, list(run.samples()), files


def undisturbed(tmp_path, settings):
    finish(train(tmp_path / "undisturbed", **settings))
    return trace(tmp_path / "undisturbed")


def disturb(tmp_path, settings, kills, seed):
    """Train with so many kills at random moments; how many processes really died of it."""
    draw = random.Random(seed)
    folder = tmp_path / f"disturbed-{seed}"
    died = 0
    process = train(folder, **settings)
    for number in range(kills):
        died += kill_after(process, draw.randint(2, 40), in_save=number % 2 == 1)
        process = train(folder, init_from="resume")
    finish(process)
    return folder, died


def test_two_kills_change_nothing(tmp_path, toy_dataset):
    expected = undisturbed(tmp_path, GUIDE)
    steps, evals, samples, _ = expected
    assert [step[0] for step in steps] == list(range(60))
    assert [each.iter_num for each in evals] == [each.iter_num for each in samples] == list(range(0, 61, 10))
    folder, died = disturb(tmp_path, GUIDE, kills=2, seed=1)
    assert died == 2
    assert trace(folder) == expected
    assert not list(folder.glob(".*.tmp"))
    assert not (folder / "run.lock").exists()


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("settings", [GUIDE, QUICK, TAUGHT], ids=["guide", "quick", "taught"])
def test_twenty_kills_change_nothing(tmp_path, toy_dataset, speakers_dataset, settings):
    expected = undisturbed(tmp_path, settings)
    seed = died = 0
    while died < 20:
        seed += 1
        folder, killed = disturb(tmp_path, settings, kills=5, seed=seed)
        died += killed
        assert trace(folder) == expected
