"""What is expected of a run, in words: before it begins, and while it is on. Pure."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from engine.core.events import Forecast
from gui.kit import formats
from gui.train.plan import MemoryFit, Plan

_WEEK_DAYS = 7

TOO_EARLY = "Too early to tell where it will be best"


def words(forecast: Forecast | None, seconds: float | None) -> str:
    """Return what is expected, in a sentence; `seconds` is the time to the best, None where that is unknown."""
    if forecast is None:
        return TOO_EARLY
    if forecast.is_past:
        at = formats.whole(forecast.best_iter)
        return f"Best at iteration {at}, {formats.loss(forecast.val_loss)}; no better is expected"
    low, high = formats.loss(forecast.low), formats.loss(forecast.high)
    band = low if low == high else f"{low} to {high}"
    if forecast.best_iter <= forecast.iter_num:
        return f"Hardly better than {formats.loss(forecast.val_loss)} from here; at most {low}"
    when = f" (in {formats.duration(seconds)})" if seconds else ""
    return f"Best expected at about iteration {formats.whole(rounded(forecast.best_iter))}{when}, {band}"


def rounded(iteration: int) -> int:
    """Return an iteration as exactly as it can be foreseen: two figures of it."""
    return round(iteration, min(2 - len(str(iteration)), 0))


def prospect(plan: Plan, now: datetime) -> str:
    """Return in a line what a run will be that begins now: its size, its memory, and when it will be done."""
    memory = formats.memory(plan.memory.total)
    tight = f"{plan.memory_text}, tight" if plan.fit is MemoryFit.TIGHT else memory
    return " · ".join((f"{formats.count(plan.parameters.total)} parameters", tight, _when(plan, now)))


def _when(plan: Plan, now: datetime) -> str:
    """Return when a run will be done; how long it takes stands before that, unless a person gave it that time."""
    seconds = plan.most if plan.seconds is None else plan.seconds
    if not math.isfinite(seconds):
        return "time not measured yet"
    end = now + timedelta(seconds=seconds)
    days = (end.date() - now.date()).days
    day = "" if not days else "tomorrow at " if days == 1 else f"{end:%A} at "
    at = f"done {day}{end:%H:%M}" if day else f"done at {end:%H:%M}"
    lasts = "" if seconds == plan.most else f"about {formats.duration(seconds)}"
    return ", ".join(filter(None, (lasts, at if days < _WEEK_DAYS else "")))
