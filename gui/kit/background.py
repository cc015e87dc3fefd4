"""Slow reading off the window's thread: files parsed, texts counted. Nothing here touches the device or a tensor."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal

from engine.core.disk import refused
from engine.core.errors import UnderstudyError

T = TypeVar("T")
_log = logging.getLogger(__name__)


class Background(QObject):
    """Does one thing after the other on a thread of its own, and tells each answer on the window's thread.

    Its pool waits for what is under way when it goes: no thread outlives the window.
    """

    _answered = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._answered.connect(lambda act, answer: act(answer))

    def do(self, work: Callable[[], T], then: Callable[[T], object], failed: Callable[[Exception], object]) -> None:
        """Call `work` on the other thread, then `then` with what it gave; or `failed` with what it raised.

        What the system refused comes as an UnderstudyError; what nobody foresaw is written to the log besides.
        """
        self._pool.start(_Task(lambda: self._work(work, then, failed)))

    def do_each(
        self, work: Callable[[], Iterator[T]], then: Callable[[T], object], failed: Callable[[Exception], object]
    ) -> None:
        """Go through `work` on the other thread, and call `then` with each thing that it gives; else as `do`."""
        self._pool.start(_Task(lambda: self._work_through(work, then, failed)))

    def finish(self) -> None:
        """Wait for what is under way, which may go on meanwhile; what waits its turn is done, too."""
        self._pool.waitForDone()

    def _work_through(
        self, work: Callable[[], Iterator[Any]], then: Callable[[Any], object], failed: Callable[[Any], object]
    ) -> None:
        try:
            for answer in work():
                self._tell(then, answer)
        except Exception as error:
            self._tell(failed, as_told(error))

    def _work(self, work: Callable[[], Any], then: Callable[[Any], object], failed: Callable[[Any], object]) -> None:
        try:
            answer = work()
        except Exception as error:  # whatever it is, who asked must learn of it
            self._tell(failed, as_told(error))
        else:
            self._tell(then, answer)

    def _tell(self, act: Callable[[Any], object], answer: object) -> None:
        with suppress(RuntimeError):  # who asked has gone meanwhile
            self._answered.emit(act, answer)


class _Task(QRunnable):
    """A call, as the pool wants it."""

    def __init__(self, call: Callable[[], None]) -> None:
        super().__init__()
        self._call = call

    def run(self) -> None:
        """Do it."""
        self._call()


def as_told(error: Exception) -> Exception:
    """Return an error as a person is told of it; one that nobody foresaw is written to the log."""
    if isinstance(error, OSError):
        return refused(error)
    if not isinstance(error, UnderstudyError):
        _log.error("an error nobody foresaw", exc_info=error)
    return error
