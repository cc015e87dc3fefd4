"""The log, in nanoGPT's own lines."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from gui.kit.clipboard import copy
from gui.kit.parts import IconButton, column, row
from gui.kit.scroll_bars import quiet
from gui.kit.style import role

_LINES_KEPT = 20_000


class _Lines(QPlainTextEdit):
    """Lines whose end stays in sight when the room for them changes."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take another size."""
        bar = self.verticalScrollBar()
        at_end = bar.value() == bar.maximum()
        super().resizeEvent(event)
        if at_end:
            bar.setValue(bar.maximum())


class LogPane(QWidget):
    """Lines that are added at the end; whoever scrolled up stays where they read.

    Attributes:
        tools: what is done with the log, to be laid out by whoever shows it.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = 0
        self._text = role(quiet(_Lines()), "script")
        self._text.setObjectName("log_pane")
        self._text.setAccessibleName("Log in nanoGPT’s lines")
        self._text.setReadOnly(True)
        self._text.setTabChangesFocus(True)
        self._text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._text.setMaximumBlockCount(_LINES_KEPT)
        self._text.setPlaceholderText("Each line as nanoGPT prints it.")
        self._copy = IconButton("log_copy", "copy", "Copy the log")
        self._copy.clicked.connect(lambda: copy(self._text.toPlainText(), self._copy))
        self.tools = QWidget()
        self.tools.setLayout(row(None, self._copy))
        column(self).addWidget(self._text)

    def show_lines(self, lines: list[str]) -> None:
        """Show the lines of a run; only the new ones are added."""
        if len(lines) < self._shown:
            self._text.clear()
            self._shown = 0
        new = lines[self._shown :]
        if new:
            bar = self._text.verticalScrollBar()
            at_end = bar.value() == bar.maximum()
            self._text.appendPlainText("\n".join(new))
            if at_end and not self._text.textCursor().hasSelection():
                self._rest_cursor()
            self._shown = len(lines)

    def _rest_cursor(self) -> None:
        """Put the cursor before the last line: at its end, it would keep the view scrolled aside."""
        cursor = self._text.textCursor()
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.movePosition(QTextCursor.MoveOperation.StartOfBlock)
        self._text.setTextCursor(cursor)
