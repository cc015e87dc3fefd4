"""The tree of branches in the margin: a trunk beside the text that is shown, and twigs where others part from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QMenu, QToolTip, QWidget

from gui.generate.forks import Fork, words_from
from gui.generate.passage import Strand
from gui.kit import formats, theme
from gui.kit.plain import plain_tip
from gui.kit.theme import Size, Space

_NODE, _TWIG = 4.0, 3.0  # radii
_MOST_TWIGS = 3  # that are drawn; the menu has all


@dataclass(frozen=True, slots=True)
class Trunk:
    """A text with branches as it lies in the viewport: from `top` to `bottom`, and the height of each fork."""

    strand: Strand
    top: float
    bottom: float
    forks: Sequence[tuple[Fork, float]]


def merged(forks: Iterable[tuple[Fork, float]]) -> list[tuple[Fork, float]]:
    """Return forks with those of one line as one, which parts where the first of them does."""
    lines: dict[float, Fork] = {}
    for fork, y in forks:
        before = lines.get(y)
        lines[y] = fork if before is None else Fork(before.at, (*before.others, *fork.others))
    return [(fork, y) for y, fork in lines.items()]


class BranchTree(QWidget):
    """Paints the trunks it is given, and answers a click on a fork.

    Signals:
        chosen(strand, number): another branch is to be shown.
    """

    chosen = Signal(object, int)

    def __init__(self, trunks: Callable[[], Sequence[Trunk]], parent: QWidget) -> None:
        """Take what tells which trunks there are now."""
        super().__init__(parent)
        self.setObjectName("branch_tree")
        self.setAccessibleName("Tree of branches")
        self.setMouseTracking(True)
        self._trunks = trunks

    def sizeHint(self) -> QSize:
        """Return room for a trunk and its twigs."""
        return QSize(Space.XL, 0)

    def fork_at(self, y: float) -> tuple[Strand, Fork] | None:
        """Return the fork at a height."""
        near = [(abs(y - at), trunk.strand, fork) for trunk in self._trunks() for fork, at in trunk.forks]
        distance, strand, fork = min(near, key=lambda each: each[0], default=(Space.XL, None, None))
        return (strand, fork) if strand is not None and fork is not None and distance <= Space.M else None

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint trunks, forks and twigs."""
        painter, look = QPainter(self), theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        x = self.width() - Space.S
        for trunk in self._trunks():
            painter.setPen(QPen(look.color("control_line"), Size.STROKE))
            painter.drawLine(QPointF(x, max(trunk.top, 0)), QPointF(x, min(trunk.bottom, self.height())))
            for fork, y in trunk.forks:
                self._paint_fork(painter, x, y, len(fork.others))

    def _paint_fork(self, painter: QPainter, x: float, y: float, others: int) -> None:
        look = theme.current()
        painter.setPen(QPen(look.color("link"), Size.STROKE))
        painter.setBrush(look.color("surface"))
        for number in range(min(others, _MOST_TWIGS)):
            end = QPointF(_TWIG + 1, y + Space.S + number * (2 * _TWIG + Space.XXS))
            painter.drawLine(QPointF(x, y), end)
            painter.drawEllipse(end, _TWIG, _TWIG)
        painter.setBrush(look.color("link"))
        painter.drawEllipse(QRectF(x - _NODE, y - _NODE, 2 * _NODE, 2 * _NODE))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show by the pointer what can be clicked."""
        there = self.fork_at(event.position().y()) is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if there else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Show the other branch of a fork, or ask which."""
        found = self.fork_at(event.position().y())
        if event.button() != Qt.MouseButton.LeftButton or found is None:
            return
        strand, fork = found
        if len(fork.others) == 1:
            self.chosen.emit(strand, fork.others[0])
        else:
            self.menu_of(strand, fork).popup(event.globalPosition().toPoint())

    def menu_of(self, strand: Strand, fork: Fork) -> QMenu:
        """Return the branches that meet at a fork, to choose from."""
        menu = QMenu(self)
        menu.setObjectName("branch_menu")
        menu.aboutToHide.connect(menu.deleteLater)
        for number in sorted((*fork.others, strand.at)):
            words = words_from(strand.branches[number], fork.at).replace("&", "&&")
            action = menu.addAction(f"{number + 1}   {words}")
            action.setCheckable(True)
            action.setChecked(number == strand.at)
            action.triggered.connect(lambda _=False, number=number: self.chosen.emit(strand, number))
        return menu

    def event(self, event: QEvent) -> bool:
        """Tell at a fork how the others go on."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._tell(event.pos(), event.globalPos())
            return True
        return super().event(event)

    def _tell(self, point: QPoint, on_screen: QPoint) -> None:
        found = self.fork_at(point.y())
        if found is None:
            QToolTip.hideText()
            return
        strand, fork = found
        lines = [words_from(strand.branches[number], fork.at) for number in fork.others[:_MOST_TWIGS]]
        several = formats.plural(len(fork.others), "other branch", "other branches")
        QToolTip.showText(on_screen, plain_tip(f"{several} from here:", *lines), self)


def paint_fork(painter: QPainter, caret: QRect) -> None:
    """Mark the place in a text where others part from it: a caret with a knob, which is no letter."""
    painter.setPen(QPen(theme.current().color("link"), Size.STROKE))
    painter.setBrush(theme.current().color("link"))
    painter.drawLine(caret.topLeft(), caret.bottomLeft())
    painter.drawEllipse(QPointF(caret.topLeft()), _TWIG - 1, _TWIG - 1)
