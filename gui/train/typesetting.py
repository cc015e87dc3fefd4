"""Plain words set in lines for a picture: in the direction they are read, and cut where the room ends."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QTextLayout, QTextOption

_TAB = 4  # spaces
_MORE = "…"


@dataclass(frozen=True, slots=True)
class SetWords:
    """Words that were set: a layout for each paragraph, how many lines they are, and how high, in pixels."""

    paragraphs: tuple[QTextLayout, ...]
    lines: int
    height: float

    def draw(self, painter: QPainter, left: float, top: float) -> None:
        """Draw them in the pen's color."""
        for paragraph in self.paragraphs:
            paragraph.draw(painter, QPointF(left, top))


def set_words(words: str, font: QFont, width: float, most: int, leading: float = 1.0) -> SetWords:
    """Return words set in lines of a width, in pixels, and `leading` of a line's height apart.

    Of more lines than `most`, the last that is set ends in "…". The words are plain: nothing in them is heeded but
    where a paragraph ends.
    """
    step = QFontMetricsF(font).height() * leading
    paragraphs = words.split("\n") if words else []
    made: list[QTextLayout] = []
    lines = 0
    for at, paragraph in enumerate(paragraphs):
        if lines == most:
            break
        follows = any(each.strip() for each in paragraphs[at + 1 :])
        layout = _set(paragraph, font, width, most - lines, lines * step, step, follows=follows)
        made.append(layout)
        lines += max(layout.lineCount(), 1)
    return SetWords(tuple(made), lines, lines * step)


def _set(text: str, font: QFont, width: float, most: int, top: float, step: float, *, follows: bool) -> QTextLayout:
    """Return a paragraph in at most so many lines; whether another one `follows` decides if its last one is cut."""

    def laid_out(text: str, most: int) -> QTextLayout:
        return _laid_out(text, font, width, most, lambda line: QPointF(0, top + line * step))

    whole = laid_out(text, most)
    end = _end_of(whole)
    if end == _length(text) and not (follows and whole.lineCount() == most):
        return whole
    shown = _up_to(text, end).rstrip()
    while (cut := laid_out(shown + _MORE, most + 1)).lineCount() > most and shown:
        shown = shown[:-1].rstrip()
    return cut


def _laid_out(text: str, font: QFont, width: float, most: int, place: Callable[[int], QPointF]) -> QTextLayout:
    """Return a paragraph laid out, its lines each at its place."""
    layout = QTextLayout(text, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    option.setTextDirection(Qt.LayoutDirection.LayoutDirectionAuto)
    if is_right_to_left(text):
        option.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignAbsolute)
    option.setTabStopDistance(_TAB * QFontMetricsF(font).horizontalAdvance(" "))
    layout.setTextOption(option)
    layout.beginLayout()
    for number in range(most):
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(width)
        line.setPosition(place(number))
    layout.endLayout()
    return layout


def is_right_to_left(text: str) -> bool:
    """Return whether a paragraph is read from the right: its first letter decides."""
    strong = (kind for kind in map(unicodedata.bidirectional, text) if kind in ("L", "R", "AL"))
    return next(strong, "L") != "L"


def _end_of(layout: QTextLayout) -> int:
    """Return where the last line ends, in units of UTF-16."""
    if not layout.lineCount():
        return 0
    last = layout.lineAt(layout.lineCount() - 1)
    return last.textStart() + last.textLength()


def _length(text: str) -> int:
    """Return the length of a text in units of UTF-16, as Qt counts."""
    return len(text.encode("utf-16-le", "replace")) // 2


def _up_to(text: str, end: int) -> str:
    """Return a text up to a unit of UTF-16."""
    return text.encode("utf-16-le", "replace")[: 2 * end].decode("utf-16-le", "ignore")
