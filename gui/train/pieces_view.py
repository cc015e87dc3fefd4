"""The beginning of a text as it breaks into its pieces: what there is to see while it is made ready."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QEasingCurve, QRectF, QSize, Qt, QVariantAnimation
from PySide6.QtGui import QFontMetricsF, QHideEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.kit import motion, theme
from gui.kit.theme import Radius, Size, Space, Type
from gui.train.written import with_dots

BREAKS_MS = 400
LINES = 4
_LEADING = 1.6
_Word = tuple[str, float, float, int]  # a piece, where it begins, how wide it is, and how many stand before it


class PiecesView(QWidget):
    """Some lines of a text, each piece on a ground of its own; they move apart once they are there."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pieces_view")
        self._pieces: tuple[str, ...] = ()
        self._apart = 1.0
        self._breaking = QVariantAnimation(self)
        self._breaking.setDuration(BREAKS_MS)
        self._breaking.setStartValue(0.0)
        self._breaking.setEndValue(1.0)
        self._breaking.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._breaking.valueChanged.connect(self._move)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.hide()

    def show_pieces(self, pieces: Sequence[str]) -> None:
        """Show other pieces, or nothing of none."""
        pieces = tuple(with_dots(piece) for piece in pieces)
        if pieces == self._pieces:
            return
        self._pieces = pieces
        self._breaking.stop()
        self.setAccessibleName(f"The text in its pieces: {' | '.join(filter(str.strip, pieces))}" if pieces else "")
        self.setVisible(bool(pieces))
        self._move(1.0)
        if pieces and not motion.is_reduced():
            self._breaking.start()

    @property
    def pieces(self) -> tuple[str, ...]:
        """The pieces that are shown."""
        return self._pieces

    def sizeHint(self) -> QSize:
        """Return room for the lines, of a good measure."""
        look = theme.current()
        return QSize(look.text_px(Size.MEASURE), math.ceil(LINES * self._line_height()))

    def minimumSizeHint(self) -> QSize:
        """Return room for a line."""
        return QSize(Size.FIELD, math.ceil(self._line_height()))

    def hideEvent(self, event: QHideEvent) -> None:
        """Stand still out of sight."""
        self._breaking.stop()

    def _move(self, apart: float) -> None:
        self._apart = float(apart)
        self.update()

    def _line_height(self) -> float:
        return _LEADING * QFontMetricsF(theme.current().font(Type.VERSE, serif=True)).height()

    def lines(self) -> list[list[_Word]]:
        """Return what stands on each line, in pixels from its left; a line ends where the text's does, or the room."""
        metrics = QFontMetricsF(theme.current().font(Type.VERSE, serif=True))
        room = min(self.width(), theme.current().text_px(Size.MEASURE))
        lines: list[list[_Word]] = [[]]
        x = 0.0
        for piece in self._pieces:
            shown = piece.replace("\n", "")
            width = metrics.horizontalAdvance(shown)
            if lines[-1] and x + width + len(lines[-1]) * Space.XS > room:
                lines.append([])
                x = 0.0
            if shown:
                lines[-1].append((shown, x, width, len(lines[-1])))
                x += width
            if "\n" in piece and lines[-1]:
                lines.append([])
                x = 0.0
        return [line for line in lines if line][: min(LINES, int(self.height() / self._line_height()))]

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the lines in the middle."""
        look, painter = theme.current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(look.font(Type.VERSE, serif=True))
        height, gap = self._line_height(), self._apart * Space.XS
        lines = self.lines()
        widest = max((x + width + before * Space.XS for line in lines for _, x, width, before in line), default=0.0)
        left = (self.width() - widest) / 2
        for number, line in enumerate(lines):
            for piece, x, width, before in line:
                place = QRectF(left + x + before * gap, number * height, width, height - Space.S)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(look.color("selection" if before % 2 else "line"))
                painter.setOpacity(self._apart)
                painter.drawRoundedRect(place.adjusted(-1, 0, 1, 0), Radius.SMALL, Radius.SMALL)
                painter.setOpacity(1.0)
                painter.setPen(look.color("text"))
                painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, piece)
