"""Amounts as bars, one below the other: words, a figure, and a bar as long as the amount."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget

from gui.kit import theme
from gui.kit.scroll_bars import quiet
from gui.kit.style import role
from gui.kit.theme import Size, Space, Type


@dataclass(frozen=True, slots=True)
class Bar:
    """One amount: its words and figure, how much it is, the role of its color, whether its words stand out."""

    words: str
    value: float
    figure: str
    color: str = "disabled"
    strong: bool = False


class Bars(QWidget):
    """Paints bars, the longest as wide as the widget."""

    def __init__(self, name: str, says: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(says)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._bars: tuple[Bar, ...] = ()

    @property
    def bars(self) -> tuple[Bar, ...]:
        """What is shown."""
        return self._bars

    def show_bars(self, bars: Sequence[Bar]) -> None:
        """Show these bars from the top."""
        self._bars = tuple(bars)
        self.setAccessibleDescription("; ".join(f"{bar.words}: {bar.figure}" for bar in bars))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for all bars."""
        return QSize(Size.FIELD, len(self._bars) * self._height)

    @property
    def _height(self) -> int:
        return theme.current().text_px(Type.BODY) + Space.S + Size.BAR // 2 + Space.M

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the bars."""
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        longest = max((bar.value for bar in self._bars), default=0) or 1
        for number, bar in enumerate(self._bars):
            self._paint(painter, look, number * self._height, bar, bar.value / longest)

    def _paint(self, painter: QPainter, look: theme.Theme, top: int, bar: Bar, share: float) -> None:
        words = QRectF(0, top, self.width(), look.text_px(Type.BODY) + Space.S)
        painter.setFont(look.font(Type.BODY, bold=bar.strong))
        metrics = QFontMetrics(painter.font())
        room = self.width() - metrics.horizontalAdvance(bar.figure) - Space.M
        painter.setPen(look.color("text"))
        middle = Qt.AlignmentFlag.AlignVCenter
        shown = metrics.elidedText(bar.words, Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | middle, shown)
        painter.drawText(words, Qt.AlignmentFlag.AlignRight | middle, bar.figure)
        area = QRectF(0, words.bottom(), self.width(), Size.BAR / 2)
        round_ = area.height() / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color("line"))
        painter.drawRoundedRect(area, round_, round_)
        area.setWidth(max(area.height(), area.width() * share))
        painter.setBrush(look.color(bar.color))
        painter.drawRoundedRect(area, round_, round_)


def scrolled(inside: QWidget, name: str, says: str) -> QScrollArea:
    """Return a page that scrolls up and down, no wider than can be taken in."""
    scroll = role(quiet(QScrollArea()), "page of text")
    scroll.setObjectName(name)
    scroll.setAccessibleName(says)
    scroll.setWidgetResizable(True)
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    inside.setMaximumWidth(Size.PAGE)
    scroll.setWidget(inside)
    return scroll
