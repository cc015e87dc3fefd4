"""Where a growing text is looked at: its end while the person is there, and else what they look at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QObject, QRect, Signal
from PySide6.QtWidgets import QTextEdit

from gui.kit.theme import Space


class Scrolling(QObject):
    """Scrolls a text as it grows and as its branches change.

    A branch may be shorter than the one it takes the place of: room is left below it then, so that the text above the
    fork stays where it is on the screen.

    Signals:
        moved(value): the person scrolled.
    """

    moved = Signal(int)

    def __init__(self, view: QTextEdit) -> None:
        super().__init__(view)
        self._view, self._bar = view, view.verticalScrollBar()
        self._room = 0  # pixels below the text
        self._stays = self._by_itself = False
        self._bar.valueChanged.connect(self._tell)

    @property
    def value(self) -> int:
        """How far it is scrolled."""
        return self._bar.value()

    @property
    def follows(self) -> bool:
        """Whether the end is to stay in sight."""
        return not self._stays and self._bar.value() >= self._bar.maximum() - self._room - Space.XXL

    @contextmanager
    def by_itself(self) -> Iterator[None]:
        """Scroll, or change the text, without the person having scrolled."""
        before, self._by_itself = self._by_itself, True
        try:
            yield
        finally:
            self._by_itself = before

    def to(self, value: int) -> None:
        """Scroll to a height."""
        with self.by_itself():
            self._bar.setValue(value)

    def to_end(self) -> None:
        """Scroll to the end, and follow it."""
        self._stays = False
        self._leave_room(0)
        self.to(self._bar.maximum())

    def stay(self, seen: int, place: QRect) -> None:
        """Look on where one looked, `seen`, if `place` (in the viewport) is in sight there; else at that place."""
        self._stays = True
        height, top = self._view.viewport().height(), place.top() + self._bar.value()
        if top < seen:
            seen = max(0, top - place.height())
        elif top + 2 * place.height() > seen + height:
            seen = max(0, top - height // 3)
        self._leave_room(max(0, seen + height - self._text_height()))
        self.to(seen)

    def tidy(self) -> None:
        """Leave no more room below a text that has come to the end of what is seen."""
        if self._room and self._text_height() >= self._bar.value() + self._view.viewport().height():
            self._leave_room(0)

    def forget(self) -> None:
        """Begin with an empty text."""
        self._room, self._stays = 0, False

    def _text_height(self) -> int:
        return round(self._view.document().size().height()) - self._room

    def _leave_room(self, room: int) -> None:
        if room == self._room:
            return
        self._room = room
        document = self._view.document()
        form = document.rootFrame().frameFormat()
        form.setBottomMargin(document.documentMargin() + room)
        with self.by_itself():
            document.rootFrame().setFrameFormat(form)

    def _tell(self, value: int) -> None:
        if not self._by_itself:
            self._stays = False
            self.moved.emit(value)
