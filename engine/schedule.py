"""The learning rate at each iteration."""

from __future__ import annotations

import math

from engine.config import TrainConfig


def place_in_schedule(iter_num: int, seconds: float, limit: float, config: TrainConfig) -> float:
    """Give the iteration whose rate is due: this one, or a later one where the time runs faster than the iterations.

    `limit` is how many seconds there are for max_iters, 0.0 for any. So a run that is slower than was planned
    still ends with its rate at its lowest, and the same run without a limit is the same whatever a clock says.
    """
    return max(float(iter_num), min(1.0, seconds / limit) * config.max_iters) if limit > 0 else iter_num


def learning_rate_at(iter_num: float, config: TrainConfig) -> float:
    """Give the learning rate of an iteration: linear warm-up, then from learning_rate to min_lr.

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
