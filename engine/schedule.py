"""The learning rate at each iteration."""

from __future__ import annotations

import math

from engine.config import TrainConfig


def learning_rate_at(iter_num: int, config: TrainConfig) -> float:
    """Give the learning rate of an iteration: linear warm-up, then a cosine from learning_rate to min_lr.

    The formula is nanoGPT's `get_lr` (train.py); after lr_decay_iters the rate stays at min_lr.
    """
    if not config.decay_lr:
        return config.learning_rate
    if iter_num < config.warmup_iters:
        return config.learning_rate * (iter_num + 1) / (config.warmup_iters + 1)
    if iter_num > config.lr_decay_iters or config.lr_decay_iters <= config.warmup_iters:
        return config.min_lr
    done = (iter_num - config.warmup_iters) / (config.lr_decay_iters - config.warmup_iters)
    return config.min_lr + 0.5 * (1.0 + math.cos(math.pi * done)) * (config.learning_rate - config.min_lr)
