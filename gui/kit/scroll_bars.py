"""Scroll bars as macOS draws them over what is scrolled: there while they are of use, and gone a moment after.

They come and go at once, so nothing moves by itself. With more contrast they stay (gui/kit/style.py), and so they do
where the system settings of a Mac say "Show scroll bars: Always".
"""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import QEvent, QObject, QTimer, Slot
from PySide6.QtWidgets import QAbstractScrollArea

from gui.kit import mac
from gui.kit.style import mark

A = TypeVar("A", bound=QAbstractScrollArea)

LINGER_MS = 700


def quiet(area: A) -> A:
    """Have a view show its scroll bars only while they are of use; return the view."""
    QuietBars(area)
    return area


class QuietBars(QObject):
    """Shows the bars of a view while the pointer is over it, or a person scrolls it with the keyboard."""

    def __init__(self, area: QAbstractScrollArea) -> None:
        super().__init__(area)
        self._area = area
        self._bars = (area.verticalScrollBar(), area.horizontalScrollBar())
        self._lingering = QTimer(self)
        self._lingering.setSingleShot(True)
        self._lingering.setInterval(LINGER_MS)
        self._lingering.timeout.connect(self._rest)
        area.installEventFilter(self)
        for bar in self._bars:
            bar.actionTriggered.connect(self._scrolled)  # by a person: what a program scrolls shows nothing
        self._rest()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Heed the pointer as it comes and goes."""
        if event.type() is QEvent.Type.Enter:
            self._lingering.stop()
            self._hush(quiet_now=False)
        elif event.type() is QEvent.Type.Leave:
            self._lingering.start()
        return False

    @Slot()
    def _scrolled(self) -> None:
        self._hush(quiet_now=False)
        if not self._area.underMouse():
            self._lingering.start()

    @Slot()
    def _rest(self) -> None:
        self._hush(quiet_now=not mac.keeps_scroll_bars())

    def _hush(self, *, quiet_now: bool) -> None:
        for bar in self._bars:
            mark(bar, "quiet", quiet_now or None)
