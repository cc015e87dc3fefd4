"""The log, in nanoGPT's own lines."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from gui.parts import IconButton, column, label, row
from gui.style import role
from gui.theme import Space

_LINES_KEPT = 20_000


class LogPane(QFrame):
    """Lines that are added at the end; whoever scrolled up stays where they read."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        role(self, "card")
        self.setObjectName("log_card")
        self._shown = 0
        self._text = role(QPlainTextEdit(), "log")
        self._text.setObjectName("log_pane")
        self._text.setAccessibleName("Log in nanoGPT's lines")
        self._text.setReadOnly(True)
        self._text.setTabChangesFocus(True)
        self._text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._text.setMaximumBlockCount(_LINES_KEPT)
        self._text.setPlaceholderText("Each line as nanoGPT prints it.")
        layout = column(self, margin=Space.M, spacing=Space.S)
        self._copy = IconButton("log_copy", "copy", "Copy the log")
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._text.toPlainText()))
        layout.addLayout(row(label("Log", "headline"), None, self._copy))
        layout.addWidget(self._text, 1)

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
