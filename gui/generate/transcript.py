"""The transcript: passages as they grow, appended in batches so that a long text stays fluent."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QResizeEvent, QTextBlockFormat, QTextCharFormat, QTextCursor, QTextDocument
from PySide6.QtWidgets import QTextEdit, QWidget

from gui import theme
from gui.theme import Size, Space, Type

_FLUSH_MS = 33
_KIND = QTextCharFormat.Property.UserProperty + 1
_HEADING, _PROMPT, _WRITTEN = range(3)


class Transcript(QTextEdit):
    """Read-only text: for each passage a heading, the beginning in bold, and what the model made of it.

    It follows the end while the person is at the end, and stays where they read otherwise.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("transcript")
        self.setAccessibleName("Transcript")
        self.setAccessibleDescription("What you wrote and how the model continued it")
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setAcceptRichText(False)
        self.setAttribute(Qt.WidgetAttribute.WA_MacShowFocusRect, False)
        self._waiting: list[str] = []
        self._passage_begins = 0
        self._flush_timer = QTimer(self, singleShot=True, interval=_FLUSH_MS)
        self._flush_timer.timeout.connect(self.flush)

    def begin(self, heading: str) -> None:
        """Begin a passage."""
        self.flush()
        self._passage_begins = max(0, self.document().characterCount() - 1)
        self._paragraph(_HEADING, heading, above=0 if self.document().isEmpty() else Space.XL)

    def begin_sample(self, prompt: str, title: str = "") -> None:
        """Begin a sample with the beginning it continues; several in one passage have titles."""
        if title:
            self._paragraph(_HEADING, title, above=Space.M)
        self._paragraph(_PROMPT, prompt, above=Space.S)

    def write(self, text: str) -> None:
        """Add what the model wrote; shown with the next batch."""
        if text:
            self._waiting.append(text)
            if not self._flush_timer.isActive():
                self._flush_timer.start()

    def take_back(self) -> None:
        """Take the last passage away."""
        self._waiting.clear()
        cursor = QTextCursor(self.document())
        cursor.setPosition(self._passage_begins)
        cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()

    def flush(self) -> None:
        """Show what waits."""
        if self._waiting:
            text, self._waiting = "".join(self._waiting), []
            self._insert(text, _WRITTEN)

    def clear_all(self) -> None:
        """Take everything away."""
        self._waiting.clear()
        self.clear()

    def changeEvent(self, event: QEvent) -> None:
        """Dress the text anew when the theme changes."""
        super().changeEvent(event)
        if theme.restyles(event):
            self._restyle()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep lines no longer than can be read with ease, and the end in sight."""
        follows = self._at_end()
        self._keep_measure()
        super().resizeEvent(event)
        if follows:
            self._go_to_end()

    def _keep_measure(self) -> None:
        room = self.width() - 2 * Space.L - Size.SCROLLBAR
        side = max(Space.L, Space.L + (room - theme.current().text_px(Size.MEASURE)) // 2)
        self.setViewportMargins(side, 0, max(side - Size.SCROLLBAR, Space.S), 0)

    def _paragraph(self, kind: int, text: str, above: int) -> None:
        """Begin a paragraph at the end."""
        self.flush()
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        block = QTextBlockFormat()
        block.setTopMargin(above)
        block.setLineHeight(130, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        if self.document().isEmpty():
            cursor.setBlockFormat(block)
        else:
            cursor.insertBlock(block)
        self._insert(text, kind)

    def _insert(self, text: str, kind: int) -> None:
        """Add text at the end, and stay at the end if that is what the person looks at."""
        follows = self._at_end()
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        lines = text.split("\n")
        cursor.insertText(lines[0], _format(kind))
        if len(lines) > 1:
            block = cursor.blockFormat()
            block.setTopMargin(0)
            cursor.beginEditBlock()
            for line in lines[1:]:
                cursor.insertBlock(block, _format(kind))
                cursor.insertText(line, _format(kind))
            cursor.endEditBlock()
        if follows:
            self._go_to_end()

    def _at_end(self) -> bool:
        bar = self.verticalScrollBar()
        return bar.value() >= bar.maximum() - Space.XXL

    def _go_to_end(self) -> None:
        self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())

    def _restyle(self) -> None:
        """Give every fragment the colors and sizes of the present theme."""
        self._keep_measure()
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        for start, length, kind in _pieces(self.document()):
            cursor.setPosition(start)
            cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
            cursor.setCharFormat(_format(kind))
        cursor.endEditBlock()


def _pieces(document: QTextDocument) -> list[tuple[int, int, int]]:
    """Give where each piece of one kind begins, its length and its kind."""
    pieces, block = [], document.begin()
    while block.isValid():
        at = block.begin()
        while not at.atEnd():
            piece = at.fragment()
            pieces.append((piece.position(), piece.length(), int(piece.charFormat().property(_KIND) or _HEADING)))
            at += 1
        block = block.next()
    return pieces


def _format(kind: int) -> QTextCharFormat:
    """Give the look of one kind of text in the present theme."""
    look = theme.current()
    form = QTextCharFormat()
    caption = kind == _HEADING
    form.setFont(look.font(Type.CAPTION if caption else Type.HEADLINE, bold=kind == _PROMPT))
    form.setForeground(look.color("secondary" if caption else "text"))
    form.setProperty(_KIND, kind)
    return form
