"""The shape of a model to start from, where only its checkpoint knows it: read on the engine's thread."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from gui.kit.engine_thread import EngineThread
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
        self._job_id: int | None = None
        engine.event_arrived.connect(self._take)
        engine.ended.connect(self._ended)

    @Slot(str)
    def ask(self, init_from: str) -> None:
        """Read a model; an answer that is under way is dropped."""
        self._asked = init_from
        self._job_id = self._engine.submit(lambda: shape_job(init_from))

    @Slot(int, object)
    def _take(self, job_id: int, event: object) -> None:
        if job_id == self._job_id and isinstance(event, ShapeFound):
            self.read.emit(event.init_from, event.shape)

    @Slot(int, object)
    def _ended(self, job_id: int, error: BaseException | None) -> None:
        if job_id == self._job_id and error is not None:
            self.failed.emit(self._asked, error)
