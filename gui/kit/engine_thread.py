"""The one thread that owns the device: it steps jobs in turn, and hands their events to the window.

Nothing that touches torch runs elsewhere: a job is built on this thread by the factory that is submitted, so even
the import of torch happens here. Events wait in a queue that the window empties at most 30 times a second; none is
dropped, and a burst is handed over in slices that leave the window responsive.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import count
from threading import Condition
from weakref import WeakSet

from PySide6.QtCore import QObject, QThread, QTimer, Signal

from engine.core.jobs import Control, Job, JobRing, Outcome
from engine.machine.objc import autorelease_pool, runtime
from gui.kit.background import as_told

_STACK_BYTES = 16 * 1024 * 1024  # a QThread on macOS gets 512 KiB, too little for deep recursion
_PUMP_MS = 33
_SLICE_S = 0.008
_NICENESS = 5
"""How far the thread, and torch's threads that it starts, stand back: a turn of the window takes half as long so."""
_MOST_WAITING = 4000
"""Events that may wait for the window: a job that is faster than the window rests meanwhile, none is dropped."""

log = logging.getLogger(__name__)


class JobHandle(QObject):
    """A job that was submitted: what it tells, and the control that it heeds.

    Signals:
        told(event): each event of the job, in order.
        ended(error): the job is over; `error` is None, an UnderstudyError, or what else was raised.
    """

    told = Signal(object)
    ended = Signal(object)

    def __init__(self, control: Control) -> None:
        super().__init__()
        self.control = control

    def stop(self) -> None:
        """Ask the job to save and end."""
        self.control.stop()

    def forget(self) -> None:
        """Ask the job to end, and tell nothing more of it."""
        self.blockSignals(True)
        self.stop()


class EngineThread(QObject):
    """Runs jobs on one thread of their own and tells the window what comes of them.

    Signals:
        event_arrived(job, event): each event of each job, in order, for who heeds all jobs.
        ended(job, error): a job is over; `error` is None, an UnderstudyError, or what else was raised.
        busy_changed(busy): whether any job is under way.
    """

    event_arrived = Signal(object, object)
    ended = Signal(object, object)
    busy_changed = Signal(bool)
    _outcomes_wait = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("engine_thread")
        self._ids = count(1)
        self._live: dict[int, JobHandle] = {}
        self._controls: WeakSet[Control] = WeakSet()
        self._outcomes: deque[Outcome] = deque()
        self._scheduled = False
        self._room = Condition()
        self._closing = False
        self._worker = _Worker(self._deliver)
        self._pump = QTimer(self, singleShot=True, interval=_PUMP_MS)
        self._pump.timeout.connect(self._hand_over)
        self._outcomes_wait.connect(self._hand_over_soon)

    def control(self) -> Control:
        """Return a control for a job to be submitted: what it is asked wakes the thread, and a shutdown stops it."""
        control = Control(on_change=self._worker.wake)
        self._controls.add(control)
        return control

    def submit(self, make_job: Callable[[Control], Job], control: Control | None = None) -> JobHandle:
        """Queue a job, and return what tells of it; it heeds `control`, or one of its own.

        `make_job` is called on the engine's thread, where torch may be imported. Nothing is told before this returns.
        """
        job = JobHandle(control or self.control())
        job_id = next(self._ids)
        self._live[job_id] = job
        if len(self._live) == 1:
            self.busy_changed.emit(True)
        self._worker.add(job_id, partial(make_job, job.control))
        return job

    @property
    def busy(self) -> bool:
        """Whether a job is under way or its last events are still to be handed over."""
        return bool(self._live)

    def wake(self) -> None:
        """Look at all jobs again: something they wait for may have changed."""
        self._worker.wake()

    def stop_all(self) -> None:
        """Ask every job that was given a control to save and end."""
        for control in list(self._controls):
            control.stop()

    def shutdown(self, timeout: float = 30.0) -> bool:
        """Ask all jobs to stop, wait until they have saved, and end the thread; return whether they made it in time.

        Jobs that are not done after `timeout` seconds are closed where they are.
        """
        self.stop_all()
        with self._room:
            self._closing = True
            self._room.notify()
        in_time = self._worker.finish(timeout)
        self._scheduled = False
        while self._outcomes:
            self._hand_over()
        self._pump.stop()
        return in_time

    def _deliver(self, outcome: Outcome) -> None:
        """Take an outcome on the engine's thread, once there is room; the first one of a slice wakes the window."""
        with self._room:
            self._room.wait_for(lambda: len(self._outcomes) < _MOST_WAITING or self._closing)
        self._outcomes.append(outcome)
        if not self._scheduled:
            self._scheduled = True
            self._outcomes_wait.emit()

    def _hand_over_soon(self) -> None:
        """Hand over at the next beat; a shutdown, which may have been quicker than this word, does it by itself."""
        if not self._closing:
            self._pump.start()

    def _hand_over(self) -> None:
        """Emit what waits, for some milliseconds at most; the rest stays for the next turn."""
        self._scheduled = False  # before the queue is read: what comes later schedules anew
        enough = time.perf_counter() + _SLICE_S
        while self._outcomes:
            self._emit(self._outcomes.popleft())
            if time.perf_counter() > enough and self._outcomes:
                self._scheduled = True
                self._pump.start()
                break
        with self._room:
            self._room.notify()

    def _emit(self, outcome: Outcome) -> None:
        job = self._live[outcome.job_id]
        if outcome.event is not None:
            job.told.emit(outcome.event)
            self.event_arrived.emit(job, outcome.event)
        if outcome.ended:
            del self._live[outcome.job_id]
            job.ended.emit(outcome.error)
            self.ended.emit(job, outcome.error)
            if not self._live:
                self.busy_changed.emit(False)


class _Worker(QThread):
    """The thread itself: waits while there is nothing to do, else gives each job its turn."""

    def __init__(self, deliver: Callable[[Outcome], None]) -> None:
        super().__init__()
        self.setObjectName("engine")
        self.setStackSize(_STACK_BYTES)
        self._deliver = deliver
        self._changed = Condition()
        self._new: deque[tuple[int, Callable[[], Job]]] = deque()
        self._woken = False
        self._finishing = False
        self._abandon = False
        self._ring = JobRing()

    def add(self, job_id: int, make_job: Callable[[], Job]) -> None:
        with self._changed:
            self._new.append((job_id, make_job))
            self._changed.notify()
        if not self.isRunning() and not self._finishing:  # after the shutdown nothing begins
            self.start()

    def wake(self) -> None:
        with self._changed:
            self._woken = True
            self._changed.notify()

    def finish(self, timeout: float) -> bool:
        with self._changed:
            self._finishing = True
            self._changed.notify()
        in_time = self._wait(timeout)
        if not in_time:
            self._abandon = True
            self._wait(timeout)
        return in_time

    def _wait(self, timeout: float) -> bool:
        return not self.isRunning() or self.wait(round(timeout * 1000))

    def run(self) -> None:
        """Step the jobs until the end is asked for and all are done."""
        _stand_back()
        objc = runtime()
        while not self._abandon:
            with self._changed:
                self._changed.wait_for(self._has_work)
                new, self._new = self._new, deque()
                woken, self._woken = self._woken, False
            with autorelease_pool(objc):
                for job_id, make_job in new:
                    self._begin(job_id, make_job)
                self._take_turns(len(self._ring) if woken else min(1, len(self._ring)))
            if self._finishing and not len(self._ring):
                return
        with autorelease_pool(objc):
            self._ring.close()

    def _take_turns(self, count: int) -> None:
        """Let so many jobs go on; after a wake-up each is asked once whether it does, also those that rest."""
        for _ in range(count):
            outcome = self._ring.step()
            if outcome is not None:
                self._tell(outcome)

    def _has_work(self) -> bool:
        done = self._finishing and not len(self._ring)
        return bool(self._new) or self._woken or not self._ring.idle or done or self._abandon

    def _begin(self, job_id: int, make_job: Callable[[], Job]) -> None:
        try:
            self._ring.add(job_id, make_job())
        except Exception as error:  # a job that cannot begin is told like one that fails
            self._tell(Outcome(job_id, ended=True, error=error))

    def _tell(self, outcome: Outcome) -> None:
        if isinstance(outcome.error, Exception):
            outcome = replace(outcome, error=as_told(outcome.error))
        self._deliver(outcome)


def _stand_back() -> None:
    """Let the window go first, where threads have a niceness of their own."""
    if sys.platform == "linux":
        thread = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, thread, min(os.getpriority(os.PRIO_PROCESS, thread) + _NICENESS, 19))
