"""The text that is looked at: opened on the engine's thread, and remembered while its files stay the same."""

from __future__ import annotations

from collections import OrderedDict
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.core.events import Event
from engine.datasets.dataset import Dataset
from gui.data.tokens import Opened, Scaled, open_job
from gui.kit.engine_thread import EngineThread

_KEPT = 8
Key = tuple[Path, str, int]


class TextOpener(QObject):
    """Opens one text at a time.

    Signals:
        opened(event): the text that was asked for last is open, an Opened.
        scaled(event): its scale of losses is known, a Scaled.
        failed(error): it cannot be read.
    """

    opened = Signal(object)
    scaled = Signal(object)
    failed = Signal(object)

    def __init__(self, engine: EngineThread, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._known: OrderedDict[Key, dict[type[Event], Event]] = OrderedDict()
        self._key: Key | None = None
        self._being_read: set[Key] = set()

    def open(self, dataset: Dataset) -> None:
        """Open a text; what is known of it already is told at once."""
        key = self._key = _key_of(dataset)
        known = self._known.get(key, {})
        for event in known.values():
            self._tell(event)
        if Scaled not in known and key not in self._being_read:
            self._being_read.add(key)
            job = self._engine.submit(lambda _: open_job(dataset))
            job.told.connect(partial(self._take, key))
            job.ended.connect(partial(self._ended, key))

    def close(self) -> None:
        """Forget which text was asked for."""
        self._key = None

    def _take(self, key: Key, event: Opened | Scaled) -> None:
        self._known.setdefault(key, {})[type(event)] = event
        if len(self._known) > _KEPT:
            self._known.popitem(last=False)
        if key == self._key:
            self._tell(event)

    def _tell(self, event: Event) -> None:
        (self.opened if isinstance(event, Opened) else self.scaled).emit(event)

    def _ended(self, key: Key, error: BaseException | None) -> None:
        self._being_read.discard(key)
        if error is not None and key == self._key:
            self.failed.emit(error)


def _key_of(dataset: Dataset) -> Key:
    """Return what is another when the files of a dataset are."""
    return dataset.folder, dataset.fingerprint, dataset.train_path.stat().st_mtime_ns
