"""Writing: the jobs for a number of takes, one checkpoint after another, and their events to the takes."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from engine.core.events import Event, Reply, Token
from engine.generation.model_cache import Shelf
from gui.generate import errand
from gui.generate.errand import Errand
from gui.generate.record import New, batches, order_of
from gui.kit.engine_thread import EngineThread


class Writing(QObject):
    """Writes takes, and tells how they grow.

    Signals:
        grew(): some of them have more text.
        failed(new, error): one came to nothing or broke off, and why; the others are not begun.
        over(): nothing is written any more.
    """

    grew = Signal()
    failed = Signal(object, object)
    over = Signal()

    def __init__(self, engine: EngineThread, shelf: Shelf, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shelf = shelf
        self._waiting: deque[list[New]] = deque()
        self._batch: list[New] = []
        self._errand = Errand(engine, self)
        self._errand.told.connect(self._take)
        self._errand.over.connect(self._end)

    @property
    def under_way(self) -> bool:
        """Whether something is being written."""
        return bool(self._batch)

    def write(self, made: Sequence[New]) -> None:
        """Write these, in turn where one job cannot write them side by side."""
        self._waiting.extend(batches(made))
        self._next()

    def stop(self) -> None:
        """Write no more; what there is stays."""
        for new in self._waiting_ones():
            self._drop(new)
        self._errand.stop()

    def _next(self) -> None:
        if not self._waiting:
            self.over.emit()
            return
        self._batch = batch = self._waiting.popleft()
        path, (config, written) = batch[0].take.choice.path, order_of(batch)
        self._errand.start(lambda control: errand.sample(path, config, written, control, self._shelf))

    def _take(self, event: Event) -> None:
        if isinstance(event, Token | Reply) and event.sample < len(self._batch):
            self._batch[event.sample].take.take(event)
            self.grew.emit()

    def _end(self, error: BaseException | None) -> None:
        batch, self._batch = self._batch, []
        for new in batch if error is None else (*batch, *self._waiting_ones()):
            new.take.end(failed=error is not None)
            if error is not None:
                self.failed.emit(new, error)
        self._next()

    def _drop(self, new: New) -> None:
        """Leave one unwritten that had not begun."""
        new.take.end()
        self.failed.emit(new, None)

    def _waiting_ones(self) -> list[New]:
        waiting = [new for batch in self._waiting for new in batch]
        self._waiting.clear()
        return waiting
