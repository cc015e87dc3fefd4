"""How something enters the stage: it appears within a third of a second, or is there where motion is reduced."""

from __future__ import annotations

from PySide6.QtCore import QEasingCurve, QPropertyAnimation
from PySide6.QtWidgets import QGraphicsOpacityEffect, QWidget

from gui.kit import motion

LASTS_MS = 350


class Entrance:
    """Lets a widget appear; once it is there, nothing of the movement is left."""

    def __init__(self, widget: QWidget) -> None:
        self._widget = widget

    def begin(self) -> None:
        """Let it appear now."""
        if motion.is_reduced() or not self._widget.isVisible():
            return
        veil = QGraphicsOpacityEffect(self._widget)
        self._widget.setGraphicsEffect(veil)
        movement = QPropertyAnimation(veil, b"opacity", veil)  # goes with the veil
        movement.setDuration(LASTS_MS)
        movement.setStartValue(0.0)
        movement.setEndValue(1.0)
        movement.setEasingCurve(QEasingCurve.Type.OutCubic)
        movement.finished.connect(lambda: self._widget.setGraphicsEffect(None))  # type: ignore[arg-type]
        movement.start()
