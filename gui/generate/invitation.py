"""What stands where nothing is written yet: an invitation, and beginnings from the model's own text."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QWidget

from gui.generate.spelling import named
from gui.kit import theme
from gui.kit.flow import flow
from gui.kit.focus_order import put_in_order
from gui.kit.parts import button, column, label
from gui.kit.style import role
from gui.kit.theme import Space

_LONGEST = 40  # characters on a button
_FOR_ALL, _FOR_WORDS = 170, 120  # pixels of height at text scale 1


class Invitation(QWidget):
    """A line of welcome over a button for each beginning.

    Signals:
        begun(beginning): the person wants this one to be continued.
    """

    begun = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("invitation")
        role(self, "clear")
        self._title = label("What shall it write?", "title")
        self._title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._words = label(kind="secondary", wrap=True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._buttons = flow(spacing=Space.S)
        self._buttons.center(True)
        layout = column(self, spacing=Space.S)
        layout.addStretch(1)
        layout.addWidget(self._title)
        layout.addWidget(self._words)
        layout.addSpacing(Space.S)
        layout.addLayout(self._buttons)
        layout.addStretch(2)
        self.offer(())

    def offer(self, beginnings: Sequence[str]) -> None:
        """Offer these."""
        while (item := self._buttons.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.setParent(None)
                old.deleteLater()
        for number, beginning in enumerate(beginnings, 1):
            made = self._button(number, beginning)
            self._buttons.addWidget(made)
            made.show()
        if (around := self.parentWidget()) is not None and (transcript := around.parentWidget()) is not None:
            put_in_order(transcript)
        self._words.setText(
            "Begin as its own text does, or write a beginning below."
            if beginnings
            else "Write a beginning below: the model goes on from there."
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what there is no room for: the beginnings are worth more than the words over them."""
        super().resizeEvent(event)
        look = theme.current()
        self._title.setVisible(self.height() >= look.text_px(_FOR_ALL))
        self._words.setVisible(self.height() >= look.text_px(_FOR_WORDS))

    def _button(self, number: int, beginning: str) -> QPushButton:
        words = spelled(beginning)
        return button(f"beginning_{number}", words, lambda: self.begun.emit(beginning), says=f"Begin with {words}")


def spelled(beginning: str) -> str:
    """Return a beginning in a line, on a button."""
    words = named(beginning.rstrip()).replace("·", " ")
    shown = words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1].rstrip()}…"
    return shown.replace("&", "&&")
