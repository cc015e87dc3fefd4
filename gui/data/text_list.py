"""The list of texts: a title and a few words each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QAction, QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from gui.data.state import TextRow
from gui.kit import theme
from gui.kit.plain import plain_tip
from gui.kit.scroll_bars import quiet
from gui.kit.theme import Radius, Space, Type

_DETAIL = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex


class TextList(QListWidget):
    """The texts; one is chosen.

    Signals:
        chosen(by_hand): another text is chosen, by the person or because the list is another.
        opened(): the chosen one was double-clicked, or Return pressed.
        trash_asked(): it should go to the Trash.
    """

    chosen = Signal(bool)
    opened = Signal()
    trash_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("text_list")
        quiet(self)
        self.setAccessibleName("Texts")
        self.setItemDelegate(_TwoLines(self))
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAttribute(Qt.WidgetAttribute.WA_MacShowFocusRect, False)
        self._rows: list[TextRow] = []
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.currentRowChanged.connect(lambda _: self.chosen.emit(True))
        self.itemClicked.connect(lambda _: self.chosen.emit(True))
        self.itemActivated.connect(lambda _: self.opened.emit())

    def add_to_menu(self, name: str, text: str, act: Callable[[], object]) -> QAction:
        """Offer something to do with the chosen text in its context menu."""
        action = QAction(text, self)
        action.setObjectName(name)
        action.triggered.connect(lambda: act())
        self.addAction(action)
        return action

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Throw away what is chosen at Delete."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.trash_asked.emit()
        else:
            super().keyPressEvent(event)

    def show_rows(self, rows: Sequence[TextRow], choose: str = "") -> None:
        """Show these texts; `choose` names the one to choose, else the choice stays."""
        names = [row.name for row in rows]
        before = self.current()
        wanted = choose or (before.name if before else "")
        self.blockSignals(True)
        self.clear()
        self._rows = list(rows)
        for row in rows:
            item = QListWidgetItem(row.title)
            item.setData(_DETAIL, row.detail)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{row.title}, {row.detail}")
            item.setToolTip(plain_tip(row.name))
            self.addItem(item)
        self.setCurrentRow(names.index(wanted) if wanted in names else 0)
        self.blockSignals(False)
        self.chosen.emit(False)

    def current(self) -> TextRow | None:
        """Return the chosen text."""
        return self._rows[self.currentRow()] if 0 <= self.currentRow() < len(self._rows) else None


class _TwoLines(QStyledItemDelegate):
    """Paints a title, and below it a few words in smaller type."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        look = theme.current()
        lines = sum(QFontMetrics(look.font(size)).height() for size in (Type.BODY, Type.CAPTION))
        return QSize(0, lines + Space.XXS + 2 * Space.S)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        look, rect = theme.current(), QRect(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("selection"))
            painter.drawRoundedRect(rect.adjusted(Space.XS, Space.HAIR, -Space.XS, -Space.HAIR), *(Radius.CONTROL,) * 2)
        inside = rect.adjusted(Space.M, Space.S, -Space.M, -Space.S)
        for size, color, role, bottom in (
            (Type.BODY, "text", Qt.ItemDataRole.DisplayRole, False),
            (Type.CAPTION, "secondary", _DETAIL, True),
        ):
            font = look.font(size, bold=not bottom)
            painter.setFont(font)
            painter.setPen(look.color(color))
            text = QFontMetrics(font).elidedText(str(index.data(role)), Qt.TextElideMode.ElideMiddle, inside.width())
            edge = Qt.AlignmentFlag.AlignBottom if bottom else Qt.AlignmentFlag.AlignTop
            painter.drawText(inside, edge | Qt.AlignmentFlag.AlignLeft, text)
        painter.restore()
