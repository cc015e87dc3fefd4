"""The engine from Python: what a notebook's reader copies from the README works, word for word."""

import subprocess
import sys
from pathlib import Path

import pytest

import engine
from engine import SampleConfig, TrainConfig, Trainer, estimate, load, prepare, sample
from engine.core.errors import CheckpointError, SettingError
from engine.core.events import Eval
from engine.model.gpt import GPT, ModelArgs

ROOT = Path(__file__).parents[2]


@pytest.fixture
def run(toy_config):
    """Yield the folder of a run that trained a few iterations, and the evaluations it told of."""
    config = toy_config(max_iters=4, eval_interval=2)
    return config, [event for event in Trainer(config).run() if isinstance(event, Eval)]


def test_a_text_becomes_a_model_that_writes(run):
    config, evaluations = run
    assert [event.iter_num for event in evaluations] == [0, 2, 4]
    model = load(config.out_dir)
    one, two = sample(model, "The king", max_new_tokens=12, num_samples=2, seed=3)
    assert one.startswith("The king")
    assert two.startswith("The king")
    assert one != two
    assert sample(model, "The king", max_new_tokens=12, num_samples=2, seed=3) == [one, two]
    assert sample(load(Path(config.out_dir) / "ckpt.pt"), "The king", max_new_tokens=12, seed=3) == [one]


def test_an_estimate_counts_what_the_model_has(toy_config):
    config = toy_config()
    told = estimate(config)
    vocab_size = prepare(str(Path("toy.txt").absolute()), name="toy", tokenizer="char").vocab_size
    shape = ModelArgs(
        block_size=config.block_size,
        vocab_size=vocab_size,
        n_layer=config.n_layer,
        n_head=config.n_head,
        n_embd=config.n_embd,
        dropout=0.0,
        bias=config.bias,
    )
    assert told.parameters.total == sum(parameter.numel() for parameter in GPT(shape).parameters())
    assert told.fits == (told.memory.total <= told.limit)
    assert not estimate(TrainConfig.of(config.as_dict(), {"n_layer": 96, "n_embd": 16384})).fits


def test_what_is_not_there_is_told(tmp_path):
    with pytest.raises(CheckpointError, match="no checkpoint"):
        load(tmp_path)


def test_a_setting_out_of_range_is_told(run):
    with pytest.raises(SettingError, match="temperature"):
        sample(load(run[0].out_dir), temperature=-1.0)


def test_every_public_name_is_there_and_no_other():
    assert {name: getattr(engine, name) for name in engine.__all__}["SampleConfig"] is SampleConfig
    with pytest.raises(AttributeError, match="has no attribute 'Train'"):
        engine.Train  # noqa: B018


def test_importing_the_engine_loads_neither_torch_nor_numpy():
    code = "import engine, sys; sys.exit(bool({'torch', 'numpy', 'engine.api'} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
