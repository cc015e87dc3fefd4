"""A text as the model sees it: token by token, alternately shaded, as far as one likes to scroll."""

from __future__ import annotations

import math
from bisect import bisect_right
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import (
    QFontMetricsF,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip, QWidget

from engine.tokens.tokenizer import Tokenizer
from gui.data.token_pages import Cell, Row, TokenPages
from gui.data.tokens import TokenWords
from gui.kit import theme
from gui.kit.plain import plain_tip
from gui.kit.scroll_bars import quiet
from gui.kit.style import role
from gui.kit.theme import Radius, Size, Space, Type

MOST_COPIED = 1_000_000
"""Tokens that go to the clipboard at most."""

_NOTCH = 120
_ROWS_A_NOTCH = 3
_MOST_UNITS = 2**30
_MOVES = {
    Qt.Key.Key_Left: ("token", -1),
    Qt.Key.Key_Right: ("token", 1),
    Qt.Key.Key_Up: ("row", -1),
    Qt.Key.Key_Down: ("row", 1),
    Qt.Key.Key_PageUp: ("page", -1),
    Qt.Key.Key_PageDown: ("page", 1),
    Qt.Key.Key_Home: ("all", -1),
    Qt.Key.Key_End: ("all", 1),
}


class TokenView(QAbstractScrollArea):
    """The tokens of a file, only those on screen ever looked at.

    Signals:
        current_changed(place): another token is looked at, or scrolled to.
    """

    current_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("token_view")
        quiet(self)
        self.setAccessibleName("The text as the model sees it")
        role(self, "card")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAttribute(Qt.WidgetAttribute.WA_MacShowFocusRect, False)
        self.viewport().setAutoFillBackground(False)
        self.verticalScrollBar().setObjectName("token_scroll")
        self.verticalScrollBar().setAccessibleName("Place in the text")
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        self._pages: TokenPages | None = None
        self._opened: tuple[Path, Tokenizer] | None = None
        self._words: TokenWords | None = None
        self._top: Row | None = None
        self._last_top: Row | None = None
        self._shift = 0.0  # pixels of the top row above the edge
        self._current = self._anchor = 0
        self._breaking = False

    # what is shown

    def show_tokens(self, path: Path, tokenizer: Tokenizer, words: TokenWords) -> None:
        """Show a token file from its beginning."""
        self._opened, self._words = (path, tokenizer), words
        self._current = self._anchor = 0
        self._top = None
        self._open()

    def clear(self) -> None:
        """Show nothing."""
        self._opened = self._pages = self._words = self._top = self._last_top = None
        self.verticalScrollBar().setRange(0, 0)
        self.viewport().update()

    @property
    def current(self) -> int:
        """The place of the token that is looked at."""
        return self._current

    @property
    def length(self) -> int:
        """How many tokens there are."""
        return len(self._pages) if self._pages is not None else 0

    def token_at(self, place: int) -> int | None:
        """Return the id of a token, None where there is none."""
        return int(self._pages.ids[place]) if self._pages is not None and 0 <= place < self.length else None

    def visible_rows(self) -> list[Row]:
        """Return the rows on screen, from the top."""
        if self._pages is None or self._top is None:
            return []
        return list(self._pages.rows_from(self._top, self._rows_on_screen + 2))

    def go_to(self, place: int, *, extend: bool = False) -> None:
        """Look at a token, scrolling to it if need be; `extend` the selection to it, or begin a new one."""
        if self._pages is None or not len(self._pages):
            return
        self._current = min(max(place, 0), len(self._pages) - 1)
        if not extend:
            self._anchor = self._current
        row = self._pages.row_at(self._current)
        rows = self.visible_rows()[: self._rows_on_screen]
        if not rows or row.start < rows[0].start or (row.start == rows[0].start and self._shift):
            self._set_top(row, 0)
        elif row.start > rows[-1].start:
            self._set_top(self._pages.moved(row, 1 - self._rows_on_screen), 0)
        self.setAccessibleDescription(self._told(self._current))
        self.current_changed.emit(self._current)
        self.viewport().update()

    def copy(self) -> None:
        """Put the selected text on the clipboard."""
        if self._pages is not None:
            start, end = self._selection()
            text = self._pages.token_bytes(start, min(end, start + MOST_COPIED)).decode("utf-8", "replace")
            QGuiApplication.clipboard().setText(text)

    # rows

    def _open(self) -> None:
        if self._opened is None:
            return
        self._metrics = QFontMetricsF(theme.current().font(Type.MONO, mono=True))
        self._pages = TokenPages(*self._opened, self._metrics.horizontalAdvance)
        self._row_height = math.ceil(self._metrics.height()) + Space.XS
        self._lay_out(self._top.start if self._top else 0)

    def _lay_out(self, place: int) -> None:
        """Break rows anew, and keep a token in the top row."""
        if self._pages is None:
            return
        self._pages.use_width(max(self.viewport().width() - 2 * Space.M, self._row_height))
        self._last_top = self._pages.moved(self._pages.row_at(len(self._pages) - 1), 1 - self._rows_on_screen)
        bar = self.verticalScrollBar()
        bar.setPageStep(max(1, min(len(self._pages) - self._last_top.start, _MOST_UNITS)))
        self._breaking = True
        bar.setRange(0, min(self._last_top.start, _MOST_UNITS))  # a bar that comes or goes breaks rows once more
        self._breaking = False
        self._set_top(self._pages.row_at(place), 0)

    @property
    def _rows_on_screen(self) -> int:
        return max(1, (self.viewport().height() - 2 * Space.S) // self._row_height)

    @property
    def _unit(self) -> float:
        """Tokens for each step of the scroll bar."""
        last = self._last_top.start if self._last_top else 0
        return max(1.0, last / _MOST_UNITS)

    def _set_top(self, row: Row, shift: float) -> None:
        assert self._last_top is not None
        if row.start >= self._last_top.start:
            row, shift = self._last_top, 0
        self._top, self._shift = row, shift
        bar = self.verticalScrollBar()
        bar.blockSignals(True)
        bar.setValue(round(row.start / self._unit))
        bar.blockSignals(False)
        self.viewport().update()

    def _scrolled(self, value: int) -> None:
        """Follow the scroll bar."""
        if self._pages is not None and not self._breaking:
            self._set_top(self._pages.row_at(round(value * self._unit)), 0)

    def _scroll_by(self, pixels: float) -> None:
        """Scroll by pixels, as a trackpad does."""
        if self._pages is None or self._top is None:
            return
        rows, shift = divmod(self._shift + pixels, float(self._row_height))
        row = self._pages.moved(self._top, int(rows))
        if self._pages.moved(row, -int(rows)) != self._top:  # the beginning was nearer than that
            shift = 0.0
        self._set_top(row, shift)

    # what a person does

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from token to token, row to row, page to page; with Shift, select."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif self._pages is not None and Qt.Key(event.key()) in _MOVES:
            kind, way = _MOVES[Qt.Key(event.key())]
            self.go_to(self._moved(kind, way), extend=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        else:
            super().keyPressEvent(event)

    def _moved(self, kind: str, way: int) -> int:
        """Return the place that a key leads to."""
        assert self._pages is not None
        if kind == "token":
            return self._current + way
        if kind == "all":
            return 0 if way < 0 else len(self._pages) - 1
        row = self._pages.row_at(self._current)
        left = next(cell.left for cell in row.cells if cell.place == self._current)
        there = self._pages.moved(row, way if kind == "row" else way * self._rows_on_screen)
        return _cell_at(there, left).place

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll: by pixels where the device tells them, else by rows."""
        pixels = float(-event.pixelDelta().y())
        if not pixels and self._pages is not None:
            pixels = -event.angleDelta().y() * _ROWS_A_NOTCH * self._row_height / _NOTCH
        self._scroll_by(pixels)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Look at the token under the pointer."""
        if event.button() == Qt.MouseButton.LeftButton and (cell := self.cell_at(event.position().toPoint())):
            self.go_to(cell.place, extend=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Select as far as the pointer is dragged."""
        if event.buttons() & Qt.MouseButton.LeftButton and (cell := self.cell_at(event.position().toPoint())):
            self.go_to(cell.place, extend=True)

    def viewportEvent(self, event: QEvent) -> bool:
        """Tell of the token under the pointer."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            cell = self.cell_at(event.pos(), near=False)
            QToolTip.showText(event.globalPos(), plain_tip(self._told(cell.place) if cell else ""), self.viewport())
            return True
        return super().viewportEvent(event)

    def cell_at(self, point: QPoint, *, near: bool = True) -> Cell | None:
        """Return the token at a point of the viewport; `near` takes the last of a row for what is right of it."""
        rows = self.visible_rows()
        if not rows:
            return None
        at = int((point.y() - Space.S + self._shift) // self._row_height)
        if not near and not 0 <= at < len(rows):
            return None
        row = rows[min(max(at, 0), len(rows) - 1)]
        cell = _cell_at(row, point.x() - Space.M)
        inside = cell.left <= point.x() - Space.M <= cell.left + cell.width
        return cell if near or inside else None

    def _told(self, place: int) -> str:
        if self._pages is None or self._words is None:
            return ""
        return self._words.of(int(self._pages.ids[place]))

    def _selection(self) -> tuple[int, int]:
        first, last = sorted((self._anchor, self._current))
        return first, last + 1

    # Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break rows anew."""
        super().resizeEvent(event)
        self._lay_out(self._top.start if self._top else 0)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if theme.restyles(event) and getattr(self, "_opened", None):
            self._open()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows on screen."""
        if self._pages is None:
            return
        look = theme.current()
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(look.font(Type.MONO, mono=True))
        top = Space.S - self._shift
        for row in self.visible_rows():
            self._paint_grounds(painter, look, row, top)
            self._paint_words(painter, look, row, top)
            top += self._row_height

    def _paint_grounds(self, painter: QPainter, look: theme.Theme, row: Row, top: float) -> None:
        """Paint a shade under every other token, a line under the rare ones, and what is selected."""
        start, end = self._selection()
        many = end - start > 1
        painter.setPen(Qt.PenStyle.NoPen)
        for cell in row.cells:
            area = QRectF(Space.M + cell.left, top, cell.width, self._row_height - Space.XXS)
            chosen = many and start <= cell.place < end
            if chosen or cell.place % 2:
                painter.setBrush(look.color("accent", 0.45) if chosen else look.color("selection"))
                painter.drawRoundedRect(area, Space.XXS, Space.XXS)
            if self._words is not None and self._words.is_rare(cell.token):
                under = QRectF(area.left(), area.bottom() - Space.XXS, area.width(), Size.STROKE)
                painter.fillRect(under, look.color("caution"))
            if cell.place == self._current and self.hasFocus():
                painter.setPen(QPen(look.color("accent"), Size.STROKE))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(area, Radius.SMALL / 2, Radius.SMALL / 2)
                painter.setPen(Qt.PenStyle.NoPen)

    def _paint_words(self, painter: QPainter, look: theme.Theme, row: Row, top: float) -> None:
        painter.setPen(look.color("text"))
        base = top + (self._row_height - Space.XXS + self._metrics.ascent() - self._metrics.descent()) / 2
        if row.text.rstrip("↵").isascii():  # letters of one width: one stroke paints the row as well as many
            painter.drawText(QPoint(Space.M, round(base)), row.text)
            return
        for cell in row.cells:
            painter.drawText(QPoint(Space.M + round(cell.left), round(base)), cell.text)


def _cell_at(row: Row, left: float) -> Cell:
    """Return the cell of a row at a distance from its left edge, or the nearest."""
    at = bisect_right([cell.left for cell in row.cells], left) - 1
    return row.cells[max(at, 0)]
