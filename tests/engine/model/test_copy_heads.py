"""A model that begins with copy heads expects again what followed the same token before, and is a GPT-2 like any."""

import math

import pytest
import torch

from engine.core.config import TrainConfig
from engine.core.errors import SettingError
from engine.machine.device import choose_device
from engine.model.copy_heads import begin_with_copy_heads
from engine.model.gpt import GPT, ModelArgs, heads
from engine.training.learner import Learner

VOCABULARY = 512
SHAPES = [
    ((2, 2, 128), 0.05),
    ((3, 3, 192), 0.1),
    ((4, 4, 256), 0.25),
    ((2, 1, 96), 0.1),
    ((4, 8, 128), 0.3),
    ((2, 4, 40), 0.45),
]
"""Layers, heads and width, and the share that is likelier than the right one at most: the smaller the less is found."""


def shaped(layers, count, width):
    return ModelArgs(
        n_layer=layers, n_head=count, n_embd=width, block_size=64, bias=False, vocab_size=VOCABULARY, dropout=0.0
    )


def fresh(args, copying):
    torch.manual_seed(3)
    model = GPT(args).eval()
    if copying:
        begin_with_copy_heads(model)
    return model


def twice(length=32):
    """Return random tokens, each row the same text twice."""
    once = torch.randint(0, VOCABULARY, (8, length), generator=torch.Generator().manual_seed(5))
    return torch.cat((once, once), 1)


@torch.no_grad()
def share_that_is_likelier(model):
    """Return the share of all tokens that is likelier than the right one, in the second half of what stands twice."""
    tokens = twice()
    logits = model.logits(tokens)[:, 33:63]
    right = logits.gather(2, tokens[:, 34:64, None])
    return float((logits > right).float().mean())


@pytest.mark.parametrize(("shape", "most"), SHAPES)
def test_what_stood_before_is_expected_again_from_the_beginning(shape, most):
    args = shaped(*shape)
    assert share_that_is_likelier(fresh(args, True)) < most
    assert share_that_is_likelier(fresh(args, False)) == pytest.approx(0.5, abs=0.06)


@torch.no_grad()
def test_the_first_head_looks_one_back():
    model = fresh(shaped(2, 2, 128), True)
    first = model.transformer.h[0]
    x = model.transformer.wte(twice()) + model.transformer.wpe.weight
    query, key, _ = (heads(part, 2)[:, 0] for part in first.attn.c_attn(first.ln_1(x)).chunk(3, dim=2))
    scores = (query @ key.mT / 8).masked_fill(torch.ones(64, 64).triu(1).bool(), -math.inf)
    one_back = scores.softmax(2).diagonal(-1, 1, 2)
    assert float(one_back.mean()) > 0.8


def test_it_is_a_gpt2_of_the_same_names_and_shapes():
    with_heads, without = (fresh(shaped(3, 3, 192), copying).state_dict() for copying in (True, False))
    assert {name: x.shape for name, x in with_heads.items()} == {name: x.shape for name, x in without.items()}


def test_layers_after_the_second_begin_at_random_as_always():
    with_heads, without = (fresh(shaped(3, 3, 192), copying).transformer.h[2].state_dict() for copying in (True, False))
    assert all(torch.equal(with_heads[name], x) for name, x in without.items())


def learner(**settings):
    config = TrainConfig(n_layer=2, n_head=2, n_embd=64, block_size=64, seed=4, device="cpu", **settings)
    return Learner.fresh(config, VOCABULARY, choose_device("cpu"))


def test_a_run_begins_with_them_where_it_is_asked_and_alike_for_a_seed():
    one, same, none = (learner(copy_heads=wanted).model for wanted in (True, True, False))
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), same.parameters(), strict=True))
    assert share_that_is_likelier(one.eval()) < 0.3 < share_that_is_likelier(none.eval())


@pytest.mark.parametrize("shape", [{"n_layer": 1}, {"n_embd": 4, "n_head": 4}, {"n_embd": 4, "n_head": 2}])
def test_a_model_too_small_for_them_is_refused(shape):
    with pytest.raises(SettingError) as caught:
        TrainConfig(**{"n_layer": 2, "n_head": 2, "n_embd": 64} | shape, copy_heads=True)
    assert set(caught.value.problems) == {"copy_heads"}
