"""How a run goes on that has ended, for longer or with another model: the settings that change."""

from __future__ import annotations

import math
from typing import Any

from engine.core.config import FOLLOW, TrainConfig
from engine.core.events import Finished
from engine.core.init_from import is_model


def minutes_longer(config: TrainConfig, ended: Finished, minutes: float) -> dict[str, Any]:
    """Return the changes that let a run train for some minutes more.

    A run with a time gets more of it; one with a number of iterations gets as many more as take that long.
    """
    if config.minutes:
        longer = config.lasting(max(config.minutes, ended.seconds / 60) + minutes)
    else:
        made = max(ended.iter_num, 1)
        longer = config.changed({"max_iters": made + math.ceil(60 * minutes * made / max(ended.seconds, 1.0))})
    return longer.changes_since(config)


def may_teach(config: TrainConfig) -> bool:
    """Return whether a second model, taught by the first, is offered: to a run of one that began anew."""
    return config.generations == 1 and not is_model(config.init_from)


def second_model(config: TrainConfig, ended: Finished) -> dict[str, Any]:
    """Return the changes that let a run train a second model for as many iterations.

    The clock no longer ends it: by minutes the first, which may have ended before its time, would train on.
    """
    iters = 2 * max(ended.iter_num, 1)
    taught = config.changed({"generations": 2, "max_iters": iters, "lr_decay_iters": FOLLOW, "minutes": 0.0})
    return taught.changes_since(config)
