"""Slow reading off the window's thread: files parsed, texts counted. Nothing here touches the device or a tensor."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal

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

    def do(
        self, work: Callable[[], T], then: Callable[[T], object], failed: Callable[[Exception], object] | None = None
    ) -> None:
        """Call `work` on the other thread, then `then` with what it gave; or `failed` with what it raised."""
        self._pool.start(_Task(lambda: self._work(work, then, failed or _pass_over)))

    def _work(self, work: Callable[[], Any], then: Callable[[Any], object], failed: Callable[[Any], object]) -> None:
        try:
            answer = work()
        except Exception as error:  # whatever it is, who asked must learn of it
            self._tell(failed, error)
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


def _pass_over(error: Exception) -> None:
    _log.info("not read: %s: %s", type(error).__name__, str(error).partition("\n")[0])
