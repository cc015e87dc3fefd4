"""What is seen of the run from every tab: a dot, the state, the time left, the device."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QTabWidget, QWidget

from gui.kit import theme
from gui.kit.theme import Size, Space
from gui.train.state import Phase, View

_DOTS = {
    Phase.STARTING: "link",
    Phase.TRAINING: "positive",
    Phase.PAUSING: "caution",
    Phase.PAUSED: "caution",
    Phase.STOPPING: "caution",
    Phase.FINISHED: "positive",
    Phase.FAILED: "negative",
}


class RunBadge(QAbstractButton):
    """The state of the run in the corner of the window; a click goes to the Train tab."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("run_badge")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("Run")
        self._phase = Phase.EMPTY
        self.hide()

    def show_view(self, view: View) -> None:
        """Show how the run is; without one, nothing."""
        if (self.text(), self._phase) == (view.header, view.phase):
            return
        self._phase = view.phase
        self.setFixedSize(self.sizeHint())  # else each word would lay out the tabs anew and paint the whole window
        self.setText(view.header)
        self.setAccessibleName(f"Run: {view.header}")
        self.setToolTip("Show the run")
        self.setVisible(bool(view.header))
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for the longest state."""
        beside = self.parentWidget()
        height = beside.tabBar().sizeHint().height() if isinstance(beside, QTabWidget) else Size.CONTROL
        return QSize(Size.BADGE, height)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if theme.restyles(event):
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint dot and words."""
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setFont(look.font())
        metrics = painter.fontMetrics()
        room = self.width() - 2 * Space.L - Size.DOT - Space.S
        words = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, room)
        middle = self._middle()
        left = self.width() - Space.L - metrics.horizontalAdvance(words)
        painter.setBrush(look.color(_DOTS.get(self._phase, "secondary")))
        painter.drawEllipse(QRectF(left - Space.S - Size.DOT, middle - Size.DOT / 2, Size.DOT, Size.DOT))
        painter.setPen(look.color("secondary"))
        box = QRectF(left, middle - Size.CONTROL / 2, self.width() - left, Size.CONTROL)
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)

    def _middle(self) -> float:
        """Return the height at which the words of the tabs stand."""
        beside = self.parentWidget()
        if not isinstance(beside, QTabWidget):
            return self.height() / 2
        tab = beside.tabBar().tabRect(0)
        return self.mapFrom(beside, beside.tabBar().mapTo(beside, tab.center())).y() + Space.HAIR / 2
