"""When a run that somebody watches writes a little: at its first updates, and then by time, for little of it."""

from __future__ import annotations

EVERY_S = 3.0
"""Seconds between two samples at first."""

RARER = 20.0
"""From then on this many samples in a time as long as the run has lasted."""

SHARE = 0.04
"""Of the seconds of a run those that writing may take."""

FIRST_UPDATES = 64
"""Up to here each doubling of the updates is shown, too."""


class Audience:
    """Keeps account of what was written and when; told in seconds of training."""

    def __init__(self) -> None:
        self._at: int | None = None
        self._next_s = 0.0

    def waits(self, iter_num: int, seconds: float) -> bool:
        """Return whether it is time to write before the update `iter_num`, after so many seconds of training."""
        if iter_num == self._at:
            return False
        doubled = iter_num & (iter_num - 1) == 0 and iter_num <= FIRST_UPDATES
        return doubled or seconds >= self._next_s

    def has_seen(self, iter_num: int) -> bool:
        """Return whether the model as it is before this update has written already."""
        return iter_num == self._at

    def saw(self, iter_num: int, seconds: float, took: float) -> None:
        """Take note of a sample that was ready after so many seconds of training, and of the seconds it took."""
        self._at = iter_num
        self._next_s = seconds + max(EVERY_S, seconds / RARER, took / SHARE)
