"""When a run ends, and each of its models: by iterations, or by the clock, whichever is first."""

from __future__ import annotations

from engine.core.generations import Generation
from engine.training.full_memory import share_of_run
from engine.training.schedule import learning_rate_due
from engine.training.session import Session
from engine.training.stopwatch import Stopwatch


class Ending:
    """The end of the model that an open run trains; of the run itself, where no other comes after it.

    Attributes:
        evaluation_s: seconds that the last evaluation took; the one at the end is to be within the run's minutes.
    """

    def __init__(self, session: Session, stopwatch: Stopwatch) -> None:
        self._session = session
        self._stopwatch = stopwatch
        self._time_is_up: Generation | None = None  # of this model; of the run, if it is the last
        self.evaluation_s = 0.0

    @property
    def full_memory_share(self) -> float:
        """The share of the run that scoring with full memory takes; 0.0 where it is left out."""
        return share_of_run(self._session.config, self._session.iter_num, len(self._session.val_tokens))

    @property
    def limit(self) -> float:
        """Seconds that the run may train, so that the last evaluation is within its minutes; 0.0 for any.

        Half of them at least: the first evaluation warms everything up, and the last may be shorter.
        """
        seconds = self._session.config.minutes * 60
        return max(seconds / 2, (seconds - self.evaluation_s) / (1 + self.full_memory_share))

    @property
    def another_comes(self) -> bool:
        """Whether the run trains another model after the one in training, and has iterations and time for it."""
        session, limit = self._session, self.limit
        if session.generation.is_last(session.config):
            return False
        return session.iter_num < session.config.max_iters and (not limit or self._stopwatch.whole < limit)

    def is_here(self) -> bool:
        """Return whether the model in training has made all its iterations, or its time is up."""
        session, limit = self._session, self._limit_of_model
        if limit and self._seconds_of_model >= limit:
            self._time_is_up = session.generation  # for good: the evaluation that follows may be shorter than the last
        return self._time_is_up == session.generation or self._made >= session.part.max_iters

    def learning_rate(self) -> float:
        """Return the learning rate that is due now."""
        return learning_rate_due(self._made, self._seconds_of_model, self._limit_of_model, self._session.part)

    def last_iter(self) -> int:
        """Return at which iteration the clock will end the model in training, at its pace so far; 0 where none does."""
        limit = self._limit_of_model
        if not limit:
            return 0
        whole = self._made * max(1.0, limit / max(self._seconds_of_model, 1e-3))
        return self._session.generation.began + round(whole)

    @property
    def _made(self) -> int:
        """The iterations that the model in training has made."""
        return self._session.iter_num - self._session.generation.began

    @property
    def _limit_of_model(self) -> float:
        return self._session.generation.seconds_of(self.limit, self._session.config)

    @property
    def _seconds_of_model(self) -> float:
        return self._stopwatch.whole - self._session.generation.seconds
