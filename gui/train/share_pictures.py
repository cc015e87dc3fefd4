"""The pictures of a run that are shared: a card with its first and last words, and one for each moment between.

Drawn on images, without a widget, so that it can be done off the window's thread. The words of a model are set as
plain text. Each picture is the same for the same run, whatever the size of text and the accent of the system.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QImage, QPainter, QPainterPath, QPen
from PySide6.QtSvg import QSvgRenderer

from engine.core.paths import shipped
from gui.kit import theme
from gui.kit.theme import Radius, Size, Space, Theme, Type
from gui.train.shared_run import Moment, SharedRun
from gui.train.typesetting import set_words

RATIO = 2.0
"""Pixels of a card to one of its measures."""

_LONGEST = 4_000  # characters of a moment that are set: no more can be seen
_LEADING = 1.15  # from line to line of a text, in heights of a line
_FIRST_LINES = 4
_FACT_LINES = 2  # where the name of the text is one of them
_CLOSE = "\u00a0"  # a space at which no line is broken
_BETWEEN = " · "
_MARGIN = Space.XXL + Space.M
_BAND = Size.SPARKLINE + Space.L
_MASK = Size.ICON_LARGE + Space.S
_SAYS = "Taught with Understudy"
_ROUND = (float(Radius.CARD), float(Radius.CARD))
_SIZES = (Type.VERSE, Type.VERSE - Space.XXS, Type.CODE + Space.XXS, Type.CODE)
"""The sizes in which a text is set: the first in which no line of it is broken; prose in the last but one."""


def draw_card(run: SharedRun, dark: bool, ratio: float = RATIO) -> QImage:
    """Return a run's card: its first words, its last, and what is known of it; the run wrote something."""
    page = Page(run, dark, ratio)
    if len(run.moments) > 1:
        page.draw_first(run.moments[0])
    page.draw_moment(run.moments[-1])
    return page.finish()


def draw_moment(run: SharedRun, at: int, dark: bool, ratio: float = RATIO) -> QImage:
    """Return the picture of one moment of a run: its words, and how far its loss had come."""
    page, last = Page(run, dark, ratio), run.moments[-1].seconds
    page.draw_curve(run.moments[at].seconds / last if last > 0 else 1.0)
    page.draw_moment(run.moments[at])
    return page.finish()


class Page:
    """A picture under way: its head and its foot, and between them the room for what a model wrote."""

    def __init__(self, run: SharedRun, dark: bool, ratio: float) -> None:
        self._run = run
        self._look = Theme(dark, theme.DARK if dark else theme.LIGHT)
        width, height = Size.PICTURE
        self._image = QImage(round(width * ratio), round(height * ratio), QImage.Format.Format_RGB32)
        self._image.setDevicePixelRatio(ratio)
        self._image.fill(self._look.color("surface"))
        self._painter = QPainter(self._image)
        self._painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        self._room = QRectF(_MARGIN, _MARGIN, width - 2 * _MARGIN, height - 2 * _MARGIN)
        self._draw_head()
        self._draw_foot()

    def finish(self) -> QImage:
        """Return the picture."""
        self._painter.end()
        return self._image

    def draw_first(self, moment: Moment) -> None:
        """Draw a few lines of the first words, sunk into the card: what came before all learning."""
        room, font = self._room, self._font(Type.BODY, text=True)
        inner = room.adjusted(Space.L, Space.M, -Space.L, 0)
        label = self._font(Type.CAPTION, bold=True)
        words = set_words(moment.words[:_LONGEST], font, inner.width(), _FIRST_LINES, _LEADING)
        height = QFontMetricsF(label).height() + Space.XS + words.height + 2 * Space.M
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(self._look.color("well"))
        self._painter.drawRoundedRect(QRectF(room.topLeft(), room.topLeft() + QPointF(room.width(), height)), *_ROUND)
        top = self._draw(moment.when, label, "secondary", inner) + Space.XS
        self._draw(moment.words[:_LONGEST], font, "secondary", _below(inner, top), _FIRST_LINES)
        self._room.setTop(room.top() + height + Space.XL)

    def draw_moment(self, moment: Moment) -> None:
        """Draw when it was, and beneath it as much of what was written as there is room for."""
        top = self._draw(moment.when, self._font(Type.CAPTION, bold=True), "link", self._room) + Space.S
        font = self._font(self._size(), text=True)
        lines = int((self._room.bottom() - top) / (QFontMetricsF(font).height() * _LEADING))
        self._draw(moment.words[:_LONGEST], font, "text", _below(self._room, top), lines)

    def draw_curve(self, share: float) -> None:
        """Draw the loss over the foot, and mark how much of the time is over."""
        room = QRectF(self._room.left(), self._room.bottom() - _BAND, self._room.width(), _BAND)
        self._room.setBottom(room.top() - Space.M)
        if len(self._run.curve) < 2:
            return
        highest, lowest = (pick(loss for _, loss in self._run.curve) for pick in (max, min))
        scale = room.height() / max(highest - lowest, 1e-9)
        points = [
            QPointF(room.left() + at * room.width(), room.top() + (highest - loss) * scale)
            for at, loss in self._run.curve
        ]
        done = [point for point in points if point.x() <= room.left() + share * room.width()] or points[:1]
        self._stroke(points, "train_raw")
        self._stroke(done, "train")
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(self._look.color("train"))
        self._painter.drawEllipse(done[-1], Space.XS, Space.XS)

    def _stroke(self, points: list[QPointF], color: str) -> None:
        path = QPainterPath(points[0])
        for point in points[1:]:
            path.lineTo(point)
        pen = QPen(self._look.color(color), Size.STROKE, c=Qt.PenCapStyle.RoundCap, j=Qt.PenJoinStyle.RoundJoin)
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.setPen(pen)
        self._painter.drawPath(path)

    def _draw_head(self) -> None:
        """Draw the mask, and beside it what the text is called and the facts."""
        QSvgRenderer(str(shipped("resources", "icons", "app.svg"))).render(self._painter, _mask(self._room))
        beside = self._room.adjusted(_MASK + Space.M, 0, 0, 0)
        title, facts = self._font(Type.TITLE, bold=True), self._font(Type.BODY)
        words = "\n".join(lines_of(self._run.facts, facts, beside.width()))
        lines = max(set_words(words, facts, beside.width(), _FACT_LINES).lines, 1)
        height = QFontMetricsF(title).height() + lines * QFontMetricsF(facts).height()
        beside.setTop(beside.top() + (_MASK - height) / 2)
        top = self._draw(self._run.title, title, "text", beside)
        self._draw(words, facts, "secondary", _below(beside, top), lines)
        self._room.setTop(self._room.top() + _MASK + Space.XL)

    def _draw_foot(self) -> None:
        """Draw whose picture it is, beneath a line."""
        font = self._font(Type.CAPTION)
        height = QFontMetricsF(font).height()
        self._draw(_SAYS, font, "secondary", _below(self._room, self._room.bottom() - height))
        line = self._room.bottom() - height - Space.M
        self._painter.setPen(self._look.color("line"))
        self._painter.drawLine(QLineF(self._room.left(), line, self._room.right(), line))
        self._room.setBottom(line - Space.L)

    def _size(self) -> int:
        """Return the size in which the last words are set, and so all others."""
        words = self._run.moments[-1].words[:_LONGEST]
        paragraphs = words.count("\n") + 1
        for size in _SIZES:
            if set_words(words, self._font(size, text=True), self._room.width(), 2 * paragraphs).lines == paragraphs:
                return size
        return _SIZES[-1 if self._run.in_lines else -2]

    def _font(self, size: int, *, bold: bool = False, text: bool = False) -> QFont:
        """Return a font, for what a model wrote (`text`) or for all else."""
        mono = text and self._run.in_lines
        font = self._look.font(size, bold=bold, mono=mono, serif=text and not mono)
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)  # lines end alike at any ratio
        return font

    def _draw(self, words: str, font: QFont, color: str, room: QRectF, most: int = 1) -> float:
        """Draw words from the top of a room, at most so many lines; return where they end."""
        made = set_words(words, font, room.width(), most, _LEADING if most > 1 else 1.0)
        self._painter.save()
        self._painter.setClipRect(room.adjusted(-Space.XS, -Space.XS, Space.XS, 0))
        self._painter.setPen(self._look.color(color))
        made.draw(self._painter, room.left(), room.top())
        self._painter.restore()
        return room.top() + made.height


def lines_of(facts: Sequence[str], font: QFont, width: float) -> list[str]:
    """Return facts in lines of a width, in pixels: each line ends with a fact, never with what stands between two."""
    lines: list[str] = []
    for fact in (each.replace(" ", _CLOSE) for each in facts):
        longer = _BETWEEN.join((*lines[-1:], fact))
        lines[-1:] = [longer] if QFontMetricsF(font).horizontalAdvance(longer) <= width else [*lines[-1:], fact]
    return lines


def _below(room: QRectF, top: float) -> QRectF:
    """Return the part of a room beneath a line."""
    return QRectF(room.left(), top, room.width(), max(room.bottom() - top, 0.0))


def _mask(room: QRectF) -> QRectF:
    """Return where the mask stands; around what is drawn of it the file leaves a tenth, which is not seen as such."""
    edge = _MASK / 8
    return QRectF(room.left() - edge, room.top() - edge, _MASK + 2 * edge, _MASK + 2 * edge)
