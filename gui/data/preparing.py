"""Texts being prepared: one at a time on the engine's thread, the others wait their turn."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from engine.core.errors import UnderstudyError
from engine.core.events import Event, Prepared, Progress
from engine.core.files import plain_name, spoken_name
from engine.core.jobs import Control, Job
from engine.datasets.order import Order
from engine.text.catalogue import catalogue
from gui.data.draft import free_name, named
from gui.kit import formats
from gui.kit.engine_thread import EngineThread, JobHandle
from gui.kit.parts import Elided, button, column, row
from gui.kit.progress_line import ProgressLine
from gui.kit.style import role
from gui.kit.theme import Space


def prepare(order: Order, control: Control) -> Job:
    """Make the job of an order; called on the engine's thread."""
    from engine.datasets.prepare import prepare_job

    return prepare_job(order, control)


class Preparations(QObject):
    """The orders under way and waiting.

    Signals:
        changed(): another one is under way, or none.
        progressed(progress): how far the one under way is, a Progress.
        prepared(event): one is done, a Prepared.
        failed(order, error): one could not be done; nothing of it is left.
        stopped(order): one was cancelled; nothing of it is left.
    """

    changed = Signal()
    progressed = Signal(object)
    prepared = Signal(object)
    failed = Signal(object, object)
    stopped = Signal(object)

    def __init__(self, engine: EngineThread, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._waiting: deque[Order] = deque()
        self._order: Order | None = None
        self._job: JobHandle | None = None
        self._done = False

    @property
    def current(self) -> Order | None:
        """The order under way."""
        return self._order

    @property
    def waiting(self) -> int:
        """How many orders wait."""
        return len(self._waiting)

    def ask_for(self, order: Order) -> None:
        """Prepare a text in its turn, unless it is being prepared already."""
        if order != self._order and order not in self._waiting:
            self._waiting.append(order)
            self._next()

    def cancel(self) -> None:
        """Stop the one under way; those that wait still come."""
        if self._job is not None:
            self._job.stop()

    def _next(self) -> None:
        if self._job is None and self._waiting:
            self._order = order = self._waiting.popleft()
            self._done = False
            self._job = self._engine.submit(partial(prepare, order))
            self._job.told.connect(self._take)
            self._job.ended.connect(self._ended)
        self.changed.emit()

    @Slot(object)
    def _take(self, event: Event) -> None:
        if isinstance(event, Progress):
            self.progressed.emit(event)
        elif isinstance(event, Prepared):
            self._done = True
            self.prepared.emit(event)

    @Slot(object)
    def _ended(self, error: BaseException | None) -> None:
        order, self._order, self._job = self._order, None, None
        if error is not None:
            self.failed.emit(order, error)
        elif not self._done:
            self.stopped.emit(order)
        self._next()


class ProgressStrip(QWidget):
    """How far the preparation under way is: what it does, a bar, and Cancel; hidden while there is none."""

    def __init__(self, preparations: Preparations, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        role(self, "clear")
        self._preparations = preparations
        self._title = Elided(kind="strong")
        self._words = Elided(kind="caption")
        self._words.setObjectName("data_progress_words")
        self._bar = ProgressLine("data_progress", "Preparation")
        self._cancel = button("cancel_prepare_button", "Cancel", preparations.cancel, "plain")
        head = row(self._title, self._cancel)
        head.setStretch(0, 1)
        layout = column(self, spacing=Space.XS)
        layout.addLayout(head)
        layout.addWidget(self._bar)
        layout.addWidget(self._words)
        preparations.changed.connect(self._begin)
        preparations.progressed.connect(self._tell)
        self._begin()

    def _begin(self) -> None:
        order = self._preparations.current
        self.setVisible(order is not None)
        if order is not None:
            self._title.tell(title_of(order))
            self._bar.show_share(None)
            self._say("Getting ready…")

    def _tell(self, progress: Progress) -> None:
        words = progress_text(progress)
        if words != self._words.whole():
            self._bar.show_share(progress.done / progress.total if progress.total else None)
            self._say(words)

    def _say(self, words: str) -> None:
        waiting = self._preparations.waiting
        text = f"{words}  ·  {formats.plural(waiting, 'more waits', 'more wait')}" if waiting else words
        self._words.tell(text)
        self._bar.setAccessibleName(f"Preparing {self._title.whole()}: {text}")


def title_of(order: Order) -> str:
    """Return what an order is called while it is under way."""
    entry = catalogue().get(order.target)
    return entry.title if entry else spoken_name(order.name or "") or named([order.target])


def progress_text(progress: Progress) -> str:
    """Return how far a preparation is, in a line."""
    if not progress.total:
        return progress.what
    share = formats.percent(min(progress.done / progress.total, 1))
    if progress.unit != "bytes":
        return f"{progress.what}: {share}"
    return f"{progress.what}: {share} of {formats.disk(progress.total)}"


def other_ways(order: Order, error: BaseException) -> list[tuple[str, str, Order]]:
    """Return what may be asked for after an order failed: an object name, the words on its button, the other order."""
    code = error.code if isinstance(error, UnderstudyError) else ""
    if code == "name_taken":
        name = free_name(title_of(order))
        return [("other_name_button", f"Call It {name}", replace(order, name=plain_name(name)))]
    if code == "loss":
        anyway = replace(order, wishes=replace(order.wishes, allow_loss=True))
        return [("allow_loss_button", "Prepare Without It", anyway)]
    return [("try_again_button", "Try Again", order)]
