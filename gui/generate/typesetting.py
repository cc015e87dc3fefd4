"""A text on the page: its headings, its beginning in bold, and what the model made of it, as it is set on the stage."""

from __future__ import annotations

from PySide6.QtGui import QTextBlockFormat, QTextCharFormat, QTextCursor

from gui.generate.section import Section
from gui.generate.spelling import on_screen, units
from gui.kit import theme
from gui.kit.theme import Space, Type
from gui.train.written import is_read_in_lines

_HEADING, _PROMPT, _WRITTEN = range(3)


def compose(section: Section, cursor: QTextCursor, above: int) -> None:
    """Write a whole section into the empty block at the cursor."""
    section.begin, section.ends, section.quotes = cursor.position(), [], []
    cursor.beginEditBlock()
    cursor.setBlockFormat(paragraph(above))
    for heading in filter(None, section.headings):
        cursor.insertText(on_screen(heading), _format(_HEADING))
        cursor.insertBlock(paragraph(Space.S), _format(_PROMPT, section))
    section.body = cursor.position()
    insert(section, cursor)
    cursor.endEditBlock()


def insert(section: Section, cursor: QTextCursor) -> None:
    """Insert the pieces that are not shown yet, those of one kind together."""
    cursor.beginEditBlock()
    waiting, kind = "", _WRITTEN
    for piece in section.take.pieces[len(section.ends) :]:
        if piece.by_hand != (kind == _PROMPT):
            _insert_text(cursor, waiting, _format(kind, section))
            waiting, kind = "", _PROMPT if piece.by_hand else _WRITTEN
        shown = on_screen(piece.text)
        waiting += shown
        section.ends.append((section.ends[-1] if section.ends else 0) + units(shown))
    _insert_text(cursor, waiting, _format(kind, section))
    cursor.endEditBlock()


def _insert_text(cursor: QTextCursor, text: str, form: QTextCharFormat) -> None:
    lines = text.split("\n")
    cursor.insertText(lines[0], form)
    for line in lines[1:]:
        cursor.insertBlock(paragraph(0), form)
        cursor.insertText(line, form)


def paragraph(above: int) -> QTextBlockFormat:
    """Return the look of a paragraph with some pixels above it."""
    block = QTextBlockFormat()
    block.setTopMargin(above)
    block.setLineHeight(130, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    return block


def _format(kind: int, section: Section | None = None) -> QTextCharFormat:
    """Return the look of one kind of text in the present theme: prose in a serif, code as code, headings as words."""
    look = theme.current()
    form = QTextCharFormat()
    if section is None:
        form.setFont(look.font(Type.CAPTION))
    else:
        as_code = is_read_in_lines(section.take.choice.dataset)
        form.setFont(look.font(Type.HEADLINE, bold=kind == _PROMPT, mono=as_code, serif=not as_code))
    form.setForeground(look.color("secondary" if kind == _HEADING else "text"))
    return form
