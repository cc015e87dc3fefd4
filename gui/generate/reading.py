"""What a model is asked about a text that is there: how surprised it is by it, and what of it is quoted."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.core.errors import UnderstudyError
from engine.core.events import Event, Memorised, Progress, Scored, ScoredAll
from engine.generation.model_cache import Shelf
from gui.generate import errand
from gui.generate.errand import Errand
from gui.generate.record import New
from gui.generate.take import Take
from gui.kit import formats
from gui.kit.engine_thread import EngineThread

PARTS = {"val": "the validation text", "train": "the training text"}
PASSAGE_TOKENS = 300
"""Tokens of the dataset that are read at a time."""

_GOLDEN = 0.618  # steps of this share of a text come to every part of it, never soon to the same


class ModelReading(QObject):
    """Lets a model read a text.

    Signals:
        grew(), failed(new, error), over(): as Writing's.
    """

    grew = Signal()
    failed = Signal(object, object)
    over = Signal()

    def __init__(self, engine: EngineThread, shelf: Shelf, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shelf = shelf
        self._turn = 0
        self._new: New | None = None
        self._errand = Errand(engine, self)
        self._errand.told.connect(self._take)
        self._errand.over.connect(self._end)

    @property
    def under_way(self) -> bool:
        """Whether a text is being read."""
        return self._new is not None

    @property
    def _share(self) -> float:
        """Where the next passage of the dataset begins, as a share of it."""
        return self._turn * _GOLDEN % 1

    def title_of(self, what: str) -> str:
        """Return what is read next, in words; `what` is "val", "train" or "own"."""
        if what not in PARTS:
            return "your text"
        place = f"{formats.percent(self._share)} into it" if self._share else "from its beginning"
        return f"{PARTS[what]}, {place}"

    def read(self, new: New, what: str, text: str) -> None:
        """Read a passage of the dataset, or `text`."""
        self._new, path = new, new.take.choice.path
        share, shelf = self._share, self._shelf
        if what in PARTS:
            self._turn += 1
            new.take.passage = (what, share, PASSAGE_TOKENS)
            self._errand.start(lambda control: errand.score_passage(path, what, share, PASSAGE_TOKENS, control, shelf))
        else:
            self._errand.start(lambda control: errand.score(path, text, control, shelf))

    def stop(self) -> None:
        """Read no further."""
        self._errand.stop()

    def _take(self, event: Event) -> None:
        if isinstance(event, Scored | ScoredAll) and self._new is not None:
            self._new.take.take(event)
            self.grew.emit()

    def _end(self, error: BaseException | None) -> None:
        new, self._new = self._new, None
        if new is not None:
            new.take.end(failed=error is not None)
            if error is not None or not new.take.pieces:
                self.failed.emit(new, error)
        self.over.emit()


class Quotations(QObject):
    """Finds what of some texts stands in the training text word for word.

    Signals:
        found(): `quoted` of the texts is there now.
        changed(): `status` is another.
    """

    found = Signal()
    changed = Signal()

    def __init__(self, engine: EngineThread, shelf: Shelf, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shelf = shelf
        self._waiting: deque[list[Take]] = deque()
        self._takes: list[Take] = []
        self.status = ""
        self._errand = Errand(engine, self)
        self._errand.told.connect(self._take)
        self._errand.over.connect(self._end)

    def look_for(self, takes: Sequence[Take]) -> None:
        """Look for quotations in what a model wrote; each is compared with its own model's training text."""
        self.forget()
        by_path: dict[Path, list[Take]] = {}
        for take in takes:
            by_path.setdefault(take.choice.path, []).append(take)
        self._waiting.extend(by_path.values())
        self._say("Looking for quotations…")
        self._next()

    def forget(self) -> None:
        """Look no further."""
        self._waiting.clear()
        self._takes = []
        self._errand.forget()
        self._say("")

    def _next(self) -> None:
        if self._waiting:
            self._takes = takes = self._waiting.popleft()
            path, texts, shelf = takes[0].choice.path, [take.written() for take in takes], self._shelf
            self._errand.start(lambda control: errand.find_quotations(path, texts, control, shelf))

    def _take(self, event: Event) -> None:
        if isinstance(event, Memorised) and event.text < len(self._takes):
            self._takes[event.text].quoted = event
            self.found.emit()
        elif isinstance(event, Progress) and event.total:
            self._say(f"{event.what}, {formats.percent(min(event.done / event.total, 1))}")

    def _end(self, error: BaseException | None) -> None:
        self._takes = []
        words = error.message if isinstance(error, UnderstudyError) else str(error) if error else ""
        self._say(f"Quotations cannot be looked for. {words}" if words else "")
        if error is None:
            self._next()

    def _say(self, status: str) -> None:
        if status != self.status:
            self.status = status
            self.changed.emit()
