"""Finding and waiting: what every scene does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from PySide6.QtCore import QObject
    from PySide6.QtWidgets import QWidget

    T = TypeVar("T", bound=QObject)

_PATIENCE_MS = 120_000  # on a machine that has much else to do
_OFTEN_MS = 20


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
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(ms, loop.quit)
    loop.exec()


def wait(until: Callable[[], bool], what: str) -> None:
    """Go on once something is so; raises TimeoutError naming `what` when it takes too long."""
    from PySide6.QtCore import QDeadlineTimer

    late = QDeadlineTimer(_PATIENCE_MS)
    while not until():
        if late.hasExpired():
            raise TimeoutError(f"waited {_PATIENCE_MS // 1000} s for {what}")
        settle(_OFTEN_MS)
