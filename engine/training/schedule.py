"""The learning rate at each iteration."""

from __future__ import annotations

import math

from engine.core.config import TrainConfig


def learning_rate_at(iter_num: float, config: TrainConfig) -> float:
    """Return the learning rate of an iteration: linear warm-up, then from learning_rate to min_lr.

    The formula is nanoGPT's `get_lr` (train.py), its cosine, or a straight line with decay_form linear; after
    lr_decay_iters the rate stays at min_lr.
    """
    if not config.decay_lr:
        return config.learning_rate
    if iter_num < config.warmup_iters:
        return config.learning_rate * (iter_num + 1) / (config.warmup_iters + 1)
    if iter_num > config.lr_decay_iters or config.lr_decay_iters <= config.warmup_iters:
        return config.min_lr
    done = (iter_num - config.warmup_iters) / (config.lr_decay_iters - config.warmup_iters)
    left = 1.0 - done if config.decay_form == "linear" else 0.5 * (1.0 + math.cos(math.pi * done))
    return config.min_lr + left * (config.learning_rate - config.min_lr)


def learning_rate_due(iter_num: int, seconds: float, limit: float, config: TrainConfig) -> float:
    """Return the learning rate of an iteration in a run that has `limit` seconds for max_iters, 0.0 for any.

    It warms up by its iterations, and decays by them or by the clock, whichever is ahead: so a run that is slower
    than was planned still ends with its rate at its lowest. Without a limit no clock has a say.
    """
    by_iterations = learning_rate_at(iter_num, config)
    if limit <= 0:
        return by_iterations
    place = max(float(iter_num), min(1.0, seconds / limit) * config.max_iters)
    by_clock = learning_rate_at(place, config)
    return min(by_iterations, by_clock) if iter_num < config.warmup_iters else by_clock
