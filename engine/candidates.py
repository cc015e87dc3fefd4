"""Which tokens may come next, and how likely each is drawn: temperature and the cut-offs, applied to logits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.config import SampleConfig

ALL_BUT_ZERO = 1e-6
"""Temperatures below this leave the likeliest token alone; logits divided by them would leave float32's range."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """The tokens that may be drawn, the likeliest first: their ids (K,) and probabilities (K,), which sum to 1."""

    ids: Tensor
    probabilities: Tensor

    def draw(self, generator: torch.Generator) -> int:
        """Give one of them at random."""
        return int(self.ids[torch.multinomial(self.probabilities, 1, generator=generator)])


def candidates(logits: Tensor, seen: Sequence[int], config: SampleConfig) -> Candidates:
    """Give what may follow the tokens `seen`, from raw logits (V,).

    In this order: the repetition penalty (Keskar et al. 2019), temperature and top_k as nanoGPT's, top_p
    (Holtzman et al. 2020), and min_p (Nguyen et al. 2024). The likeliest token always stays; with temperature 0
    it is the only one.
    """
    if config.repetition_penalty != 1.0 and seen:
        logits = _penalised(logits, seen, config.repetition_penalty)
    if config.temperature < ALL_BUT_ZERO:
        return Candidates(logits.argmax()[None], torch.ones(1))
    count = min(config.top_k or len(logits), len(logits))
    values, ids = torch.topk(logits / config.temperature, count)
    probabilities = torch.softmax(values, 0)
    kept = probabilities.cumsum(0) - probabilities < config.top_p
    kept &= probabilities >= config.min_p * probabilities[0]
    kept[0] = True
    probabilities = probabilities[kept]
    return Candidates(ids[kept], probabilities / probabilities.sum())


def _penalised(logits: Tensor, seen: Sequence[int], penalty: float) -> Tensor:
    """Give logits (V,) in which tokens that were there before are less likely, however often they were."""
    ids = torch.tensor(sorted(set(seen)))
    picked = logits[ids]
    return logits.index_copy(0, ids, torch.where(picked > 0, picked / penalty, picked * penalty))
