"""Jobs that share one device, and the control through which people steer them.

A job is an iterator of events that yields a `Turn` wherever another job may go on, so that one thread
can own the device and still serve a reply while training goes on.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Condition

from engine.core.events import Event, Turn


class Control:
    """The only thing that goes into a running job: thread-safe requests, read by the job between its steps."""

    def __init__(self, on_change: Callable[[], None] | None = None) -> None:
        self._changed = Condition()
        self._on_change = on_change
        self._stop = False
        self._paused = False
        self._save = False
        self._watched = False
        self._prompts: deque[str] = deque()

    def stop(self) -> None:
        """Ask the job to save and end; wins over a pause."""
        with self._changed:
            self._stop = True
            self._tell()

    def pause(self) -> None:
        """Ask the job to save and rest."""
        with self._changed:
            self._paused = True
            self._tell()

    def resume(self) -> None:
        """Let a paused job go on."""
        with self._changed:
            self._paused = False
            self._tell()

    def save_now(self) -> None:
        """Ask for a checkpoint after the iteration under way."""
        with self._changed:
            self._save = True
            self._tell()

    def sample_now(self, prompt: str) -> None:
        """Ask for a sample after the iteration under way."""
        with self._changed:
            self._prompts.append(prompt)
            self._tell()

    def watch(self) -> None:
        """Say that somebody looks on: a run writes a little more often, from its first update on."""
        self._watched = True

    @property
    def watched(self) -> bool:
        """Whether somebody looks on."""
        return self._watched

    @property
    def stopping(self) -> bool:
        """Whether a stop was asked for."""
        return self._stop

    @property
    def paused(self) -> bool:
        """Whether the job should rest now."""
        return self._paused and not self._stop

    def take_save(self) -> bool:
        """Return, once for each request, whether a checkpoint was asked for."""
        with self._changed:
            asked, self._save = self._save, False
            return asked

    def take_prompt(self) -> str | None:
        """Return the next prompt that a sample was asked for, or None."""
        with self._changed:
            return self._prompts.popleft() if self._prompts else None

    def _tell(self) -> None:
        self._changed.notify_all()
        if self._on_change is not None:
            self._on_change()

    def wait_while_paused(self) -> None:
        """Block the calling thread until the job may go on."""
        with self._changed:
            self._changed.wait_for(lambda: not self.paused)


Job = Iterator[Event | Turn]
"""What a thread steps: events and turns, until it ends or raises."""


def events_of(job: Job, control: Control) -> Iterator[Event]:
    """Run one job alone on the calling thread, and yield its events, without the turns; a pause blocks."""
    for item in job:
        if item is Turn.IDLE:
            control.wait_while_paused()
        elif isinstance(item, Event):
            yield item


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one turn of one job brought: an event, its end, or the error that ended it."""

    job_id: int
    event: Event | None = None
    ended: bool = False
    error: BaseException | None = None


@dataclass(slots=True)
class _Seat:
    """A job's place in the ring: the seconds its turn has taken so far, and those that its last one took."""

    job_id: int
    job: Job
    turn_s: float = 0.0
    last_turn_s: float = 0.0


SHORT_TURN_S = 0.01
"""Turns shorter than this are alike: jobs that all take less simply alternate."""


class JobRing:
    """Several jobs stepped in turn on one thread.

    They share the device fairly, by time: a job keeps its turn, one event or turn of its own after the other, until
    it has had as long as the longest turn that another job took. So a reply writes many tokens for each step of a
    training whose steps are long.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._seats: deque[_Seat] = deque()
        self._idle_in_a_row = 0

    def __len__(self) -> int:
        return len(self._seats)

    @property
    def idle(self) -> bool:
        """Whether every job did nothing at its last turn (paused), so that the thread may wait."""
        return self._idle_in_a_row >= len(self._seats)

    def add(self, job_id: int, job: Job) -> None:
        """Take in a job; it gets the next turn."""
        self._seats.appendleft(_Seat(job_id, job))
        self._idle_in_a_row = 0

    def step(self) -> Outcome | None:
        """Let the job whose turn it is go on; return what came of it, or None when it was a mere turn."""
        seat = self._seats.popleft()
        began = self._clock()
        try:
            item = next(seat.job)
        except StopIteration:
            return Outcome(seat.job_id, ended=True)
        except Exception as error:  # the thread must survive a job's failure, and tell it
            return Outcome(seat.job_id, ended=True, error=error)
        seat.turn_s += self._clock() - began
        if item is not Turn.IDLE and seat.turn_s < self._fair_turn_s():
            self._seats.appendleft(seat)
        else:
            seat.last_turn_s, seat.turn_s = seat.turn_s, 0.0
            self._seats.append(seat)
        self._idle_in_a_row = self._idle_in_a_row + 1 if item is Turn.IDLE else 0
        return Outcome(seat.job_id, event=item) if isinstance(item, Event) else None

    def _fair_turn_s(self) -> float:
        """Return how long a turn may be: as long as the longest that another job took, or 0 when all were short."""
        longest = max((seat.last_turn_s for seat in self._seats), default=0.0)
        return longest if longest >= SHORT_TURN_S else 0.0

    def close(self) -> None:
        """Close every job: the safety net when the thread must end at once."""
        while self._seats:
            close = getattr(self._seats.popleft().job, "close", None)
            if close is not None:
                close()


def asked_to_stop(control: Control) -> bool:
    """Return whether a stop was asked for by now: a function, as the type checker takes a property to stay as it is."""
    return control.stopping
