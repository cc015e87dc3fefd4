"""What every test of the engine gets: its own folders, and toys that train in a blink."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from engine.core.config import TrainConfig
from engine.datasets.prepare import prepare
from engine.machine.abilities import multiplies
from engine.model.gpt import GPT, ModelArgs
from engine.runs.folder import RunFolder
from engine.runs.snapshots import is_snapshot
from engine.training.trainer import Trainer
from tests.stand_in_clock import Clock


@pytest.fixture(autouse=True)
def _own_folders(tmp_path, monkeypatch):
    """Keep the datasets, runs and files of a test to itself."""
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def synced(monkeypatch):
    """Return what was made safe from a power failure: files and folders by number, each with its size at that time."""
    found = {}

    def fsync(file):
        there = os.fstat(file)
        found[there.st_ino] = there.st_size

    monkeypatch.setattr(os, "fsync", fsync)
    return found


@pytest.fixture(scope="session")
def narrow():
    """Return a dtype of 16 bits that products can be taken in here: bfloat16, unless it is refused."""
    return next(dtype for dtype in (torch.bfloat16, torch.float16) if multiplies(torch.device("cpu"), dtype))


@pytest.fixture(scope="session")
def toy_text():
    """Return 6 KB of sentences in an order that the seed decides."""
    words = ["enter", "exit", "the", "king", "queen", "fool", "a", "crown", "speaks", "dies", "to", "be", "or", "not"]
    draw = random.Random(7)
    lines = (" ".join(draw.choices(words, k=draw.randint(3, 8))).capitalize() + ".\n" for _ in range(180))
    return "".join(lines)


def prepare_toy(folder, text):
    """Prepare the toy text with the char tokenizer under the name "toy"."""
    path = folder / "toy.txt"
    path.write_text(text, "utf-8")
    return prepare(str(path), name="toy", tokenizer="char")


def toy_settings(folder):
    """Return settings of a run that trains on the toy dataset in well under a second."""
    return {
        "dataset": "toy",
        "out_dir": str(folder / "out"),
        "n_layer": 1,
        "n_head": 2,
        "n_embd": 16,
        "block_size": 16,
        "batch_size": 4,
        "max_iters": 12,
        "learning_rate": 1e-2,
        "dtype": "float32",
        "warmup_iters": 2,
        "eval_interval": 5,
        "eval_iters": 2,
        "log_interval": 1,
        "sample_tokens": 3,
        "early_stop": False,
        "device": "cpu",
    }


@pytest.fixture
def toy_dataset(tmp_path, toy_text):
    """Prepare the toy text with the char tokenizer under the name "toy"."""
    return prepare_toy(tmp_path, toy_text)


@pytest.fixture
def speakers_dataset(tmp_path):
    """Prepare a text of names under the name "speakers": each fifth stands nowhere else, so that words are made up."""
    draw = random.Random(3)
    known = ("KING", "QUEEN", "FOOL")
    names = (draw.choice(known) if number % 5 else "".join(draw.choices("AEIOUMNR", k=6)) for number in range(1500))
    path = tmp_path / "speakers.txt"
    path.write_text(".\n".join(names), "utf-8")
    return prepare(str(path), name="speakers", tokenizer="char")


@pytest.fixture
def toy_config(tmp_path, toy_dataset):
    """Return a maker of configurations that train on the toy dataset in well under a second."""
    return lambda **changes: TrainConfig.of(toy_settings(tmp_path), changes)


@pytest.fixture(scope="session")
def trained_toy(tmp_path_factory, toy_text):
    """Return a folder that holds all that a toy run leaves which was trained to its end."""
    folder = tmp_path_factory.mktemp("toy")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UNDERSTUDY_HOME", str(folder / "home"))
        prepare_toy(folder, toy_text)
        for _ in Trainer(TrainConfig.of(toy_settings(folder))).run():
            pass
    return folder


@pytest.fixture
def toy_run(tmp_path, trained_toy):
    """Return the folder of a toy run that was trained to its end: a copy, as if it had been trained here."""
    for file in filter(Path.is_file, trained_toy.rglob("*")):
        copy = tmp_path / file.relative_to(trained_toy)
        copy.parent.mkdir(parents=True, exist_ok=True)
        if file.suffix == ".pt":
            saved = torch.load(file, weights_only=True)
            saved["config"]["out_dir"] = str(tmp_path / "out")
            torch.save(saved, copy)
        elif is_snapshot(file.name):
            copy.write_bytes(file.read_bytes())
        else:
            copy.write_bytes(file.read_bytes().replace(str(trained_toy).encode(), str(tmp_path).encode()))
    run = RunFolder(tmp_path / "out")
    run.best.unlink()
    os.link(run.checkpoint, run.best)  # as the best was the last
    return run


@pytest.fixture
def clock(monkeypatch):
    """Return the clock by which runs are trained here: a hundredth of a second whenever a run looks at it."""
    clock = Clock(tick=0.01)
    monkeypatch.setattr("engine.training.loop.time", clock)
    monkeypatch.setattr("engine.training.stopwatch.time", clock)
    return clock


@pytest.fixture(scope="session")
def toy_args():
    """Return a maker of small model shapes."""

    def make(**changes):
        toy = {
            "n_layer": 2,
            "n_head": 2,
            "n_embd": 16,
            "block_size": 16,
            "bias": True,
            "vocab_size": 30,
            "dropout": 0.0,
        }
        return ModelArgs(**toy | changes)

    return make


@pytest.fixture(scope="session")
def toy_model(toy_args):
    """Return a maker of small models with weights large enough to have opinions."""

    def make(seed=3, scale=8.0, **changes):
        torch.manual_seed(seed)
        model = GPT(toy_args(**changes))
        with torch.no_grad():
            for parameter in model.parameters():
                if parameter.dim() >= 2:
                    parameter.mul_(scale)
        return model.eval()

    return make


@pytest.fixture(scope="session")
def ended_process():
    """The id of a process that is no more."""
    code = "import os; print(os.getpid())"
    return int(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
