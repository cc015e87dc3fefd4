"""Texts as they grow, token by token: appended in batches, with what the model thought of each token behind it."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextCursor,
)
from PySide6.QtWidgets import QTextEdit, QWidget

from gui.generate.branch_tree import BranchTree, Trunk, merged, paint_fork
from gui.generate.forks import parting
from gui.generate.passage import Strand
from gui.generate.scrolling import Scrolling
from gui.generate.section import Ground, Section
from gui.generate.take import Take
from gui.generate.typesetting import compose, insert, paragraph
from gui.kit import theme
from gui.kit.scroll_bars import quiet
from gui.kit.theme import Size, Space

_FLUSH_MS = 33
_REST = 4  # times as long as showing a batch took, the next one waits
LookedFrom = tuple[Strand, int, list[tuple[int, int, float]]]
"""A token, and where the model looked from it: characters of its text from and to, and a shade from 0 to 1."""

_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class TokenText(QTextEdit):
    """Read-only texts, each under its headings: the beginning in bold, then what the model made of it.

    With `see_inside` each token stands on the color of its probability, and answers the pointer and the arrow keys.
    It follows the end while the person is at the end, and stays where they read otherwise.

    Signals:
        pointed(strand, piece, where): the pointer or the keyboard is on a token; `where` is its place in this widget.
        left(): it is on none any more.
        pressed(strand): the person clicked into this text.
        asked(): Return was pressed on a token: its alternatives, please.
        branch_wanted(strand, number): another branch is to be shown.
        scrolled(value): the person scrolled to this height.
    """

    pointed = Signal(object, int, QRect)
    left = Signal()
    pressed = Signal(object)
    asked = Signal()
    branch_wanted = Signal(object, int)
    scrolled = Signal(int)

    def __init__(self, name: str, says: str, *, measured: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        quiet(self)
        self.setAccessibleName(says)
        self.setAccessibleDescription("What you wrote and how the model continued it")
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setAcceptRichText(False)
        self.setTabChangesFocus(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setAttribute(Qt.WidgetAttribute.WA_MacShowFocusRect, False)
        self.viewport().setMouseTracking(True)
        self._measured = measured
        self._sections: list[Section] = []
        self._inside = False
        self._here: tuple[Section, int] | None = None
        self._flush_timer = QTimer(self, singleShot=True, interval=_FLUSH_MS)
        self._flush_timer.timeout.connect(self.flush)
        self._scrolling = Scrolling(self)
        self._scrolling.moved.connect(self.scrolled)
        self._tree = BranchTree(self._trunks, self)
        self._tree.chosen.connect(self.branch_wanted)
        for changed in (self.verticalScrollBar().valueChanged, self.document().documentLayout().update):
            changed.connect(lambda *_: self._tree.update())
        self.verticalScrollBar().valueChanged.connect(lambda: self._go_to(None))

    # what stands in it

    def add(self, strand: Strand, headings: Sequence[str]) -> None:
        """Add a text at the end."""
        self.flush()
        section = Section(strand, strand.shown, headings)
        cursor = self._cursor_at_end()
        with self._scrolling.by_itself():
            if not self.document().isEmpty():
                cursor.insertBlock()
            compose(section, cursor, above=Space.XL if self._sections else 0)
        self._sections.append(section)
        if section.take.reads:
            self._go_to_top(section)
        else:
            self._scrolling.to_end()

    def show_branch(self, strand: Strand, headings: Sequence[str]) -> None:
        """Show the branch that a strand shows now, in its place."""
        at = self._number_of(strand)
        if at is None:
            return
        self.flush()
        section = self._sections[at]
        if section.take.pieces[: len(section.ends)] == strand.shown.pieces[: len(section.ends)]:
            section.show(strand.shown)  # it goes on from what stands there
            self._write(section)
            return
        fork, seen, before = parting(section.take.pieces, strand.shown.pieces), self._scrolling.value, section.end
        section.show(strand.shown)
        section.headings = headings
        with self._scrolling.by_itself():
            cursor = QTextCursor(self.document())
            cursor.setPosition(section.begin)
            cursor.setPosition(before, QTextCursor.MoveMode.KeepAnchor)
            cursor.removeSelectedText()
            compose(section, cursor, above=Space.XL if at else 0)
            self._shift(at, section.end - before)
        self._go_to(None)
        self._scrolling.stay(seen, self._rect_at(section.place_of(fork)))
        self._tree.update()

    def take_back(self, strand: Strand) -> None:
        """Take a text away: it never began."""
        at = self._number_of(strand)
        if at is None:
            return
        section = self._sections.pop(at)
        start, gone = max(0, section.begin - 1), section.end + 1 - section.begin  # it, and a break before or after it
        cursor = self._cursor_at_end()
        cursor.setPosition(min(start + gone, cursor.position()))
        cursor.setPosition(start, QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()
        if at == 0:
            cursor.setBlockFormat(paragraph(0))  # what comes first now needs no room above
        self._shift(at - 1, -gone)
        self._go_to(None)

    def clear_all(self) -> None:
        """Take everything away."""
        self._sections = []
        self._scrolling.forget()
        self._go_to(None)
        self.clear()

    def grew(self) -> None:
        """Show with the next batch what the texts have gained."""
        if not self._flush_timer.isActive():
            self._flush_timer.start()

    def flush(self) -> None:
        """Show what is not shown yet."""
        began = time.perf_counter()
        for section in self._sections:
            if len(section.ends) < len(section.take.pieces):
                self._write(section)
        taken_ms = (time.perf_counter() - began) * 1000
        self._flush_timer.setInterval(max(_FLUSH_MS, round(_REST * taken_ms)))

    def mark_quotations(self, take: Take) -> None:
        """Underline what a text quotes."""
        self.flush()
        for section in self._sections:
            if section.take is take:
                section.mark_quotations()
        self.viewport().update()

    def show_looked(self, looked: LookedFrom | None) -> None:
        """Shade the text before a token by where the model looked, in place of its surprise."""
        for section in self._sections:
            section.look_back(looked[1:] if looked is not None and looked[0] is section.strand else None)
        self.viewport().update()

    def see_inside(self, inside: bool) -> None:
        """Show what the model thought of each token, or the text alone."""
        self._inside = inside
        self._go_to(None)
        self.viewport().update()

    def strands(self) -> list[Strand]:
        """Return what is shown."""
        return [section.strand for section in self._sections]

    # tokens

    def focus_token(self, strand: Strand, piece: int) -> None:
        """Let the keyboard go on from a token, without its alternatives."""
        self.flush()
        self.setFocus()
        for section in self._sections:
            if section.strand is strand and piece < len(section.ends):
                self._here = (section, piece)
        self.viewport().update()

    def scroll_along(self, value: int) -> None:
        """Scroll as far as another text was scrolled."""
        self._scrolling.to(value)

    def _go_to(self, here: tuple[Section, int] | None) -> None:
        """Point at a token, or at none."""
        if here == self._here:
            return
        self._here = here
        self.viewport().update()
        if here is None:
            self.left.emit()
            return
        section, number = here
        rects = list(self._ground().rects(*section.span(number)))
        if rects:
            where = rects[-1].toAlignedRect().translated(self.viewport().pos())
            self.pointed.emit(section.strand, number, where)

    def _ground(self) -> Ground:
        shift = QPoint(self.horizontalScrollBar().value(), self.verticalScrollBar().value())
        return Ground(self.document(), shift.toPointF())

    def _token_at(self, point: QPoint) -> tuple[Section, int] | None:
        """Return the token under a point of the viewport."""
        position = self._ground().character_at(point.toPointF())
        return None if position is None else self._token_of(position)

    def _token_of(self, position: int) -> tuple[Section, int] | None:
        at = bisect_right(self._sections, position, key=lambda section: section.begin) - 1
        number = self._sections[at].piece_at(position) if at >= 0 else None
        if number is None or self._sections[at].take.pieces[number].probability is None:
            return None
        return self._sections[at], number

    def _next_token(self, step: int) -> tuple[Section, int] | None:
        """Return the token after or before the one that is pointed at, or the first that can be seen."""
        if self._here is None:
            top = self._position_at(QPoint(0, 0))
            section = next((s for s in self._sections if s.end > top), None)
            number = (section.piece_at(max(top, section.body)) or 0) - 1 if section else -1
            step = 1
        else:
            section, number = self._here
        while section is not None and 0 <= number + step < len(section.ends):
            number += step
            begin, end = section.span(number)
            if begin < end and section.take.pieces[number].probability is not None:
                return section, number
        return self._here

    def _rect_at(self, position: int) -> QRect:
        """Return where in the viewport a caret at a place of the document would stand."""
        cursor = QTextCursor(self.document())
        cursor.setPosition(position)
        return self.cursorRect(cursor)

    def _trunks(self) -> list[Trunk]:
        """Return the texts that have branches, as they lie in the viewport."""
        return [
            Trunk(
                section.strand,
                self._rect_at(section.body).top(),
                self._rect_at(section.end).bottom(),
                merged((fork, self._rect_at(place).center().y()) for fork, place in section.forks()),
            )
            for section in self._sections
            if len(section.strand.branches) > 1
        ]

    def _position_at(self, point: QPoint) -> int:
        return self.cursorForPosition(point).position()

    # Qt

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from token to token with the arrow keys; Return asks for the alternatives, Esc leaves."""
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if self._inside and plain and event.key() in _STEPS:
            here = self._next_token(_STEPS[Qt.Key(event.key())])
            if here is not None:
                cursor = QTextCursor(self.document())
                cursor.setPosition(here[0].span(here[1])[0])
                self.setTextCursor(cursor)
                self.pressed.emit(here[0].strand)
                self._go_to(here)
        elif self._here is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.asked.emit()
        elif self._here is not None and event.key() == Qt.Key.Key_Escape:
            self._go_to(None)
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at the token under the pointer."""
        super().mouseMoveEvent(event)
        if self._inside and not event.buttons():
            self._go_to(self._token_at(event.position().toPoint()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tell which text was clicked."""
        super().mousePressEvent(event)
        position = self._position_at(event.position().toPoint())
        at = bisect_right(self._sections, position, key=lambda section: section.begin) - 1
        if at >= 0:
            self.pressed.emit(self._sections[at].strand)

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing when the pointer leaves."""
        super().leaveEvent(event)
        self._go_to(None)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the colors, then the text over them."""
        if self._sections:
            painter, ground = QPainter(self.viewport()), self._ground()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            seen = self._position_at(event.rect().topLeft()), self._position_at(event.rect().bottomRight())
            for section in self._sections:
                here = self._here[1] if self._here is not None and self._here[0] is section else None
                if self._inside:
                    section.paint(painter, ground, seen, here)
                for _, place in section.forks():
                    paint_fork(painter, self._rect_at(place))
            painter.end()
        super().paintEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Dress the text anew when the theme changes."""
        super().changeEvent(event)
        if theme.restyles(event):
            self._restyle()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep lines no longer than can be read with ease, and the end in sight."""
        follows, here = self._scrolling.follows, self._here
        with self._scrolling.by_itself():
            self._keep_measure()
            super().resizeEvent(event)
        if follows:
            self._scrolling.to_end()
        self._go_to(None)
        self._go_to(here)

    # writing

    def _write(self, section: Section) -> None:
        """Add the pieces of a section that are not shown yet."""
        follows, before = self._scrolling.follows, section.end
        cursor = QTextCursor(self.document())
        cursor.setPosition(before)
        with self._scrolling.by_itself():
            insert(section, cursor)
        self._shift(self._sections.index(section), section.end - before)
        if section.take.reads:
            self._go_to_top(section)
        elif follows:
            self._scrolling.to_end()
        else:
            self._scrolling.tidy()

    def _number_of(self, strand: Strand) -> int | None:
        return next((n for n, section in enumerate(self._sections) if section.strand is strand), None)

    def _shift(self, after: int, by: int) -> None:
        """Move the sections behind one that grew or went."""
        for section in self._sections[after + 1 :]:
            section.move(by)

    def _cursor_at_end(self) -> QTextCursor:
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        return cursor

    def _restyle(self) -> None:
        """Return every text the colors and sizes of the present theme."""
        self._keep_measure()
        sections, here, scrolled = self._sections, self._here, self.verticalScrollBar().value()
        self.clear_all()
        for section in sections:
            self.add(section.strand, section.headings)
            self.mark_quotations(section.take)
        self._scrolling.to(scrolled)
        if here is not None:
            self._go_to((self._sections[sections.index(here[0])], here[1]))

    def _keep_measure(self) -> None:
        room = self.width() - 2 * Space.L - Size.SCROLLBAR
        wanted = theme.current().text_px(Size.MEASURE)
        tree = self._tree.sizeHint().width()
        side = max(tree, Space.L + (room - wanted) // 2) if self._measured else tree
        self.setViewportMargins(side, 0, max(side - Size.SCROLLBAR, Space.S), 0)
        place = self.viewport().geometry()
        self._tree.setGeometry(place.left() - tree, place.top(), tree, place.height())

    def _go_to_top(self, section: Section) -> None:
        """Show a text from its beginning: one that was there before is read from the top."""
        block = self.document().findBlock(section.begin)
        self._scrolling.to(int(self.document().documentLayout().blockBoundingRect(block).top()))
