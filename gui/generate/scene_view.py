"""The list of bubbles: it follows what is spoken while its end is seen, and tells what is pointed at."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QWidget

from gui.generate.scene_bubbles import Bubble, BubbleDelegate
from gui.generate.scene_model import SceneModel
from gui.generate.scene_record import SceneTurn
from gui.kit import theme
from gui.kit.scroll_bars import quiet
from gui.kit.theme import Size, Space, Type, restyles

_GROW_MS = 33
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
_ASKS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class SceneView(QListView):
    """The turns of a scene.

    Signals:
        stepped(turn, by): another of the turns in one place is wanted.
        pointed(turn, piece, where): a token is pointed at, or the arrow keys went to it, while one sees inside.
        asked(): what else could have stood in place of that token is to have the keyboard.
        left(): none is any more.
        chosen(): another turn is in hand.
    """

    stepped = Signal(object, int)
    pointed = Signal(object, int, QRect)
    asked = Signal()
    left = Signal()
    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("scene_list")
        self.setAccessibleName("Scene")
        self.rows = SceneModel()
        self.setModel(self.rows)
        self._bubbles = BubbleDelegate(self.rows, self)
        self.setItemDelegate(self._bubbles)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMouseTracking(True)
        quiet(self)
        self._invitation = ""
        self._follows = True
        self._room = 0
        bar = self.verticalScrollBar()
        bar.valueChanged.connect(self._heed_scrolling)
        bar.rangeChanged.connect(self._follow)
        self._grown = QTimer(self, singleShot=True, interval=_GROW_MS)
        self._grown.timeout.connect(self.flush)
        self.selectionModel().selectionChanged.connect(self._take_in_hand)

    # what is shown

    def invite(self, words: str) -> None:
        """Say what can be done, while nothing was said."""
        self._invitation = words
        self.viewport().update()

    def show_path(self, path: Sequence[SceneTurn], me: str) -> None:
        """Show turns, those of `me` at the right, and go to the last."""
        if me != self.rows.me:
            self.rows.me = me
            self.viewport().update()
        self.leave_token()
        self.clearSelection()
        self.rows.show(path, self._bubbles.measure)
        self._follows = True
        self._follow()

    def show_remembered(self, row: int) -> None:
        """Show from which row on the model has the scene before it."""
        before, self.rows.remembered = self.rows.remembered, row
        for changed in {before, row} if before != row else ():
            if changed < len(self.rows.turns):
                self._bubbles.measure(changed, changed + 1)
                self.scheduleDelayedItemsLayout()

    def see_inside(self, inside: bool) -> None:
        """Show how surprising each token was, or the words alone."""
        self._bubbles.inside = inside
        self._bubbles.token = None
        self.viewport().update()

    def grew(self) -> None:
        """Show soon what the last turn has gained."""
        if not self._grown.isActive():
            self._grown.start()

    def flush(self) -> None:
        """Show now what the last turn has gained."""
        row = len(self.rows.turns) - 1
        if row < 0:
            return
        if self._bubbles.measure(row, row + 1):
            self.scheduleDelayedItemsLayout()
        self.rows.tell(row)

    @property
    def at_end(self) -> bool:
        """Whether the end of the scene is seen."""
        bar = self.verticalScrollBar()
        return bar.value() >= bar.maximum() - Space.XL

    @property
    def in_hand(self) -> SceneTurn | None:
        """The turn that was chosen, else the last."""
        chosen, turns = self.selectedIndexes(), self.rows.turns
        return turns[chosen[0].row()] if chosen else turns[-1] if turns else None

    def _take_in_hand(self) -> None:
        self.leave_token()
        self.chosen.emit()

    def _heed_scrolling(self) -> None:
        """Follow what is spoken as long as the end is seen."""
        self._follows = self.at_end

    def _follow(self) -> None:
        if self._follows:
            self.scrollToBottom()

    # pointing

    def bubble_at(self, point: QPointF) -> tuple[Bubble, QPointF] | None:
        """Return the bubble of the row under a point, and the point counted from it."""
        index = self.indexAt(point.toPoint())
        if not index.isValid():
            return None
        return self._bubbles.bubble(index.row()), point - QPointF(self._bubbles.place(index.row()).topLeft())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell of the token under the pointer."""
        found = self.bubble_at(event.position())
        step = found[0].step_at(found[1]) if found else 0
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if step else Qt.CursorShape.ArrowCursor)
        piece = found[0].piece_at(found[1]) if found and self._bubbles.inside else None
        if found and piece:
            place = (event.position() - found[1]).toPoint()
            self.pointed.emit(found[0].turn, piece[0], piece[1].translated(place))
        else:
            self.left.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Step where an arrow is pressed; else take the turn in hand."""
        found = self.bubble_at(event.position())
        if found and (by := found[0].step_at(found[1])):
            self.stepped.emit(found[0].turn, by)
            return
        super().mousePressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing."""
        super().leaveEvent(event)
        self.left.emit()

    # going from token to token

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go through the tokens of the turn in hand while one sees inside; Return asks what else could stand there."""
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        by = _STEPS.get(Qt.Key(event.key()), 0) if plain and self._bubbles.inside else 0
        if by and self._step_token(by):
            return
        if self._bubbles.token is not None and event.key() in _ASKS:
            self.asked.emit()
        elif self._bubbles.token is not None and event.key() == Qt.Key.Key_Escape:
            self.leave_token()
        else:
            super().keyPressEvent(event)

    def leave_token(self) -> None:
        """Leave the token that the arrow keys went to."""
        if self._bubbles.token is not None:
            self._bubbles.token = None
            self.viewport().update()
            self.left.emit()

    def _step_token(self, by: int) -> bool:
        """Go to the token before or after the one in hand, at first to the first; return whether the turn has any."""
        turn, here = self.in_hand, self._bubbles.token
        if turn is None:
            return False
        row = self.rows.turns.index(turn)
        bubble = self._bubbles.bubble(row)
        spans = list(bubble.spans())
        if not spans:
            return False
        numbers = [number for number, _, _ in spans]
        known = here is not None and here[0] is turn and here[1] in numbers
        at = numbers.index(here[1]) + by if here is not None and known else 0
        number, begin, end = spans[min(max(at, 0), len(spans) - 1)]
        self._bubbles.token = turn, number
        self.scrollTo(self.rows.index(row))
        self.viewport().update()
        where = next(bubble.rects(begin, end), None)
        if where is not None:
            self.pointed.emit(turn, number, where.translated(self._bubbles.place(row).topLeft()).toAlignedRect())
        return True

    # Qt

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if restyles(event) and hasattr(self, "_bubbles"):
            self._measure_all()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break lines anew where bubbles have another room."""
        if self._bubbles.room != self._room:
            self._measure_all()
        super().resizeEvent(event)

    def _measure_all(self) -> None:
        self._room = self._bubbles.room
        self._bubbles.measure()
        self.scheduleDelayedItemsLayout()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the turns, or what can be done."""
        super().paintEvent(event)
        if self.rows.turns or not self._invitation:
            return
        painter, look = QPainter(self.viewport()), theme.current()
        painter.setFont(look.font(Type.BODY))
        painter.setPen(look.color("secondary"))
        room = self.viewport().rect()
        wide = min(room.width() - 2 * Space.L, look.part_px(Size.BUBBLE))
        place = QRect(0, 0, wide, room.height())
        place.moveCenter(room.center())
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._invitation)
