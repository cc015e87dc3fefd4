"""One text in a document: where each of its tokens stands there, and how they are painted."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QTextBlock, QTextDocument, QTextLayout, QTextLine

from gui.generate.forks import Fork, forks_of
from gui.generate.passage import Strand
from gui.generate.spelling import units
from gui.generate.surprise import Usual, usual_among
from gui.generate.take import Take
from gui.kit import theme
from gui.kit.theme import Radius, Size, Space

_GROWN = 1.1
_DARKEST = 0.4  # how much of the link's color stands behind what got most of a look; text on it is read with ease


@dataclass(slots=True)
class Section:
    """A text of the document: where it stands, and where each of its pieces ends, counted from `body`."""

    strand: Strand
    take: Take
    headings: Sequence[str]
    begin: int = 0
    body: int = 0
    ends: list[int] = field(default_factory=list)
    quotes: list[tuple[int, int]] = field(default_factory=list)
    _usual: Usual = field(default_factory=Usual)
    _counted: int = 0
    _looked: tuple[int, list[tuple[int, int, float]]] | None = None
    _forks: list[Fork] = field(default_factory=list)
    _parted: tuple[int, int, int] = (-1, 0, 0)

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.body + (self.ends[-1] if self.ends else 0)

    def span(self, number: int) -> tuple[int, int]:
        """Return where a piece begins and ends in the document."""
        return self.body + (self.ends[number - 1] if number else 0), self.body + self.ends[number]

    def piece_at(self, position: int) -> int | None:
        """Return the piece that holds a place of the document."""
        if not self.body <= position < self.end:
            return None
        return bisect_right(self.ends, position - self.body)

    def mark_quotations(self) -> None:
        """Take in where what the text quotes stands in the document."""
        first, written = self.take.written_from(), self.take.written()
        start = self.span(first)[0] if first < len(self.ends) else self.end
        found = self.take.quoted.quotations if self.take.quoted else ()
        self.quotes = [(start + units(written[: q.start]), start + units(written[: q.end])) for q in found]

    def move(self, by: int) -> None:
        """Follow a text before it that grew or went."""
        self.begin += by
        self.body += by
        self.quotes = [(start + by, end + by) for start, end in self.quotes]

    def show(self, take: Take) -> None:
        """Stand for another branch."""
        self.take, self.quotes, self._counted, self._looked = take, [], 0, None

    def forks(self) -> list[tuple[Fork, int]]:
        """Return where in the document others part from this branch."""
        now = (self.strand.at, len(self.strand.branches), len(self.ends))
        if now != self._parted:
            self._parted, self._forks = now, forks_of(self.strand)
        return [(fork, self.place_of(fork.at)) for fork in self._forks]

    def place_of(self, number: int) -> int:
        """Return where in the document a piece begins, or will begin."""
        return self.span(number)[0] if number < len(self.ends) else self.end

    def usual(self) -> Usual:
        """Return what is usual in this text: counted again when it has grown by a part, and at its end."""
        pieces = self.take.pieces
        if self._counted != len(pieces) and (len(pieces) > _GROWN * self._counted or not self.take.under_way):
            self._usual = usual_among(piece.probability for piece in pieces if piece.probability is not None)
            self._counted = len(pieces)
        return self._usual

    def look_back(self, looked: tuple[int, list[tuple[int, int, float]]] | None) -> None:
        """Take in from which piece the model looked where: characters of the text from and to, and a shade."""
        if looked is None:
            self._looked = None
            return
        number, spans = looked
        texts = [piece.text for piece in self.take.pieces[: len(self.ends)]]
        starts = list(accumulate(map(len, texts), initial=0))

        def place(at: int) -> int:
            """Return where a character stands, counted from `body`: from the end of its piece, which may be cut."""
            within = max(0, bisect_right(starts, at, hi=len(texts)) - 1)
            return self.ends[within] - units(texts[within][at - starts[within] :])

        self._looked = number, [(place(start), place(end), shade) for start, end, shade in spans if texts]

    def _paint_looked(self, painter: QPainter, ground: Ground, seen: tuple[int, int]) -> None:
        """Paint where the model looked from a token, and frame the token."""
        assert self._looked is not None
        look, (number, spans) = theme.current(), self._looked
        painter.setPen(Qt.PenStyle.NoPen)
        for start, end, shade in spans:
            if self.body + end >= seen[0] and self.body + start <= seen[1]:
                painter.setBrush(look.color("link", _DARKEST * shade))
                rects = list(ground.rects(self.body + start, self.body + end))
                for rect in rects or [ground.line_end(self.body + start)]:
                    painter.drawRoundedRect(rect, Radius.SMALL / 2, Radius.SMALL / 2)
        if number < len(self.ends):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(look.color("link"), Size.STROKE))
            for rect in ground.rects(*self.span(number)):
                painter.drawRoundedRect(rect, Radius.SMALL / 2, Radius.SMALL / 2)

    def paint(self, painter: QPainter, ground: Ground, seen: tuple[int, int], here: int | None) -> None:
        """Paint the colors of the tokens between two places of the document, `here` being the one pointed at."""
        first, last = seen
        if not self.ends or last < self.body or first > self.end:
            return
        if self._looked is not None:
            self._paint_looked(painter, ground, seen)
            return
        look, usual = theme.current(), self.usual()
        for number in range(bisect_right(self.ends, max(0, first - self.body)), len(self.ends)):
            start, end = self.span(number)
            piece = self.take.pieces[number]
            if start > last:
                break
            if piece.probability is None or start == end:
                continue
            shade, outlined = usual.shade_of(piece.probability), piece.picked or number == here
            if shade or outlined:
                painter.setBrush(look.shade(shade) if shade else Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(look.color("link"), Size.STROKE) if outlined else Qt.PenStyle.NoPen)
                for rect in ground.rects(start, end):
                    painter.drawRoundedRect(rect, Radius.SMALL / 2, Radius.SMALL / 2)
        for start, end in self.quotes:
            for rect in ground.rects(max(start, first), min(end, last + 1)):
                line = QRectF(rect.left(), rect.bottom() - Space.XXS, rect.width(), Space.XXS)
                painter.fillRect(line.toAlignedRect(), look.color("link"))


@dataclass(frozen=True, slots=True)
class Ground:
    """A document as it lies under a viewport, `scrolled` by so much."""

    document: QTextDocument
    scrolled: QPointF

    def rects(self, start: int, end: int) -> Iterator[QRectF]:
        """Yield where a stretch of the document stands in the viewport, line by line."""
        block = self.document.findBlock(start)
        while block.isValid() and block.position() < end:
            place = self._place(block)
            for line in _lines(block.layout()):
                begins = block.position() + line.textStart()
                left, right = max(start, begins), min(end, begins + line.textLength())
                if left < right:
                    one, other = (_x(line, at - block.position()) for at in (left, right))
                    used = line.naturalTextRect()
                    yield QRectF(min(one, other), used.top(), abs(other - one), used.height()).translated(place)
            block = block.next()

    def line_end(self, position: int) -> QRectF:
        """Return a narrow place in the viewport for a line break at a place of the document."""
        block = self.document.findBlock(position)
        line = block.layout().lineForTextPosition(position - block.position())
        if not line.isValid():
            return QRectF()
        used = line.naturalTextRect()
        return QRectF(used.right(), line.rect().top(), Space.S, line.height()).translated(self._place(block))

    def character_at(self, point: QPointF) -> int | None:
        """Return the place in the document of the character under a point of the viewport."""
        near = self.document.documentLayout().hitTest(point + self.scrolled, Qt.HitTestAccuracy.FuzzyHit)
        block = self.document.findBlock(near)
        place = self._place(block)
        for line in _lines(block.layout()):
            if line.naturalTextRect().translated(place).contains(point):
                x = point.x() - place.x()
                return block.position() + line.xToCursor(x, QTextLine.CursorPosition.CursorOnCharacter)
        return None

    def _place(self, block: QTextBlock) -> QPointF:
        return self.document.documentLayout().blockBoundingRect(block).topLeft() - self.scrolled


def _lines(layout: QTextLayout) -> Iterator[QTextLine]:
    return (layout.lineAt(number) for number in range(layout.lineCount()))


def _x(line: QTextLine, position: int) -> float:
    """Return where a character begins; Qt's binding gives its number with it, of which the stubs know nothing."""
    found: tuple[float, int] = line.cursorToX(position)  # type: ignore[assignment]
    return found[0]
