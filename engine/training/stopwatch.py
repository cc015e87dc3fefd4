"""The seconds that a run has trained."""

from __future__ import annotations

import time


class Stopwatch:
    """Counts from the first update on, without pauses, and without the machine's sleep, in which it stands still."""

    def __init__(self) -> None:
        self._began: float | None = None
        self._rested = 0.0
        self._earlier = 0.0

    def start(self) -> None:
        """Begin to count, unless it was begun before: what a run needs to get ready costs it nothing."""
        if self._began is None:
            self._began = time.monotonic()

    def go_on_from(self, seconds: float) -> None:
        """Take over what the run had trained before this call."""
        self._earlier = seconds

    @property
    def whole(self) -> float:
        """Seconds of the whole run, those before it was resumed included."""
        return self._earlier + self.seconds

    def rest(self, seconds: float) -> None:
        """Leave out a pause."""
        if self._began is not None:
            self._rested += seconds

    @property
    def seconds(self) -> float:
        """Seconds so far; 0.0 before the first update."""
        return 0.0 if self._began is None else time.monotonic() - self._began - self._rested
