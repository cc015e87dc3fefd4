"""How fast a run goes, by the clock. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class MeasuredPace:
    """How fast iterations pass, measured by the clock: evaluations and samples counted, pauses not."""

    since: float | None = None
    last: int = 0
    seconds: float = 0.0
    iterations: int = 0

    def reach(self, iter_num: int, now: float) -> None:
        """Take note that an iteration was reached; the first after a start or a pause only starts the clock."""
        if self.since is not None:
            self.seconds += now - self.since
            self.iterations += iter_num - self.last
        self.since, self.last = now, iter_num

    def rest(self) -> None:
        """Stop the clock until the next iteration."""
        self.since = None

    def seconds_for(self, iterations: int) -> float | None:
        """Return how long so many iterations will take, or None while too little is known."""
        return self.seconds / self.iterations * iterations if self.iterations and self.seconds else None


@dataclass(slots=True)
class Elapsed:
    """How long a run has trained, as far as its events tell; pauses left out."""

    seconds: float = 0.0
    since: float | None = None

    def reach(self, now: float) -> None:
        """Take note that it trains now."""
        if self.since is not None:
            self.seconds += now - self.since
        self.since = now

    def rest(self) -> None:
        """Stop the clock until it trains again."""
        self.since = None
