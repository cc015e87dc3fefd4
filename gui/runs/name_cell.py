"""The cell of a run's name: the name, and below it a line of what the run wrote last."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from gui.kit import theme
from gui.kit.theme import Space, Type

WRITTEN = Qt.ItemDataRole.UserRole
"""The role under which a cell has the line that its run wrote."""

Index = QModelIndex | QPersistentModelIndex


def row_height() -> int:
    """Return the height of a row with two lines, in pixels."""
    look = theme.current()
    return sum(QFontMetrics(look.font(size)).height() for size in (Type.BODY, Type.CAPTION)) + Space.L


class NameCell(QStyledItemDelegate):
    """Paints two lines; the name is edited in the place of the upper one."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint the ground as every cell has it, then the lines."""
        self.initStyleOption(option, index)
        name, option.text = option.text, ""
        widget = option.widget
        widget.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, widget)
        look, written = theme.current(), str(index.data(WRITTEN) or "")
        place = self._lines(option.rect, two=bool(written))
        painter.save()
        for words, size, color, where in (
            (name, Type.BODY, "text", place[0]),
            (written, Type.CAPTION, "secondary", place[1]),
        ):
            font = look.font(size)
            painter.setFont(font)
            painter.setPen(look.color(color))
            fitting = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, where.width())
            painter.drawText(where, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, fitting)
        painter.restore()

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        """Let the name be typed in the middle of its cell, in a field of the usual height."""
        height = min(editor.sizeHint().height(), option.rect.height())
        top = option.rect.top() + (option.rect.height() - height) // 2
        editor.setGeometry(QRect(option.rect.left(), top, option.rect.width(), height))

    @staticmethod
    def _lines(cell: QRect, *, two: bool) -> tuple[QRect, QRect]:
        """Return the places of the name and of what was written; a name alone stands in the middle."""
        look, inside = theme.current(), cell.adjusted(Space.M, 0, -Space.S, 0)
        upper, lower = (QFontMetrics(look.font(size)).height() for size in (Type.BODY, Type.CAPTION))
        if not two:
            return inside, QRect()
        top = inside.top() + (inside.height() - upper - lower) // 2
        return (
            QRect(inside.left(), top, inside.width(), upper),
            QRect(inside.left(), top + upper, inside.width(), lower),
        )
