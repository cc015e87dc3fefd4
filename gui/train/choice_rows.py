"""How the list of a word in the sentence is shown: in ordinary type, with a mark and a line of what each is."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QComboBox, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from gui.kit import theme
from gui.kit.icons import pixmap
from gui.kit.theme import Radius, Space, Type

DETAIL = Qt.ItemDataRole.UserRole + 1
"""The role of the line below the name of a choice."""

Index = QModelIndex | QPersistentModelIndex


class ChoiceRows(QStyledItemDelegate):
    """Paints the choices of a list: each a name, and below it in small type what it is, where that is told."""

    def __init__(self, picker: QComboBox) -> None:
        super().__init__(picker)
        self._picker = picker

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return room for a name and its detail, or for a line between choices."""
        if _is_line(index):
            return QSize(0, Space.S + Space.HAIR)
        width, height = 0, 0
        for text, size, bold, _ in _lines(index):
            metrics = QFontMetrics(theme.current().font(size, bold=bold))
            width, height = max(width, metrics.horizontalAdvance(text)), height + metrics.height()
        return QSize(_aside() + width + Space.M, height + 2 * Space.XS)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint a choice."""
        look, rect = theme.current(), QRect(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pointed_at = bool(option.state & QStyle.StateFlag.State_Selected)
        if _is_line(index):
            middle = rect.center().y()
            painter.fillRect(QRect(rect.left() + Space.S, middle, rect.width() - 2 * Space.S, 1), look.color("line"))
        elif pointed_at:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("accent"))
            painter.drawRoundedRect(rect, Radius.SMALL, Radius.SMALL)
        if index.row() == self._picker.currentIndex():
            ratio = self._picker.screen().devicePixelRatio()  # asked for its own while it paints, the picker crashes
            mark = pixmap("done", "on_accent" if pointed_at else "link", look.icon_px(), ratio)
            painter.drawPixmap(rect.left() + Space.S, rect.top() + (rect.height() - look.icon_px()) // 2, mark)
        if not _is_line(index):
            self._write(painter, rect.adjusted(_aside(), Space.XS, -Space.M, -Space.XS), index, pointed_at=pointed_at)
        painter.restore()

    def _write(self, painter: QPainter, box: QRect, index: Index, *, pointed_at: bool) -> None:
        look, top = theme.current(), box.top()
        for text, size, bold, color in _lines(index):
            painter.setFont(look.font(size, bold=bold))
            painter.setPen(look.color("on_accent" if pointed_at else color))
            metrics = painter.fontMetrics()
            line = QRect(box.left(), top, box.width(), metrics.height())
            where = Qt.TextElideMode.ElideMiddle if size == Type.BODY else Qt.TextElideMode.ElideRight
            painter.drawText(line, Qt.AlignmentFlag.AlignLeft, metrics.elidedText(text, where, line.width()))
            top += metrics.height()


def _lines(index: Index) -> list[tuple[str, int, bool, str]]:
    """Return the lines of a choice: the words, and the size, weight and color of their type."""
    name, detail = str(index.data(Qt.ItemDataRole.DisplayRole) or ""), str(index.data(DETAIL) or "")
    below = [(detail, Type.CAPTION, False, "secondary")] if detail else []
    return [(name, Type.BODY, bool(detail), "text"), *below]


def _aside() -> int:
    """Return how far right of a row's edge its words begin, beside the mark."""
    return Space.S + theme.current().icon_px() + Space.S


def _is_line(index: Index) -> bool:
    """Return whether Qt put a line between choices here."""
    return str(index.data(Qt.ItemDataRole.AccessibleDescriptionRole)) == "separator"
