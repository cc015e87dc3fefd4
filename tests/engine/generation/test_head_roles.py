"""What a head does is said only where most of its weight, at many places, goes there."""

import pytest
import torch

from engine.core.events import Turn
from engine.generation.attention_map import attention
from engine.generation.decoder import Weights
from engine.generation.head_roles import Habits, roles_in


def even(time):
    looked = torch.ones(time, time).tril()
    return looked / looked.sum(1, keepdim=True)


def mostly(share, targets):
    """Return rows with a share of their weight on some targets, where there are any, and the rest even."""
    rows = even(len(targets))
    there = targets.sum(1, keepdim=True)
    return torch.where(there > 0, share * targets / there.clamp(min=1) + (1 - share) * rows, rows)


def habits(time, tokens):
    at = torch.arange(time)
    previous = (at[:, None] - 1 == at).float()
    first = (at == 0).float().expand(time, time).clone()
    same = ((tokens[:, None] == tokens) & (at[:, None] > at)).float()
    return {"previous": previous, "first": first, "same": same}


def tokens_with_repeats(time):
    """Return tokens of which each comes back, seldom."""
    return torch.randint(40, (time,), generator=torch.Generator().manual_seed(4))


@pytest.mark.parametrize("role", ["previous", "same", "first"])
def test_a_head_that_gives_most_of_its_weight_is_said_to_do_it_and_one_that_gives_less_is_not(role):
    tokens = tokens_with_repeats(128)
    targets = habits(128, tokens)[role]
    looked = torch.stack([mostly(0.8, targets), mostly(0.3, targets), even(128)])
    found = Habits(1, 3)
    found.add(0, looked, tokens)
    assert found.roles() == ((role, "none", "none"),)


def test_too_few_places_tell_nothing():
    tokens = tokens_with_repeats(32)
    found = Habits(1, 1)
    found.add(0, habits(32, tokens)["previous"][None], tokens)
    assert found.roles() == (("none",),)
    found.add(0, habits(32, tokens)["previous"][None], tokens)
    found.add(0, habits(32, tokens)["previous"][None], tokens)
    assert found.roles() == (("previous",),)


def test_where_all_tokens_are_the_same_none_is_said_to_look_for_its_like():
    tokens = torch.zeros(128, dtype=torch.long)
    found = Habits(1, 1)
    found.add(0, even(128)[None], tokens)
    assert found.roles() == (("none",),)


@pytest.fixture
def built(toy_model):
    """Return a model of one layer made by hand: head 0 looks at the token before, head 1 at the first."""
    model = toy_model(n_layer=1, n_embd=64, n_head=2, block_size=32, bias=False, scale=0.01)
    with torch.no_grad():
        model.transformer.wpe.weight.zero_()
        model.transformer.wpe.weight[:, :32] = torch.eye(32)
        qkv = model.transformer.h[0].attn.c_attn.weight
        qkv.zero_()
        for place in range(1, 32):
            qkv[place - 1, place] = 4.0  # head 0 asks for the place before
            qkv[32, place] = 4.0  # head 1 asks for the first
        for place in range(32):
            qkv[64 + place, place] = 4.0
        qkv[64 + 32, 0] = 4.0
    return Weights.frozen(model)


def test_it_is_measured_on_a_model(built):
    windows = [torch.randint(30, (32,)).tolist() for _ in range(4)]
    *turns, found = roles_in(built, windows)
    assert turns == [Turn.NEXT] * 4
    assert found.roles() == (("previous", "first"),)
    (looked,) = attention(built, windows[0])
    assert looked[0, 20].argmax() == 19
    assert looked[1, 20].argmax() == 0
