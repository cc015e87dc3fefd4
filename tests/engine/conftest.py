"""What every test of the engine gets: its own folders, and toys that train in a blink."""

import random

import pytest
import torch

from engine.core.config import TrainConfig
from engine.datasets.prepare import prepare
from engine.machine.abilities import multiplies
from engine.model.gpt import GPT, ModelArgs
from engine.runs.folder import RunFolder
from engine.training.trainer import Trainer
from tests.stand_in_clock import Clock


@pytest.fixture(autouse=True)
def _own_folders(tmp_path, monkeypatch):
    """Keep the datasets, runs and files of a test to itself."""
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


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


@pytest.fixture
def toy_dataset(tmp_path, toy_text):
    """Prepare the toy text with the char tokenizer under the name "toy"."""
    path = tmp_path / "toy.txt"
    path.write_text(toy_text, "utf-8")
    return prepare(str(path), name="toy", tokenizer="char")


@pytest.fixture
def toy_config(tmp_path, toy_dataset):
    """Return a maker of configurations that train on the toy dataset in well under a second."""

    def make(**changes):
        toy = {
            "dataset": "toy",
            "out_dir": str(tmp_path / "out"),
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
        return TrainConfig.of(toy, changes)

    return make


@pytest.fixture
def toy_run(toy_config):
    """Return the folder of a toy run that was trained to its end."""
    config = toy_config()
    for _ in Trainer(config).run():
        pass
    return RunFolder(config.out_dir)


@pytest.fixture
def clock(monkeypatch):
    """Return the clock by which runs are trained here: a hundredth of a second whenever a run looks at it."""
    clock = Clock(tick=0.01)
    monkeypatch.setattr("engine.training.loop.time", clock)
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
