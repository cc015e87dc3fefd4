"""The shape of a model to start from, where only its checkpoint knows it: read on the engine's thread."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from gui.kit.engine_thread import EngineThread, JobHandle
from gui.train.jobs import ShapeFound, shape_job


class ModelReader(QObject):
    """Reads one model at a time; of several, only what was asked for last is told.

    Signals:
        read(init_from, shape): the model has this shape.
        failed(init_from, error): it cannot be read.
    """

    read = Signal(str, object)
    failed = Signal(str, object)

    def __init__(self, engine: EngineThread, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._asked = ""
        self._job: JobHandle | None = None

    @Slot(str)
    def ask(self, init_from: str) -> None:
        """Read a model; an answer that is under way is dropped."""
        if self._job is not None:
            self._job.forget()
        self._asked = init_from
        self._job = self._engine.submit(lambda _: shape_job(init_from))
        self._job.told.connect(self._take)
        self._job.ended.connect(self._ended)

    @Slot(object)
    def _take(self, event: ShapeFound) -> None:
        self.read.emit(event.init_from, event.shape)

    @Slot(object)
    def _ended(self, error: BaseException | None) -> None:
        self._job = None
        if error is not None:
            self.failed.emit(self._asked, error)
