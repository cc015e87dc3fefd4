"""The words that a model wrote: as large as in a book, or as code, revealed piece by piece."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QPaintEvent, QResizeEvent, QTextCharFormat, QTextCursor, QTextLayout
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from gui.kit import motion, theme
from gui.kit.parts import column, label
from gui.kit.scroll_bars import quiet
from gui.kit.style import role
from gui.kit.theme import Size, Space
from gui.train.written import NO_CHARACTER, is_read_in_lines

PIECE = 40
"""Characters that are revealed at once, at least."""

_SLICE_MS = 60
_LINES = 3  # of large type that are seen at least
_FRAME = Space.XS + 2 * Space.HAIR  # around them, as gui/kit/style.py has it
_WAITING = "The model writes a little here, from its first moment on: noise, then words, then lines."


class Script(QPlainTextEdit):
    """A text to read; of large type no more than a good measure wide, in the middle, and of whole lines.

    Signals:
        moved_aside(x): the words begin so far from the left.
    """

    moved_aside = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        quiet(self)
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setPlaceholderText(_WAITING)
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)  # it would only take a line away
        self._large, self._in_lines = False, False
        self._words, self._revealed, self._piece = "", 0, PIECE
        self._aside = 0
        self._typing = QTimer(self, interval=_SLICE_MS)
        self._typing.timeout.connect(self._reveal)
        self._wrapped = (0, 0, False)
        self._wraps = QTimer(self, singleShot=True, interval=0)
        self._wraps.timeout.connect(self._wrap)
        self.verticalScrollBar().rangeChanged.connect(lambda *_: self._wraps.start())
        self._dress()

    def show_words(self, words: str, *, within_ms: int = 0) -> None:
        """Show a text from its beginning: at once, or piece by piece within a time where motion is not reduced."""
        self._typing.stop()
        self.clear()
        self._words, self._revealed = words, 0
        self._piece = max(PIECE, math.ceil(len(words) / max(within_ms // _SLICE_MS, 1)))
        if not within_ms or motion.is_reduced() or not self.isVisible():
            self._piece = max(len(words), 1)
        self._reveal()

    def show_large(self, large: bool) -> None:
        """Show the words large, or as small as beside a plot."""
        self._large = large
        self._dress()

    def show_as(self, dataset: str) -> None:
        """Show words of the kind that a text has, by its name: in a serif, or as code where it is read by lines."""
        self._in_lines = is_read_in_lines(dataset)
        self._dress()

    @property
    def revealing(self) -> bool:
        """Whether there is more to come."""
        return self._typing.isActive()

    def _reveal(self) -> None:
        """Add the next piece at the end; what stands there is not laid out again."""
        until = self._revealed + self._piece
        self._write(self._words[self._revealed : until])
        self._revealed = until
        if until >= len(self._words):
            self._typing.stop()
            self._wraps.start()
        elif not self._typing.isActive():
            self._typing.start()

    def _wrap(self) -> None:
        """Wrap words anew that are not wrapped for the width there is: Qt forgets to, at margins and bars."""
        document, room = self.document(), self.viewport().width()
        now = (room, self._revealed, self._is_narrow())
        if self._wrapped == now:
            return  # tried before: there is no wrapping words into no room at all
        self._wrapped = now
        blocks = (document.findBlockByNumber(number) for number in range(document.blockCount()))
        wide = any(document.documentLayout().blockBoundingRect(block).width() > room for block in blocks)
        if wide or now[-1]:
            self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
            self.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self._fit()

    def _is_narrow(self) -> bool:
        """Return whether lines are laid out for less width than there is, as in a pane that was not wide yet."""
        room = self.viewport().width() - 2 * self.document().documentMargin()
        block, first = self.document().firstBlock(), None
        while block.isValid() and first is None:
            lines = block.layout()
            first = lines.lineAt(0).width() if lines.lineCount() else None
            block = block.next()
        return first is not None and first < room - 1

    def _write(self, piece: str) -> None:
        cursor, plain, faint = QTextCursor(self.document()), QTextCharFormat(), QTextCharFormat()
        faint.setForeground(theme.current().color("secondary"))
        cursor.movePosition(QTextCursor.MoveOperation.End)
        for at, part in enumerate(NO_CHARACTER.split(piece)):
            cursor.insertText("·" * len(part) if at % 2 else part, faint if at % 2 else plain)
        if not self.textCursor().hasSelection():
            self.moveCursor(QTextCursor.MoveOperation.Start)

    def _dress(self) -> None:
        role(self, ("code" if self._in_lines else "verse") if self._large else "script")
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme and the type."""
        super().changeEvent(event)
        if theme.restyles(event) and hasattr(self, "_typing"):
            if NO_CHARACTER.search(self._words):
                self.show_words(self._words)
            self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the words in the middle."""
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint whole lines: what there is only half a line's room for is not begun."""
        whole = self.viewport().rect()
        whole.setHeight(math.ceil(self._bottom()))
        super().paintEvent(QPaintEvent(event.region() & whole))

    def _bottom(self) -> float:
        """Return where the last line ends that is seen whole; some are higher, of strange letters."""
        room, block, taken = self.viewport().height(), self.firstVisibleBlock(), 0.0
        while block.isValid():
            top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
            for at in range(block.layout().lineCount()):
                end = top + block.layout().lineAt(at).rect().bottom()
                if end > room:
                    return taken
                taken = max(end, 0.0)
            block = block.next()
        return room

    def _line_height(self) -> int:
        """Return how high a line is laid out, which may be a pixel more than its font says."""
        words = QTextLayout("Xg", self.font())
        words.beginLayout()
        line = words.createLine()
        line.setLineWidth(Size.MEASURE)
        words.endLayout()
        return max(math.ceil(line.height()), 1)

    def _fit(self) -> None:
        """Leave room at the sides, and for a few lines."""
        aside = 0
        few = _LINES * self._line_height() + round(self.document().documentMargin()) + _FRAME
        self.setMinimumHeight(max(Size.SCRIPT, few) if self._large else Size.SCRIPT)
        if self._large:
            aside = max((self.contentsRect().width() - theme.current().text_px(Size.MEASURE)) // 2, Space.S)
        if aside != self._aside:
            self._aside = aside
            self.setViewportMargins(aside, 0, aside, 0)
        self.moved_aside.emit(self.viewport().x() + round(self.document().documentMargin()))
        self._wraps.start()


class TitledScript(QWidget):
    """A script that may have a title over it, in line with its words."""

    def __init__(self, script: Script, title: str) -> None:
        super().__init__()
        self.script = script
        self._title = label(title, "caption")
        script.moved_aside.connect(self._title.setIndent)
        self._title.hide()
        layout = column(self, spacing=0)
        layout.addWidget(self._title)
        layout.addWidget(script, 1)

    def show_title(self, shown: bool, title: str = "") -> None:
        """Show the title, or none; another one where it is given."""
        self._title.setText(title or self._title.text())
        self._title.setVisible(shown)
        self.updateGeometry()
