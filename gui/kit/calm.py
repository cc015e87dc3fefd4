"""How often to draw while a model trains: what drawing costs this machine decides."""

from __future__ import annotations

import time

_REST = 60
"""Drawings are as far apart as the window's thread worked for the last one, this many times: 2 % of a core at most."""

_MOST = 4
"""As many times the usual distance at most: what is seen must not grow old."""


class DrawingCost:
    """What a drawing costs: all that the window's thread did since the one before, for painting comes later.

    Torch waits for its slowest thread at each step: on two cores, what the window draws is taken from the training.
    """

    def __init__(self) -> None:
        self._began: float | None = None
        self._ms = 0.0

    def measure(self) -> None:
        """Take note, on the window's thread, that something is drawn now."""
        now = time.thread_time()
        if self._began is not None:
            self._ms = 1000 * (now - self._began)
        self._began = now

    def rest(self, usual_ms: int) -> int:
        """Return the milliseconds from one drawing to the next, where `usual_ms` would do if drawing cost nothing."""
        return rest_after(self._ms, usual_ms)


def rest_after(cost_ms: float, usual_ms: int) -> int:
    """Return how far apart drawings are that take `cost_ms` each, in milliseconds."""
    return round(min(max(usual_ms, _REST * cost_ms), _MOST * usual_ms))
