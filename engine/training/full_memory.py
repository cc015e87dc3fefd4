"""Scoring a model as it is used: each token with at least half a block of text before it.

Block-wise scores, which are compared, let the first tokens of each window be guessed from next to nothing. Here
windows advance by half a block, and only the later half of each is scored, the first window whole. So each token of
the text but the first is scored once, and read twice.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from engine.core.config import TrainConfig
from engine.core.events import Turn
from engine.core.jobs import Control
from engine.model.loss import IGNORED
from engine.tokens.batches import TokenFile
from engine.training.ahead import sent_ahead
from engine.training.learner import Learner
from engine.training.team import ALONE, Windows

MOST_TOKENS = 2**20
"""Tokens that are read for it at most: of a text longer than half of that, evenly spread windows are scored."""

SHARE = 0.02
"""Of a run's arithmetic what the figure may take at its end; where it would take more it is left out."""


@dataclass(frozen=True, slots=True)
class Overlapping:
    """Windows of one length, each scored from a place in it on: `starts` and `firsts`, both (N,) int64."""

    starts: npt.NDArray[np.int64]
    firsts: npt.NDArray[np.int64]

    @classmethod
    def over(cls, tokens: int, block_size: int, most_tokens: int = MOST_TOKENS) -> Overlapping:
        """Return the windows over a text of so many tokens, more than a block of them.

        The last ends with the text, and scores what the one before has left.
        """
        step = max(1, block_size // 2)
        last = tokens - 1 - block_size
        starts = np.minimum(np.arange(0, last + step, step, dtype=np.int64), last)
        firsts = block_size - np.diff(starts, prepend=-block_size)
        most = max(1, most_tokens // block_size)
        if len(starts) > most:
            kept = np.linspace(0, len(starts) - 1, most).astype(np.int64)
            starts, firsts = starts[kept], firsts[kept]
        return cls(starts, firsts)

    def batches(self, rows: int, block_size: int) -> Iterator[Overlapping]:
        """Yield as many windows at a time, as some devices want it; the last is filled up with what scores nothing."""
        missing = -len(self.starts) % rows
        starts = np.pad(self.starts, (0, missing), mode="edge")
        firsts = np.pad(self.firsts, (0, missing), constant_values=block_size)
        for at in range(0, len(starts), rows):
            yield Overlapping(starts[at : at + rows], firsts[at : at + rows])

    def windows(self, tokens: TokenFile, block_size: int) -> Windows:
        """Return inputs and targets, (N, T) each; targets that are not scored are IGNORED."""
        inputs, targets = tokens.windows(self.starts, block_size)
        unscored = torch.arange(block_size) < torch.from_numpy(self.firsts)[:, None]
        return inputs, targets.masked_fill(unscored, IGNORED)


def full_memory_loss(learner: Learner, tokens: TokenFile, control: Control) -> Generator[Turn, None, float | None]:
    """Return the mean loss in nats per token of a file with the model's full memory; None when stopped or paused.

    Yields a turn after each batch of each process.
    """
    config, team = learner.config, learner.team
    block = config.block_size
    batches = list(Overlapping.over(len(tokens), block).batches(config.batch_size, block))
    scored = [int((block - batch.firsts).sum()) for batch in batches]
    windows: Iterator[Windows] = (batch.windows(tokens, block) for batch in batches)
    if team is ALONE:
        windows = sent_ahead(windows, learner.device)
    total = torch.zeros((), device=learner.device.torch)
    for first in range(0, len(batches), team.size):
        counts = scored[first : first + team.size]
        few = [next(windows) for _ in counts]
        for loss, count in zip(team.losses(learner, few), counts, strict=True):
            total += loss * count
        yield Turn.NEXT
        if control.stopping or control.paused:
            return None
    return float(total) / sum(scored)


def tokens_read(tokens: int, block_size: int) -> int:
    """Return how many tokens are read to score a text of so many with full memory."""
    windows = 1 - (block_size + 1 - tokens) // max(1, block_size // 2)
    return block_size * min(windows, max(1, MOST_TOKENS // block_size))


def share_of_run(config: TrainConfig, iterations: int, tokens: int) -> float:
    """Return what scoring so many tokens takes beside a run of so many iterations, as a share of its arithmetic.

    Reading a token forward takes a third of what training on it does. 0.0 where it is left out, as more than SHARE.
    """
    share = tokens_read(tokens, config.block_size) / max(1, 3 * iterations * config.tokens_per_iter)
    return share if share <= SHARE else 0.0
