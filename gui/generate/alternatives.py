"""What else could have stood in a token's place: the ten likeliest as bars, and what the cut-offs left of them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QWidget

from engine.core.events import Alternative
from gui.generate.spelling import cut_by, named
from gui.generate.take import Piece, Take, bits
from gui.kit import formats, theme
from gui.kit.parts import column, label
from gui.kit.style import role
from gui.kit.theme import Radius, Size, Space, Type

_STAYS_MS = 250
_AT_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
_TAKES = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class AlternativeBars(QWidget):
    """A row for each alternative: its text, a bar as long as it is likely, its probability.

    The one that stands in the text is framed; if it is not among the likeliest, it has the last row. A dashed line
    stands where each cut-off begins, and what lies beyond is pale.

    Signals:
        picked(number): the person chose an alternative.
        left(): Esc was pressed.
    """

    picked = Signal(int)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("alternative_bars")
        self.setAccessibleName("Alternatives")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self._alternatives: tuple[Alternative, ...] = ()
        self._causes: list[str] = []
        self._token: int | None = None
        self._at = -1

    def show_alternatives(self, alternatives: tuple[Alternative, ...], causes: list[str], token: int | None) -> None:
        """Show alternatives, which cut-off took each out, and which of them stands in the text."""
        self._alternatives, self._causes, self._token = alternatives, causes, token
        self._at = -1
        self.setFixedHeight(self._tops()[-1])
        self._tell()

    def go_in(self) -> None:
        """Take the keyboard."""
        self._at = 0
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self._tell()

    def _row_height(self) -> int:
        return theme.current().text_px(Size.ALTERNATIVE_ROW)

    def _tops(self) -> list[int]:
        """Return where each row begins, and where the last ends; above the first that was cut off is room for words."""
        tops, at, before = [], 0, ""
        for cause in self._causes:
            at += self._row_height() if cause and cause != before else 0
            tops.append(at)
            at, before = at + self._row_height(), cause
        return [*tops, at]

    def _row_at(self, y: float) -> int:
        """Return the number of the row at a height, -1 where there is none."""
        tops = self._tops()[:-1]
        return next((number for number, top in enumerate(tops) if top <= y < top + self._row_height()), -1)

    def _tell(self) -> None:
        if 0 <= self._at < len(self._alternatives):
            each, cause = self._alternatives[self._at], self._causes[self._at]
            here = "stands in the text" if each.token == self._token else ""
            parts = (named(each.text), _percent(each.probability), cause, here)
            self.setAccessibleDescription(", ".join(filter(None, parts)))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the rows."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        end = 0
        for number, (each, top) in enumerate(zip(self._alternatives, self._tops(), strict=False)):
            row = QRect(0, top, self.width(), self._row_height())
            if top > end:
                self._paint_cut(painter, row.translated(0, -self._row_height()), self._causes[number])
            self._paint_row(painter, row, each, chosen=number == self._at, cut=bool(self._causes[number]))
            end = top + self._row_height()

    def _paint_row(self, painter: QPainter, row: QRect, each: Alternative, *, chosen: bool, cut: bool) -> None:
        look = theme.current()
        here = each.token == self._token
        if chosen or here:
            painter.setPen(QPen(look.color("link"), Size.STROKE) if here else Qt.PenStyle.NoPen)
            painter.setBrush(look.color("selection" if chosen else "accent_wash"))
            painter.drawRoundedRect(QRectF(row).adjusted(1, 1, -1, -1), Radius.SMALL, Radius.SMALL)
        font = look.font(Type.MONO, mono=True, bold=here)
        name_width, percent_width = look.text_px(Size.ALTERNATIVE_LABEL), look.text_px(Size.PERCENT)
        name = QRect(row.left() + Space.XS, row.top(), name_width - Space.S, row.height())
        painter.setFont(font)
        painter.setPen(look.color("secondary" if cut else "text"))
        text = QFontMetrics(font).elidedText(named(each.text) or "…", Qt.TextElideMode.ElideRight, name.width())
        painter.drawText(name, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        room = row.width() - name_width - percent_width - Space.S
        most = max(self._alternatives[0].probability, 1e-9)
        bar = QRectF(name_width, row.top() + Space.XS, room * each.probability / most, row.height() - 2 * Space.XS)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color("link" if here else "control_line" if cut else "train"))
        painter.drawRoundedRect(bar.adjusted(0, 0, Space.XXS, 0), Radius.SMALL / 2, Radius.SMALL / 2)
        percent = QRect(row.right() - percent_width - Space.XS, row.top(), percent_width, row.height())
        painter.setFont(look.font(Type.CAPTION, bold=here))
        painter.setPen(look.color("text" if here else "secondary"))
        painter.drawText(percent, _AT_RIGHT, _percent(each.probability))

    def _paint_cut(self, painter: QPainter, row: QRect, cause: str) -> None:
        look = theme.current()
        painter.setFont(look.font(Type.CAPTION))
        painter.setPen(look.color("caution"))
        place = row.adjusted(Space.XS, 0, -Space.XS, 0)
        words = painter.drawText(place, _AT_RIGHT, f"cut off by {cause}")
        painter.setPen(QPen(look.color("caution"), Size.STROKE, Qt.PenStyle.DashLine))
        middle = row.top() + row.height() / 2
        painter.drawLine(QPointF(place.left(), middle), QPointF(words.left() - Space.S, middle))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Mark the row under the pointer."""
        self._at = self._row_at(event.position().y())
        self._tell()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose the row under the pointer."""
        number = self._row_at(event.position().y())
        if event.button() == Qt.MouseButton.LeftButton and number >= 0:
            self._pick(number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go up and down, choose with Return, leave with Esc."""
        if event.key() in _STEPS:
            self._at = min(max(self._at + _STEPS[Qt.Key(event.key())], 0), len(self._alternatives) - 1)
            self._tell()
        elif event.key() in _TAKES and 0 <= self._at < len(self._alternatives):
            self._pick(self._at)
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def _pick(self, number: int) -> None:
        """Choose an alternative, unless it stands in the text already."""
        if self._alternatives[number].token != self._token:
            self.picked.emit(number)


class AlternativesCard(QFrame):
    """A card beside a token, over what lies there: how likely it was, what else could have stood there, what it quotes.

    Signals:
        picked(number): the person chose an alternative.
        left(): the keyboard should go back to the text.

    Attributes:
        aside: whether it stands at the edge, where it hides little of the text before the token.
    """

    picked = Signal(int)
    left = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._room = parent
        self.aside = False
        self.setObjectName("alternatives")
        role(self, "popover")
        self._title = label(kind="strong")
        self._title.setObjectName("token_title")
        self._bars = AlternativeBars()
        self._bars.picked.connect(self.picked)
        self._bars.left.connect(self.left)
        self._hint = label(kind="caption", wrap=True)
        self._quotation = label(kind="caption", wrap=True)
        self._quotation.setObjectName("token_quotation")
        self._column = layout = column(self, margin=Space.M)
        for part in (self._title, self._bars, self._hint, self._quotation):
            layout.addWidget(part)
        self._soon = QTimer(self, singleShot=True, interval=_STAYS_MS)
        self._soon.timeout.connect(self._go_unless_used)
        self.hide()

    def show_token(self, take: Take, number: int, where: QRect) -> None:
        """Show a token; `where` is its place in this card's parent."""
        piece = take.pieces[number]
        self._soon.stop()
        self._title.setText(_title(piece))
        causes = [""] * len(piece.alternatives) if take.reads else cut_by(piece.alternatives, take.config)
        itself = _itself(piece)
        self._bars.show_alternatives((*piece.alternatives, *itself), [*causes, *("" for _ in itself)], piece.token)
        self._hint.setText(_hint(piece, drawn=not take.reads))
        quoted = quotation_at(take, number)
        self._quotation.setText(quoted)
        self._quotation.setVisible(bool(quoted))
        self.setAccessibleName(f"{self._title.text()}. {self._hint.text()} {quoted}")
        self.setFixedWidth(theme.current().text_px(Size.ALTERNATIVES))
        self._column.activate()
        self.resize(self.width(), self._column.totalHeightForWidth(self.width()))
        self._place(where)
        self.show()
        self.raise_()

    def go_in(self) -> None:
        """Return the keyboard to the alternatives."""
        self._soon.stop()
        self._bars.go_in()

    def go_soon(self) -> None:
        """Go away, unless the pointer or the keyboard comes in within a moment."""
        if self.isVisible() and not self._bars.hasFocus():
            self._soon.start()

    def _go_unless_used(self) -> None:
        if not self.underMouse() and not self._bars.hasFocus():
            self.hide()

    def _place(self, where: QRect) -> None:
        """Stand below the token, or above it, or beside it where there is no other room, inside the parent."""
        room = self._room.rect()
        below = where.bottom() + Space.XXS
        above = where.top() - Space.XXS - self.height()
        left, top = where.left() - Space.M, below if below + self.height() <= room.bottom() else above
        if top < 0:
            right = where.right() + Space.S
            left = right if right + self.width() <= room.right() else where.left() - Space.S - self.width()
            top = where.center().y() - self.height() // 2
        if self.aside:
            left, top = room.right(), where.top()
        left = min(max(left, Space.S), room.right() - self.width() - Space.S)
        self.move(QPoint(left, max(0, min(top, room.bottom() - self.height()))))

    def enterEvent(self, event: QEnterEvent) -> None:
        """Stay while the pointer is here."""
        super().enterEvent(event)
        self._soon.stop()

    def leaveEvent(self, event: QEvent) -> None:
        """Go when the pointer goes."""
        super().leaveEvent(event)
        self.go_soon()


def quotation_at(take: Take, number: int) -> str:
    """Return where in the training text the longest quotation over a piece stands, or an empty text."""
    first = take.written_from()
    if take.quoted is None or number < first:
        return ""
    begin = sum(len(piece.text) for piece in take.pieces[first:number])
    end = begin + len(take.pieces[number].text)
    over = [each for each in take.quoted.quotations if each.start < end and each.end > begin]
    if not over:
        return ""
    longest = max(over, key=lambda each: each.end - each.start)
    words = " ".join(take.written()[longest.start : longest.end].split())
    times = f", the first of {formats.whole(longest.times)} times" if longest.times > 1 else ""
    before, after = (" ".join(text.split()) for text in (longest.before, longest.after))
    at = formats.whole(longest.at)
    return f"Word for word in the training text, at character {at}{times}: … {before} “{words}” {after} …"


def _title(piece: Piece) -> str:
    probability = piece.probability or 0.0
    return f"“{named(piece.text)}”  ·  {_percent(probability)}  ·  {bits(probability):.1f} bits of surprise"


def _itself(piece: Piece) -> tuple[Alternative, ...]:
    """Return what stands in the text, where it is not among the likeliest."""
    if piece.token is None or any(each.token == piece.token for each in piece.alternatives):
        return ()
    return (Alternative(piece.token, piece.text, piece.probability or 0.0, piece.chance or 0.0),)


def _hint(piece: Piece, *, drawn: bool) -> str:
    left = ""
    if piece.picked:
        left = "You chose this one. "
    elif drawn and piece.kept == 1:
        left = "The only one the settings left. "
    elif drawn:
        drawn_with = f", with a chance of {_percent(piece.chance)}" if piece.chance is not None else ""
        left = f"Drawn from the {formats.whole(piece.kept)} that the settings left{drawn_with}. "
    return f"{left}Click another to branch from there."


def _percent(share: float) -> str:
    """Return a probability with the figures that tell small ones apart."""
    if share >= 0.0995:
        return f"{share:.0%}"
    return f"{share:.1%}" if share >= 0.0005 else "<0.1%"
