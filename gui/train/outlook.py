"""What is expected of a run, in words. Pure."""

from __future__ import annotations

from engine.core.events import Forecast
from gui.kit import formats

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
