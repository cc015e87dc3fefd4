"""Who computes a run: this process by itself, or several of which it is the first (engine/training/distributed.py)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from engine.core.config import TrainConfig
from engine.model.gpt import GPT
from engine.tokens.batches import TokenFile
from engine.training.optimizer import AdamW

Windows = tuple[Tensor, Tensor]
"""Inputs and targets, each (B, T) int64 on the CPU."""


@dataclass(frozen=True, slots=True)
class MicroStep:
    """A micro step: its number within the update, its windows, and its share of all windows of the update."""

    number: int
    windows: Windows
    share: float


class Member(Protocol):
    """What a team asks of each process's learner (engine/training/learner.py)."""

    model: GPT
    teacher: GPT | None
    optimizer: AdamW
    learning_rate: float
    team: Team

    def score(self, windows: Windows) -> Tensor:
        """Return the mean loss of windows, a scalar in nats per token."""


class Team:
    """This process alone, which pays nothing for what it does not share."""

    size = 1
    """How many processes there are."""

    def take_in(self, config: TrainConfig, learner: Member) -> None:
        """Let every process have the model and the optimizer as they are here."""

    def pieces(self, iter_num: int, tokens: TokenFile, config: TrainConfig) -> Iterator[MicroStep]:
        """Yield this process's micro steps of an update, one after the other."""
        size, count = config.batch_size, config.gradient_accumulation_steps
        for number in range(count):
            key = config.seed, iter_num
            yield MicroStep(
                number, tokens.random_windows(size, config.block_size, *key, skip=number * size), share=1 / count
            )

    def add_up(self, tensors: Sequence[Tensor]) -> None:
        """Let each tensor become its sum over all processes, in place.

        Raises UnderstudyError, and adds up nothing, when one of them could not do its part.
        """

    def abandon(self, error: BaseException) -> None:
        """Leave out the update that `pieces` began, here and everywhere."""

    def losses(self, learner: Member, batches: Sequence[Windows]) -> Tensor:
        """Return the mean loss of each of at most `size` batches, one a process: (len(batches),) in nats per token."""
        return torch.stack([learner.score(batch) for batch in batches])

    def stay(self) -> None:
        """Let the others know, now and then while nothing is shared, that the run goes on."""

    def close(self) -> None:
        """Let the others go."""


ALONE = Team()
