"""What an iteration costs on a kind of device: its products, and the calls that ask for them. Pure arithmetic.

How fast a machine makes them is measured (calibration.py), or guessed (pace.py). docs/recipes.md has what it rests on.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from engine.core.config import TrainConfig
from engine.core.kinds import DeviceKind
from engine.planning.estimate import flops_per_iter, muon_flops

SHARE_OF_PRODUCTS = 0.5
"""Of the operations a second of plain float32 products those that training a small model reaches, about. Muon's are
plain products."""

CALL_S: Mapping[DeviceKind, float] = {"cpu": 8e-6, "cuda": 8e-6, "mps": 10e-6}
"""Seconds that asking for one operation takes beside what it computes, about.

On MPS, on an M1 Pro: twenty microseconds where it goes by MPSGraph, as products do, which are a third of them, and five
for a kernel of Metal (pytorch#148219). Not verified on a Mac by the authors.
"""


@dataclass(frozen=True, slots=True)
class IterationCost:
    """Floating-point operations of an iteration, and the seconds of asking for them and for all the rest.

    Of Muon's operations as many count as training makes in their time.
    """

    operations: float
    calls_s: float

    def seconds(self, rate: float) -> float:
        """Return the seconds of an iteration at so many operations a second."""
        return self.operations / rate + self.calls_s

    def doublings_from(self, other: IterationCost) -> float:
        """Return how often another's operations must be doubled to be as many; below 0 where they are more."""
        return math.log2(self.operations / other.operations)

    def seconds_beside(self, other: IterationCost, seconds: float) -> float:
        """Return the seconds of this where the other took so many, at most half of them for its calls."""
        calls_s = min(other.calls_s, seconds / 2)
        products_s = seconds - calls_s
        return products_s * self.operations / other.operations + calls_s * self.calls_s / other.calls_s


def iteration_cost(config: TrainConfig, vocab_size: int, device: DeviceKind) -> IterationCost:
    """Return what an iteration costs; of a model that is taught, where the run trains several."""
    training = flops_per_iter(config, vocab_size, taught=config.generations > 1)
    muon = muon_flops(config.n_layer, config.n_embd) if config.optimizer == "muon" else 0
    return IterationCost(training + SHARE_OF_PRODUCTS * muon, calls(config) * CALL_S[device])


def calls(config: TrainConfig) -> int:
    """Return how many operations an iteration asks for on Apple's GPU; on other devices about as many.

    Counted on the tests' stand-in for such a GPU, with logits in one block: forward and back 41 for each micro step and
    48 for each layer of it, with dropout 3 and 10 more, with a teacher 6 and 11; 9 for AdamW's update, 48 more for
    Muon's.
    """
    layers, dropout, taught = config.n_layer, config.dropout > 0, config.generations > 1
    step = 41 + 48 * layers + dropout * (3 + 10 * layers) + taught * (6 + 11 * layers)
    return config.gradient_accumulation_steps * step + 9 + 48 * (config.optimizer == "muon")
