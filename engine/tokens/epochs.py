"""The order in which a text is read: all of it once before any of it again, every time cut and shuffled anew.

Drawn at random with replacement, as nanoGPT's are, windows leave a good third of a text unread when as much has been
read as it is long (1/e, 37 %), and after six times as much some of it was read twice, some of it eleven times.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.core.config import TrainConfig

Starts = npt.NDArray[np.int64]


class Epochs:
    """The windows of a text by their number in a run: a function of the settings, so that a run goes on anywhere."""

    def __init__(self, tokens: int, config: TrainConfig) -> None:
        """Lay out a text of so many tokens: more than one block of them."""
        self._block, self._seed = config.block_size, config.seed
        self._rows = config.batch_size * config.gradient_accumulation_steps
        self._each = max(1, (tokens - self._block) // self._block)
        self._phases = min(self._block, tokens - self._each * self._block)
        self._latest: tuple[int, Starts] = 0, self._drawn(0)

    def starts(self, iter_num: int, count: int) -> Starts:
        """Return where the first windows of an update begin, (count,)."""
        numbers = iter_num * self._rows + np.arange(count)
        epochs, places = np.divmod(numbers, self._each)
        return np.concatenate([self._epoch(int(one))[places[epochs == one]] for one in np.unique(epochs)])

    def _epoch(self, number: int) -> Starts:
        """Return where the windows of an epoch begin, in their order: (windows an epoch,)."""
        if self._latest[0] != number:
            self._latest = number, self._drawn(number)
        return self._latest[1]

    def _drawn(self, number: int) -> Starts:
        draw = np.random.default_rng((self._seed, number, 0xE90C))  # a key of three is no update's
        phase = draw.integers(0, self._phases)
        starts: Starts = phase + draw.permutation(self._each).astype(np.int64) * self._block
        return starts
