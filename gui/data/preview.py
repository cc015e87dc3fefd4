"""A text as the model sees it: token by token, alternately shaded."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QTextBlockFormat, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QTextEdit, QWidget

from gui import theme
from gui.theme import Type


class TokenView(QTextEdit):
    """Read-only text in which every token has a shade other than its neighbors'; its id is in the tooltip."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("token_preview")
        self.setAccessibleName("The text as the model sees it")
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setAttribute(Qt.WidgetAttribute.WA_MacShowFocusRect, False)
        self._tokens: Sequence[str] = ()
        self._ids: Sequence[int] = ()

    def show_tokens(self, tokens: Sequence[str], ids: Sequence[int]) -> None:
        """Show these tokens."""
        self._tokens, self._ids = tokens, ids
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if theme.restyles(event) and self._tokens:
            self._draw()

    def _draw(self) -> None:
        look = theme.current()
        shades = [QTextCharFormat(), QTextCharFormat()]
        for shade, role in zip(shades, ("well", "selection"), strict=True):
            shade.setFont(look.font(Type.MONO, mono=True))
            shade.setForeground(look.color("text"))
            shade.setBackground(look.color(role))
        self.clear()
        cursor = QTextCursor(self.document())
        block = QTextBlockFormat()
        block.setLineHeight(150, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        cursor.beginEditBlock()
        cursor.setBlockFormat(block)
        for number, (text, token) in enumerate(zip(self._tokens, self._ids, strict=True)):
            shade = QTextCharFormat(shades[number % 2])
            shade.setToolTip(f"token {token}")
            cursor.insertText(text, shade)
        cursor.endEditBlock()
        self.moveCursor(QTextCursor.MoveOperation.Start)
