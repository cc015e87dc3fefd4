"""A text on the page: its headings, its beginning in bold, and what the model made of it."""

from __future__ import annotations

from PySide6.QtGui import QTextBlockFormat, QTextCharFormat, QTextCursor

from gui.generate.section import Section
from gui.generate.spelling import on_screen, units
from gui.kit import theme
from gui.kit.theme import Space, Type

_HEADING, _PROMPT, _WRITTEN = range(3)


def compose(section: Section, cursor: QTextCursor, above: int) -> None:
    """Write a whole section into the empty block at the cursor."""
    section.begin, section.ends, section.quotes = cursor.position(), [], []
    cursor.beginEditBlock()
    cursor.setBlockFormat(paragraph(above))
    for heading in filter(None, section.headings):
        cursor.insertText(on_screen(heading), _format(_HEADING))
        cursor.insertBlock(paragraph(Space.S), _format(_PROMPT))
    section.body = cursor.position()
    insert(section, cursor)
    cursor.endEditBlock()


def insert(section: Section, cursor: QTextCursor) -> None:
    """Insert the pieces that are not shown yet, those of one kind together."""
    cursor.beginEditBlock()
    waiting, kind = "", _WRITTEN
    for piece in section.take.pieces[len(section.ends) :]:
        if piece.by_hand != (kind == _PROMPT):
            _insert_text(cursor, waiting, kind)
            waiting, kind = "", _PROMPT if piece.by_hand else _WRITTEN
        shown = on_screen(piece.text)
        waiting += shown
        section.ends.append((section.ends[-1] if section.ends else 0) + units(shown))
    _insert_text(cursor, waiting, kind)
    cursor.endEditBlock()


def _insert_text(cursor: QTextCursor, text: str, kind: int) -> None:
    lines = text.split("\n")
    cursor.insertText(lines[0], _format(kind))
    for line in lines[1:]:
        cursor.insertBlock(paragraph(0), _format(kind))
        cursor.insertText(line, _format(kind))


def paragraph(above: int) -> QTextBlockFormat:
    """Return the look of a paragraph with some pixels above it."""
    block = QTextBlockFormat()
    block.setTopMargin(above)
    block.setLineHeight(130, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    return block


def _format(kind: int) -> QTextCharFormat:
    """Return the look of one kind of text in the present theme."""
    look = theme.current()
    form = QTextCharFormat()
    caption = kind == _HEADING
    form.setFont(look.font(Type.CAPTION if caption else Type.HEADLINE, bold=kind == _PROMPT))
    form.setForeground(look.color("secondary" if caption else "text"))
    return form
