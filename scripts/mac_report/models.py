"""The models that the report measures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.core.config import TrainConfig
from engine.planning.presets import preset
from engine.training.bench import RandomTokens


@dataclass(frozen=True, slots=True)
class Model:
    """A run's settings, and how many tokens its text has."""

    name: str
    config: TrainConfig
    vocab_size: int


def tiny() -> Model:
    """Return the preset tiny with GPT-2's tokens, as by default."""
    return Model("tiny", preset("tiny").config(dtype="float32"), 50_304)


def quick() -> Model:
    """Return what the quick recipe takes for a play and twenty minutes, or nearly."""
    shape = {"n_layer": 4, "n_head": 4, "n_embd": 256, "block_size": 128, "batch_size": 32}
    return Model("quick", TrainConfig.of({**shape, "optimizer": "muon", "dropout": 0.1, "dtype": "float32"}), 4_096)


class SkewedTokens(RandomTokens):
    """Random tokens of which few are frequent, as in a text: so that there is something to learn at once."""

    def __init__(self, vocab_size: int, block_size: int) -> None:
        super().__init__(vocab_size, block_size)
        draws = np.random.default_rng(0).random(len(self.tokens))
        self.tokens = (vocab_size * draws**4).astype("<u2")
