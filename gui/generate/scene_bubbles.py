"""Turns of a scene as bubbles: a person's at the right, all others' at the left under their names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen, QTextLayout, QTextLine, QTextOption
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from gui.generate.scene_model import SceneModel
from gui.generate.scene_record import SceneTurn
from gui.generate.spelling import LONGEST_SHOWN, on_screen, units
from gui.generate.surprise import usual_among
from gui.kit import theme
from gui.kit.theme import Radius, Size, Space, Type

FORGOTTEN = "The model has forgotten what stands above"
_SILENT = "…"
_BREAKS = str.maketrans({"\n": "\u2028"})
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Bubble:
    """A turn as it lies in a row: its words, and where its parts stand, counted from the row's corner."""

    turn: SceneTurn
    text: QTextLayout
    lead: int
    name: QRect
    ground: QRect
    steps: QRect

    @property
    def words_at(self) -> QPointF:
        """Where the words begin."""
        return QPointF(self.ground.left() + Space.M, self.ground.top() + Space.S)

    def spans(self) -> Iterator[tuple[int, int, int]]:
        """Yield each piece of what the model said, and where it begins and ends among the words."""
        take = self.turn.take
        if take is None or len(self.turn.said) > LONGEST_SHOWN:
            return
        at, last = -self.lead, units(self.turn.said)
        for number, piece in enumerate(take.pieces):
            begin, at = at, at + units(piece.text)
            if piece.probability is not None and max(begin, 0) < min(at, last):
                yield number, max(begin, 0), min(at, last)

    def rects(self, begin: int, end: int) -> Iterator[QRectF]:
        """Yield where a stretch of the words stands, line by line."""
        for number in range(self.text.lineCount()):
            line = self.text.lineAt(number)
            left, right = max(begin, line.textStart()), min(end, line.textStart() + line.textLength())
            if left < right:
                one, other = _x(line, left), _x(line, right)
                yield QRectF(min(one, other), line.y(), abs(other - one), line.height()).translated(self.words_at)

    def piece_at(self, point: QPointF) -> tuple[int, QRect] | None:
        """Return the piece under a point, and where it stands."""
        for number, begin, end in self.spans():
            for rect in self.rects(begin, end):
                if rect.contains(point):
                    return number, rect.toAlignedRect()
        return None

    def step_at(self, point: QPointF) -> int:
        """Return which way the arrow under a point leads: -1, 1, or 0 for none."""
        if not self.steps.contains(point.toPoint()):
            return 0
        return -1 if point.x() < self.steps.center().x() else 1


class BubbleDelegate(QStyledItemDelegate):
    """Paints turns; how high each is is measured when it changes, and not when it is asked for.

    Attributes:
        inside: whether the colors of surprise are shown.
        token: the turn and the piece of it that the arrow keys went to.
    """

    def __init__(self, model: SceneModel, view: QListView) -> None:
        super().__init__(view)
        self._model, self._view = model, view
        self._sizes: list[QSize] = []
        self.inside = False
        self.token: tuple[SceneTurn, int] | None = None

    def sizeHint(self, _option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Return the size of a row, as it was measured."""
        return self._sizes[index.row()]

    def measure(self, first: int = 0, last: int | None = None) -> bool:
        """Measure the rows from `first` to before `last`, or to the end; return whether one is higher or lower now."""
        before = self._sizes[first:last]
        self._sizes[first:last] = [QSize(1, self._height(row)) for row in range(len(self._model.turns))[first:last]]
        return before != self._sizes[first:last]

    @property
    def room(self) -> int:
        """How wide a bubble may be."""
        return min(theme.current().part_px(Size.BUBBLE), self._view.viewport().width() - 2 * Space.L)

    def _height(self, row: int) -> int:
        bubble = self.bubble(row)
        return max(bubble.ground.bottom(), bubble.steps.bottom()) + Space.S + self._divider_height(row)

    def bubble(self, row: int) -> Bubble:
        """Return the turn of a row as it lies in it, below the divider."""
        turn, look, width = self._model.turns[row], theme.current(), self._view.viewport().width()
        mine = turn.speaker == self._model.me
        text, wide, high = _laid_out(on_screen(turn.said or _SILENT), self.room - 2 * Space.M)
        top = Space.XS + (look.text_px(Type.CAPTION) + Space.S if self._has_name(row) else 0)
        ground = QRect(0, top, wide + 2 * Space.M, high + 2 * Space.S)
        ground.moveLeft(width - Space.L - ground.width() if mine else Space.L)
        name = QRect(Space.L, Space.XS, width - 2 * Space.L, look.text_px(Type.CAPTION) + Space.XS)
        steps = QRect()
        if len(turn.others) > 1:
            size = QFontMetrics(look.font(Type.CAPTION)).size(0, steps_words(turn))
            steps = QRect(0, ground.bottom() + Space.XXS, size.width() + Space.S, size.height() + Space.XS)
            steps.moveLeft(ground.right() - steps.width() if mine else ground.left() + Space.XS)
        raw = turn.take.text() if turn.take is not None else ""
        return Bubble(turn, text, units(raw[: len(raw) - len(raw.lstrip())]), name, ground, steps)

    def place(self, row: int) -> QRect:
        """Return where the bubble of a row begins in the viewport."""
        return self._view.visualRect(self._model.index(row)).adjusted(0, self._divider_height(row), 0, 0)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint a row."""
        row, look = index.row(), theme.current()
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._divider_height(row):
            _paint_divider(painter, QRect(rect.left(), rect.top(), rect.width(), self._divider_height(row)))
        painter.translate(rect.topLeft() + QPointF(0, self._divider_height(row)).toPoint())
        bubble, mine = self.bubble(row), self._model.turns[row].speaker == self._model.me
        if self._has_name(row):
            painter.setFont(look.font(Type.CAPTION))
            painter.setPen(look.color("secondary"))
            side = Qt.AlignmentFlag.AlignRight if mine else Qt.AlignmentFlag.AlignLeft
            where = bubble.name.adjusted(Space.M, 0, -Space.M, 0)
            painter.drawText(where, side | Qt.AlignmentFlag.AlignVCenter, bubble.turn.speaker)
        state = option.state
        chosen = bool(state & QStyle.StateFlag.State_HasFocus)
        painter.setPen(QPen(look.color("ring"), Size.RING) if chosen else look.color("accent" if mine else "line"))
        painter.setBrush(look.color("accent" if mine else "surface" if self.inside else "well"))
        painter.drawRoundedRect(bubble.ground, Radius.CARD + Space.XS, Radius.CARD + Space.XS)
        if self.inside and not mine:
            _paint_surprise(painter, bubble)
            self._paint_token(painter, bubble)
        said = bool(bubble.turn.said)
        painter.setPen(look.color("on_accent" if mine else "text" if said else "secondary"))
        bubble.text.draw(painter, bubble.words_at)
        if not bubble.steps.isNull():
            painter.setFont(look.font(Type.CAPTION))
            painter.setPen(look.color("link"))
            painter.drawText(bubble.steps, Qt.AlignmentFlag.AlignCenter, steps_words(bubble.turn))
        painter.restore()

    def _paint_token(self, painter: QPainter, bubble: Bubble) -> None:
        """Paint a frame around the token that the arrow keys went to."""
        if self.token is None or self.token[0] is not bubble.turn:
            return
        painter.setPen(QPen(theme.current().color("ring"), Size.RING))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for number, begin, end in bubble.spans():
            for rect in bubble.rects(begin, end) if number == self.token[1] else ():
                painter.drawRoundedRect(rect, Radius.SMALL / 2, Radius.SMALL / 2)

    def _has_name(self, row: int) -> bool:
        """Return whether a row tells its speaker's name: not again below another of theirs."""
        turns = self._model.turns
        return row == 0 or turns[row - 1].speaker != turns[row].speaker or bool(self._divider_height(row))

    def _divider_height(self, row: int) -> int:
        return theme.current().text_px(Type.CAPTION) + 2 * Space.M if row and row == self._model.remembered else 0


def steps_words(turn: SceneTurn) -> str:
    """Return which of several turns in one place is seen, between two arrows."""
    return f"‹  {turn.number + 1} of {len(turn.others)}  ›"


def _laid_out(words: str, room: int) -> tuple[QTextLayout, int, int]:
    """Return words in lines no longer than the room, and how wide and how high they are."""
    layout = QTextLayout(words.translate(_BREAKS), theme.current().font(Type.BODY))
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    high = wide = 0.0
    while (line := layout.createLine()).isValid():
        line.setLineWidth(max(room, 1))
        line.setPosition(QPointF(0, high))
        high += line.height()
        wide = max(wide, line.naturalTextWidth())
    layout.endLayout()
    return layout, round(wide + 0.5), round(high + 0.5)


def _paint_divider(painter: QPainter, where: QRect) -> None:
    """Say that what stands above is not before the model any more."""
    look = theme.current()
    painter.setFont(look.font(Type.CAPTION))
    painter.setPen(look.color("secondary"))
    words = painter.drawText(where, Qt.AlignmentFlag.AlignCenter, FORGOTTEN)
    painter.setPen(look.color("line"))
    middle = where.center().y()
    painter.drawLine(where.left() + Space.L, middle, words.left() - Space.M, middle)
    painter.drawLine(words.right() + Space.M, middle, where.right() - Space.L, middle)


def _paint_surprise(painter: QPainter, bubble: Bubble) -> None:
    """Paint behind each token how surprising it is among those of its turn."""
    take, look = bubble.turn.take, theme.current()
    if take is None:
        return
    usual = usual_among(piece.probability for piece in take.pieces if piece.probability is not None)
    painter.setPen(Qt.PenStyle.NoPen)
    for number, begin, end in bubble.spans():
        if shade := usual.shade_of(take.pieces[number].probability or 0.0):
            painter.setBrush(look.shade(shade))
            for rect in bubble.rects(begin, end):
                painter.drawRoundedRect(rect, Radius.SMALL / 2, Radius.SMALL / 2)


def _x(line: QTextLine, position: int) -> float:
    """Return where a character begins; Qt's binding gives its number with it, of which the stubs know nothing."""
    found: tuple[float, int] = line.cursorToX(position)  # type: ignore[assignment]
    return found[0]
