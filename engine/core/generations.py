"""Generations: the models that a run trains one after the other, each from new weights, taught by the one before it.

Half of what a taught model learns is the text, half what the earlier one expects there: born-again networks (Furlanello
et al. 2018, arXiv 1805.04770). Where it pays is in docs/recipes.md. Pure.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.core.config import TrainConfig
from engine.core.seeds import derived_seed

FROM_TEACHER = 0.5
"""The share of what a taught model learns that the earlier one expects. 0.7 does as well, 0.9 does not."""


_MOMENT = 1e-3  # seconds: what is left when none are, for 0.0 means no limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """One model of a run, and where it began: the first, unless said otherwise.

    What is left of a run when one begins, iterations and time, it shares evenly with those that come after it.

    Attributes:
        number: how many came before it.
        began: the iteration of the run that was its first.
        seconds: how long the run had trained by then.
    """

    number: int = 0
    began: int = 0
    seconds: float = 0.0

    def __post_init__(self) -> None:
        if min(self.number, self.began) < 0 or not 0 <= self.seconds < math.inf:
            raise ValueError(f"{self} is no model of a run")

    def next(self, iter_num: int, seconds: float) -> Generation:
        """Return the one after it, which begins at an iteration, after so many seconds of training."""
        return Generation(number=self.number + 1, began=iter_num, seconds=seconds)

    def is_last(self, config: TrainConfig) -> bool:
        """Return whether the run has none after it."""
        return self._sharing(config) == 1

    def seconds_of(self, limit: float, config: TrainConfig) -> float:
        """Return how long it may train in a run that may for `limit` seconds; 0.0 for any."""
        return max(_MOMENT, limit - self.seconds) / self._sharing(config) if limit else 0.0

    def settings(self, config: TrainConfig) -> TrainConfig:
        """Return its settings as those of a run by itself: its iterations and its schedule, and a seed of its own.

        A schedule that is longer or shorter than the run is so by the same share.
        """
        if self.number == 0 and config.generations == 1:
            return config
        iterations = math.ceil((config.max_iters - self.began) / self._sharing(config))
        changes = {"generations": 1, "max_iters": max(0, iterations)}
        if "lr_decay_iters" not in config.following():
            changes["lr_decay_iters"] = round(config.lr_decay_iters * iterations / max(1, config.max_iters))
        if self.number:
            changes["seed"] = derived_seed(config.seed, self.number)
        return config.changed(changes)

    def _sharing(self, config: TrainConfig) -> int:
        """Return how many share what is left: it, and those after it."""
        return max(1, config.generations - self.number)


FIRST = Generation()
"""The one that most runs have."""
