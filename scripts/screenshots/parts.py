"""Finding and waiting: what every scene does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from PySide6.QtCore import QObject
    from PySide6.QtWidgets import QWidget

    T = TypeVar("T", bound=QObject)

_PATIENCE_MS = 600_000


def part(window: QWidget, kind: type[T], name: str) -> T:
    """Return the part of a window that has a name."""
    found = window.findChild(kind, name)
    assert isinstance(found, kind), name
    return found


def press(window: QWidget, *names: str) -> None:
    """Press buttons by their names, one after the other."""
    from PySide6.QtWidgets import QAbstractButton

    for name in names:
        part(window, QAbstractButton, name).click()
        settle()


def settle(ms: int = 500) -> None:
    """Let the window draw what it put off."""
    from PySide6.QtCore import QDeadlineTimer, QEventLoop
    from PySide6.QtWidgets import QApplication

    until = QDeadlineTimer(ms)
    while not until.hasExpired():
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)


def wait(until: Callable[[], bool]) -> None:
    """Go on once something is so."""
    from PySide6.QtCore import QDeadlineTimer, QEventLoop
    from PySide6.QtWidgets import QApplication

    late = QDeadlineTimer(_PATIENCE_MS)
    while not until():
        assert not late.hasExpired()
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)
