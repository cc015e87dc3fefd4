"""Plain words set in lines for a picture: in the direction they are read, and cut where the room ends."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QTextLayout, QTextOption

_TAB = 4  # spaces
_MORE = "…"
_BARE_NAME = re.compile(r".{1,40}:")


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

    Of more lines than `most`, the last that is set ends in "…"; neither an empty line nor the bare name of one who
    speaks is the last. The words are plain: nothing else in them is heeded but where a paragraph ends.
    """
    step = QFontMetricsF(font).height() * leading
    paragraphs = words.rstrip().split("\n") if words.strip() else []

    def laid_out(text: str, most: int, top: float) -> QTextLayout:
        return _laid_out(text, font, width, most, lambda line: QPointF(0, top + line * step))

    made: list[QTextLayout] = []
    lines, is_whole = 0, True
    for paragraph in paragraphs:
        if lines >= most:
            break
        made.append(laid_out(paragraph, most - lines, lines * step))
        lines += _height(made[-1])
        is_whole = _end_of(made[-1]) == _length(paragraph)
    shown = _without_bare_end(paragraphs[: len(made)])
    if made and (len(shown) < len(paragraphs) or not is_whole):
        last = len(shown) - 1
        before = sum(_height(each) for each in made[:last])
        lines = before + _height(made[last])
        made[last:] = [_cut(shown[last], _height(made[last]), partial(laid_out, top=before * step))]
    return SetWords(tuple(made), lines, lines * step)


def _height(layout: QTextLayout) -> int:
    """Return how many lines a paragraph takes; an empty one takes one."""
    return max(layout.lineCount(), 1)


def _without_bare_end(paragraphs: list[str]) -> list[str]:
    """Return paragraphs without those at the end that say nothing: empty ones, and names of those who would speak."""
    end = len(paragraphs)
    while end > 1 and (not paragraphs[end - 1].strip() or _BARE_NAME.fullmatch(paragraphs[end - 1].strip())):
        end -= 1
    return paragraphs[:end]


def _cut(text: str, most: int, laid_out: Callable[[str, int], QTextLayout]) -> QTextLayout:
    """Return a paragraph of which as much as fits into so many lines stands before a "…"."""
    shown = _up_to(text, _end_of(laid_out(text, most))).rstrip()
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
