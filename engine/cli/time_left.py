"""How long a run takes yet, said now and then in an output that has no progress bar."""

from __future__ import annotations

import time

from engine.cli.estimate import span
from engine.core.events import Started, Step
from engine.core.pace import MeasuredPace

FIRST_S, EVERY_S = 60.0, 300.0
"""Seconds of training after which it is said for the first time, and between two times after that."""


class TimeLeft:
    """Measures a run by the clock as its steps come."""

    def __init__(self, start: Started) -> None:
        self._start = start
        self._began = time.monotonic()
        self._next = self._began + FIRST_S
        self._pace = MeasuredPace()

    def line(self, step: Step) -> str:
        """Return how long the run takes yet, when it is time to say so; else an empty text."""
        now = time.monotonic()
        self._pace.reach(step.iter_num, now)
        seconds = self._seconds(step.iter_num, now)
        if now < self._next or seconds is None:
            return ""
        self._next = now + EVERY_S
        return f"time left: about {span(seconds)}"

    def _seconds(self, iter_num: int, now: float) -> float | None:
        """Return until its iterations are made or its time is up, whichever comes first; None while not known."""
        by_pace = self._pace.seconds_for(max(self._start.max_iters - iter_num - 1, 0))
        if not self._start.time_limit:
            return by_pace
        by_clock = max(self._start.time_limit - self._start.seconds - (now - self._began), 0.0)
        return by_clock if by_pace is None else min(by_clock, by_pace)
