import math

import numpy as np
import pytest
import torch

from engine.core.config import TrainConfig
from engine.core.events import Turn
from engine.core.jobs import Control
from engine.machine.device import Device
from engine.tokens.batches import TokenFile
from engine.training.evaluation import bits_per_byte, mean_loss
from engine.training.learner import Learner

CONFIG = TrainConfig(block_size=16, batch_size=4, eval_iters=5, n_embd=16, n_head=2)


@pytest.fixture
def tokens(tmp_path):
    path = tmp_path / "val.bin"
    np.random.default_rng(2).integers(0, 30, 1000).astype("<u2").tofile(path)
    return TokenFile(path, 30)


def scored(job):
    turns = []
    try:
        while True:
            turns.append(next(job))
    except StopIteration as end:
        return end.value, turns


def score(model, tokens, control=None, config=CONFIG):
    return scored(mean_loss(Learner(model, config, Device()), tokens, control or Control()))


def test_it_is_the_mean_loss_of_the_fixed_windows(toy_model, tokens):
    model = toy_model()
    value, turns = score(model, tokens)
    starts = np.concatenate(tokens.fixed_windows(5, 4, 16))
    inputs, targets = tokens.windows(starts, 16)
    expected = torch.nn.functional.cross_entropy(model.logits(inputs).flatten(0, 1), targets.flatten()).detach()
    assert value == pytest.approx(float(expected), rel=1e-5)
    assert turns == [Turn.NEXT] * 5


def test_it_is_the_same_each_time_with_dropout_on_and_touches_no_random_state(toy_model, tokens):
    model = toy_model(dropout=0.5).train()
    state = torch.get_rng_state()
    first, second = score(model, tokens)[0], score(model, tokens)[0]
    assert first == second == score(toy_model(dropout=0.0), tokens)[0]
    torch.set_rng_state(state)
    score(model, tokens)
    assert torch.equal(torch.get_rng_state(), state)
    assert model.training


def test_the_model_trains_on_between_the_batches(toy_model, tokens):
    model = toy_model().train()
    for _ in mean_loss(Learner(model, CONFIG, Device()), tokens, Control()):
        assert model.training
    assert all(p.grad is None for p in model.parameters())


def test_it_is_taken_in_the_dtype_of_training(toy_model, tokens, narrow):
    model = toy_model()
    exact = score(model, tokens)[0]
    rounded = score(model, tokens, config=CONFIG.changed({"dtype": str(narrow).removeprefix("torch.")}))[0]
    assert rounded != exact
    assert rounded == pytest.approx(exact, rel=1e-3)


def test_a_stop_ends_it_after_the_batch_under_way(toy_model, tokens):
    control = Control()
    control.stop()
    assert score(toy_model(), tokens, control) == (None, [Turn.NEXT])


def test_a_short_text_is_scored_with_what_there_is(toy_model, tokens):
    tokens.tokens = tokens.tokens[:140]
    model = toy_model()
    value, turns = score(model, tokens)
    assert len(turns) == 2
    inputs, targets = tokens.windows(np.concatenate(tokens.fixed_windows(2, 4, 16)), 16)
    whole = torch.nn.functional.cross_entropy(model.logits(inputs).flatten(0, 1), targets.flatten())
    assert value == pytest.approx(float(whole.detach()), rel=1e-5)  # over its two batches, not over eval_iters


def test_bits_per_byte():
    assert bits_per_byte(math.log(2), 100, 100) == pytest.approx(1.0)  # one bit a token, one byte a token
    assert bits_per_byte(4 * math.log(2), 100, 400) == pytest.approx(1.0)
    assert bits_per_byte(math.log(256), 50, 50) == pytest.approx(8.0)  # a model that knows nothing of bytes
