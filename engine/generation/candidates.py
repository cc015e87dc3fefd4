"""Which tokens may come next, and how likely each is drawn: temperature and the cut-offs, applied to logits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.core.config import SampleConfig

ALL_BUT_ZERO = 1e-6
"""Temperatures below this leave the likeliest token alone; logits divided by them would leave float32's range."""

_GROUP = 64


@dataclass(frozen=True, slots=True)
class Candidates:
    """The tokens that may be drawn, the likeliest first: their ids (K,) and probabilities (K,), which sum to 1."""

    ids: Tensor
    probabilities: Tensor

    def draw(self, generator: torch.Generator) -> int:
        """Return one of them at random; takes one number from the generator, however many they are."""
        at = torch.rand(1, dtype=torch.float64, generator=generator)
        if len(self.ids) == 1:
            return int(self.ids)
        reached = self.probabilities.cumsum(0, dtype=torch.float64)
        place = int(torch.searchsorted(reached, at * reached[-1], right=True))
        return int(self.ids[min(place, len(self.ids) - 1)])

    def chances(self, ids: Tensor) -> Tensor:
        """Return how likely each of `ids` (N,) is drawn, 0 for one that is no candidate."""
        return torch.where(ids[:, None] == self.ids, self.probabilities, 0.0).sum(1)


def skip_draws(generator: torch.Generator, count: int) -> None:
    """Leave a generator as after so many draws."""
    torch.rand(count, dtype=torch.float64, generator=generator)


def candidates(
    logits: Tensor, seen: Tensor | None, config: SampleConfig, ranked: tuple[Tensor, Tensor] | None = None
) -> Candidates:
    """Return what may follow, from raw logits (V,); `seen` (V,) is True for the tokens that were there before.

    `ranked` is what `likeliest` gave for these logits, where that is known already.

    In this order: the repetition penalty (Keskar et al. 2019), temperature and top_k as nanoGPT's, top_p
    (Holtzman et al. 2020), and min_p (Nguyen et al. 2024). The likeliest token always stays; with temperature 0
    it is the only one.
    """
    if config.repetition_penalty != 1.0 and seen is not None:
        logits, ranked = _penalised(logits, seen, config.repetition_penalty), None
    if config.temperature < ALL_BUT_ZERO:
        return Candidates(logits.argmax()[None], torch.ones(1))
    count = min(config.top_k or len(logits), len(logits))
    if ranked is None or len(ranked[0]) < count:
        ranked = likeliest(logits, count)
    values, ids = ranked[0][:count], ranked[1][:count]
    probabilities = torch.softmax(values / config.temperature, 0)
    if config.top_p >= 1.0 and not config.min_p:
        return Candidates(ids, probabilities)
    kept = probabilities.cumsum(0) - probabilities < config.top_p
    kept &= probabilities >= config.min_p * probabilities[0]
    kept[0] = True
    probabilities = probabilities[kept]
    return Candidates(ids[kept], probabilities / probabilities.sum())


def likeliest(logits: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Return the `count` highest of logits (V,) and their ids, the highest first.

    Few of many are looked for only among those that reach the `count`-th highest maximum of groups of neighbours: so
    many reach it, and hardly more.
    """
    count = min(count, len(logits))
    whole = len(logits) // _GROUP
    if count * 4 > whole:
        return torch.topk(logits, count)
    maxima = logits[: whole * _GROUP].view(whole, _GROUP).amax(1)
    reached = np.partition(maxima.numpy(), -count)[-count]
    numbers = logits.numpy()
    ids = np.flatnonzero(numbers >= reached)
    ids = ids[np.argsort(-numbers[ids], kind="stable")[:count]]
    return torch.from_numpy(numbers[ids]), torch.from_numpy(ids)


def _penalised(logits: Tensor, seen: Tensor, penalty: float) -> Tensor:
    """Return logits (V,) in which tokens that were there before are less likely, however often they were."""
    return torch.where(seen, torch.where(logits > 0, logits / penalty, logits * penalty), logits)
