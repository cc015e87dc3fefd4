"""How far a device is from what is right, in words; near enough is silence."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.machine.device import Device
from engine.tokens.batches import TokenFile
from engine.training.trace import AT_ONCE, DRIFT_TOLERANCE, DROPPED_TOLERANCE, STEPS, WRITTEN, Trace, difference, trace

TOLERANCE = 1e-2


def right(**changes):
    """Return what a device may give, of numbers that are easily changed."""
    given = {
        "features": [torch.ones(4), torch.ones(4)],
        "written": [torch.ones(4), torch.ones(4)],
        "losses": [3.0, 2.5, 2.0],
        "grad_norms": [1.0, 1.0, 1.0],
        "updates": {"wte": torch.ones(4)},
        "causal": True,
        "dropped": 0.2,
    }
    return Trace(**given | changes)


OFF = [
    ({"causal": False}, "a token sees what comes after it"),
    ({"features": [torch.ones(4) * 1.02, torch.ones(4)]}, "when training, its layers"),
    ({"features": [torch.ones(4), torch.ones(4) * 1.02]}, "when evaluating, its layers"),
    ({"features": [torch.ones(4) * math.nan, torch.ones(4)]}, "when training, its layers"),
    ({"written": [torch.ones(4) * 0.98, torch.ones(4)]}, "when writing a text, it expects"),
    ({"written": [torch.ones(4), torch.ones(4) * 1.02]}, "when writing several texts, it expects"),
    ({"losses": [3.0, 2.5, 2.03]}, "the loss after 2 steps is 2.0300 where the processor gets 2.0000"),
    ({"losses": [math.nan, 2.5, 2.0]}, "the loss after 0 steps is nan"),
    ({"grad_norms": [1.0, 1.11, 1.0]}, "the gradient’s norm in step 1 is 1.1100"),
    ({"updates": {"wte": torch.ones(4) * (1.02 + DRIFT_TOLERANCE)}}, "the weights in wte were not moved"),
    ({"dropped": 0.2 * (1.02 + DROPPED_TOLERANCE)}, "dropout moves its features by 26% where"),
    ({"drops_back": False}, "its gradients drop something else than dropout did"),
]


@pytest.mark.parametrize(("change", "words"), OFF)
def test_what_is_off_is_named(change, words):
    assert words in difference(right(), right(**change), TOLERANCE)


def test_what_rounding_makes_is_near_enough():
    near = right(
        features=[torch.ones(4) * 0.992, torch.ones(4) * 1.008],
        written=[torch.ones(4) * 0.992, torch.ones(4) * 1.008],
        losses=[3.02, 2.48, 2.0],
        grad_norms=[1.08, 0.92, 1.0],
        updates={"wte": torch.ones(4) * (0.98 + DRIFT_TOLERANCE)},
        dropped=0.2 * (0.98 + DROPPED_TOLERANCE),
    )
    assert difference(right(), near, TOLERANCE) == ""


@pytest.fixture
def tokens(tmp_path):
    np.random.default_rng(2).integers(0, 30, 1000).astype("<u2").tofile(tmp_path / "train.bin")
    return TokenFile(tmp_path / "train.bin", 30)


def ended(job):
    while True:
        try:
            next(job)
        except StopIteration as end:
            return end.value


def test_a_device_traced_twice_gives_the_same(toy_config, tokens):
    config = toy_config(dropout=0.2)
    one, other = (ended(trace(config, tokens, Device())) for _ in range(2))
    assert difference(one, other, 0.0) == ""
    assert [logits.shape for logits in one.written] == [(WRITTEN, count, 30) for count in AT_ONCE]
    assert len(one.losses) == STEPS
    assert one.dropped > 0
    assert not torch.equal(*one.features) or one.causal  # both ways were gone


def test_without_dropout_nothing_is_dropped(toy_config, tokens):
    found = ended(trace(toy_config(), tokens, Device()))
    assert (found.dropped, found.drops_back, found.causal) == (0.0, True, True)
    assert difference(found, replace(found, losses=[loss * 1.5 for loss in found.losses]), 0.1)


def test_the_updates_are_what_was_added_to_each_weight(toy_config, tokens):
    still = ended(trace(toy_config(learning_rate=0.0, min_lr=0.0, weight_decay=0.0), tokens, Device()))
    assert not any(update.any() for update in still.updates.values())
    moved = ended(trace(toy_config(), tokens, Device()))
    assert moved.updates.keys() == still.updates.keys()
    assert all(update.any() for update in moved.updates.values())
