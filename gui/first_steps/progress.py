"""Which of the first steps are done: told by the engine's events and the disk, and remembered."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from engine.core.events import Event
from gui.first_steps.steps import COMPARE, FINISH, SAMPLE, FirstStep, done_by, done_on_disk, first_steps
from gui.kit import preferences
from gui.kit.background import Background
from gui.kit.engine_thread import EngineThread


class FirstSteps(QObject):
    """Ticks the steps.

    Signals:
        changed(): another step is done, or is the next.
        failed(error): what is on disk could not be read.
    """

    changed = Signal()
    failed = Signal(object)

    def __init__(self, engine: EngineThread, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._known = {step.key for step in first_steps()}
        self._done = set(preferences.first_steps_done() & self._known)
        self._under_way = False
        self._background = Background(self)
        engine.event_arrived.connect(self._take)

    @property
    def done(self) -> frozenset[str]:
        """The keys of the steps that are done."""
        return frozenset(self._done)

    @property
    def next(self) -> FirstStep | None:
        """The first step that is still to do, None when all are done; while a model trains, one of watching it."""
        left = [step for step in first_steps() if step.key not in self._done]
        if left and self._under_way:
            key = FINISH if SAMPLE in self._done else SAMPLE
            return next(step for step in first_steps() if step.key == key)
        return next(iter(left), None)

    def heed_run(self, *, under_way: bool) -> None:
        """Ask for nothing but watching from when a run is asked for until its end."""
        if under_way != self._under_way:
            self._under_way = under_way
            self.changed.emit()

    def look_on_disk(self) -> None:
        """Tick, off this thread, what runs and texts show: also what was made before the list was first seen."""
        if self.next is not None:
            self._background.do(done_on_disk, self._tick, self.failed.emit)

    def compared(self) -> None:
        """Take note that two runs were compared."""
        self._tick({COMPARE})

    def _take(self, _job: object, event: object) -> None:
        if len(self._done) < len(self._known) and isinstance(event, Event):
            self._tick({done_by(event)})

    def _tick(self, keys: set[str] | frozenset[str]) -> None:
        new = (keys & self._known) - self._done
        if new:
            self._done |= new
            preferences.keep_first_steps(self._done)
            self.changed.emit()
