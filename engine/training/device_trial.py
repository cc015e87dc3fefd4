"""The device for a run whose setting is `auto`: by a trial of its very update (engine/generation/device_trial.py)."""

from __future__ import annotations

import time
from collections.abc import Generator
from functools import partial
from itertools import count

from engine.core.config import TrainConfig
from engine.core.events import Progress, Turn
from engine.generation.device_trial import Clock, Contest, Work, chosen, remembered_among
from engine.machine.device import Device, choose_device, kinds_left_open
from engine.planning.choices import training_key
from engine.planning.estimate import flops_per_iter
from engine.training.bench import RandomTokens
from engine.training.learner import Learner

LARGE_UPDATE = 2e11
"""Operations of an update from which the GPU is taken at once: a processor needs half a second for so many."""


def is_worth_a_trial(config: TrainConfig, vocab_size: int) -> bool:
    """Return whether the device is left open, there are several, and the model is small enough for it to matter."""
    return len(kinds_left_open(config.device)) > 1 and flops_per_iter(config, vocab_size) <= LARGE_UPDATE


def faster_device(
    config: TrainConfig, vocab_size: int, clock: Clock = time.perf_counter
) -> Generator[Progress | Turn, None, Device]:
    """Return the device on which an update of a run's model takes the least time, as a trial tells, or told before."""
    kinds, key = kinds_left_open(config.device), training_key(config, vocab_size)
    choice = remembered_among(kinds, key)
    if choice is None:
        yield Progress(what="Trying which device is faster for this model", done=0, total=len(kinds), unit="devices")
        contest = Contest(len(kinds), clock)
        for kind in kinds:
            device = choose_device(kind)
            contest.enter(device, partial(_updates, config, vocab_size, device))
            yield Turn.NEXT
        choice = contest.result(key)
    return chosen(choice)


def _updates(config: TrainConfig, vocab_size: int, device: Device) -> Work:
    """Return the making of an update of a run's model, on random tokens."""
    learner, tokens = Learner.fresh(config, vocab_size, device), RandomTokens(vocab_size, config.block_size)
    numbers = count()

    def update() -> None:
        for _ in learner.update(next(numbers), tokens):
            pass
        device.synchronize()

    return update
