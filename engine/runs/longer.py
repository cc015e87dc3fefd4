"""How a run goes on for longer than it was planned: the settings that change."""

from __future__ import annotations

import math
from typing import Any

from engine.core.config import TrainConfig


def minutes_longer(config: TrainConfig, minutes: float, iter_num: int, seconds: float) -> dict[str, Any]:
    """Return the changes that let a run train for some minutes more; it made `iter_num` updates in `seconds`.

    A run with a time gets more of it; one with a number of iterations gets as many more as take that long.
    """
    if config.minutes:
        longer = config.lasting(max(config.minutes, seconds / 60) + minutes)
    else:
        more = math.ceil(60 * minutes * max(iter_num, 1) / max(seconds, 1.0))
        longer = config.changed({"max_iters": max(iter_num, 1) + more})
    return {name: value for name, value in longer.as_dict().items() if value != getattr(config, name)}
