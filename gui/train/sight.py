"""How much of a plot's axes is seen: everything there is, with room to grow, so that it need not move often. Pure."""

from __future__ import annotations

import numpy as np

from gui.train.curves import Floats

Span = tuple[float, float]

AIR = 0.06
"""What share of what is to be seen there is of nothing above it, and below."""
_MARGIN = 0.02  # of the width, on both sides of a curve that stands still: room for the ring around the best point
_LEAST = 0.02  # of the height, above and below a single point: its axis has round values then
_ROOM = 0.1  # of the width, ahead of a curve that grows
_WELL_FILLED = 0.75  # what is shown stays while the curve takes as much of it


def extent(*values: Floats | None) -> Span | None:
    """Return the least and the greatest of all numbers, or None where there are none."""
    known = [each[np.isfinite(each)] for each in values if each is not None]
    known = [each for each in known if len(each)]
    return (min(float(each.min()) for each in known), max(float(each.max()) for each in known)) if known else None


def widths(wanted: Span | None, now: Span | None, least: float = 1.0) -> Span:
    """Return what to show of x: what is shown now while it holds what is wanted, else that and room ahead of it.

    At least `least` is seen of it: a run that has just begun shows no fractions of an iteration.
    """
    if wanted is None:
        return now or (0.0, least)
    low, high = wanted
    length = max(high - low, least)
    high = low + length
    if now is not None and _holds(now, (low, high)):
        return now
    ahead = _MARGIN if now is None else _ROOM
    return low - _MARGIN * length, high + ahead * length


def heights(wanted: Span | None, now: Span) -> Span:
    """Return what to show of y: what is shown now while what is wanted fills it well, else that with air around it."""
    if wanted is None or _holds(now, wanted):
        return now
    low, high = wanted
    air = max(AIR * (high - low), _LEAST * abs(high)) or AIR
    return low - air, high + air


def _holds(now: Span, wanted: Span) -> bool:
    """Return whether what is wanted lies in what is shown, and fills it well."""
    inside = now[0] <= wanted[0] and wanted[1] <= now[1]
    return inside and wanted[1] - wanted[0] >= _WELL_FILLED * (now[1] - now[0])
