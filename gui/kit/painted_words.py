"""Words that change often: painted straight on one line, so that nothing is laid out anew for them."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.kit import theme
from gui.kit.theme import Size, Space, Type

_DOT_WIDTH = Size.DOT + Space.XS


@dataclass(frozen=True, slots=True)
class Word:
    """Words in one dress; `role` is their color, `dot` the color of a dot before them."""

    text: str
    size: int = Type.CAPTION
    role: str = "secondary"
    bold: bool = False
    dot: str = ""


class Line(QWidget):
    """Words on one baseline, as high as its largest type; what finds no room is left out, the first word shortened.

    It has at least the room that the text `widest` takes.
    """

    def __init__(
        self, *words: Word, size: int = Type.CAPTION, spacing: int = Space.M, right: bool = False, widest: str = ""
    ) -> None:
        super().__init__()
        self._widest = widest
        self._words: tuple[Word, ...] = ()
        self._size, self._spacing, self._right = size, spacing, right
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.tell(*words)

    def tell(self, *words: Word) -> None:
        """Show these words; those without a text are left out."""
        shown = tuple(word for word in words if word.text)
        if shown != self._words:
            self._words = shown
            self.setAccessibleName(self.text())
            self.update()

    def text(self) -> str:
        """Return all that is told."""
        return " ".join(word.text for word in self._words)

    def sizeHint(self) -> QSize:
        """Return the height, and the least width."""
        metrics = QFontMetrics(theme.current().font(self._size, bold=True))
        return QSize(metrics.horizontalAdvance(self._widest), metrics.height())

    def minimumSizeHint(self) -> QSize:
        """Return the height, and the least width."""
        return self.sizeHint()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme and the type."""
        super().changeEvent(event)
        if theme.restyles(event):
            self.updateGeometry()
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the words from the left, or up to the right."""
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        largest = QFontMetrics(look.font(self._size, bold=True))
        line = (self.height() - largest.height()) / 2 + largest.ascent()
        left = float(self.width() - self._width()) if self._right else 0.0
        for word in self._words:
            painter.setFont(look.font(word.size, bold=word.bold))
            metrics = painter.fontMetrics()
            if word is not self._words[0] and left + _width(word, metrics) > self.width() + 1:
                break
            if word.dot:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(look.color(word.dot))
                middle = line - metrics.capHeight() / 2
                painter.drawEllipse(QRectF(left, middle - Size.DOT / 2, Size.DOT, Size.DOT))
                left += _DOT_WIDTH
            painter.setPen(look.color(word.role))
            text = word.text
            if word is self._words[0]:
                text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(self.width() - left) + 1)
            painter.drawText(int(left), round(line), text)
            left += metrics.horizontalAdvance(text) + self._spacing

    def _width(self) -> int:
        """Return the room that all the words take."""
        look = theme.current()
        widths = (_width(word, QFontMetrics(look.font(word.size, bold=word.bold))) for word in self._words)
        return sum(widths) + self._spacing * max(len(self._words) - 1, 0)


def _width(word: Word, metrics: QFontMetrics) -> int:
    """Return the room that words take with their dot."""
    return metrics.horizontalAdvance(word.text) + (_DOT_WIDTH if word.dot else 0)
