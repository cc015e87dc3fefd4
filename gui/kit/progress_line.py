"""How far something is, as a thin line."""

from __future__ import annotations

from PySide6.QtCore import QAbstractAnimation
from PySide6.QtWidgets import QProgressBar, QWidget

from gui.kit import motion

_STEPS = 1000


class ProgressLine(QProgressBar):
    """A progress bar without words. While it is not known how far, it moves; where motion is reduced, it is empty."""

    def __init__(self, name: str, says: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(says)
        self.setTextVisible(False)
        self.show_share(0.0)

    def show_share(self, share: float | None) -> None:
        """Show a share of 0 to 1, or None: something happens, and how far it is nobody knows."""
        moves = share is None and not motion.is_reduced()
        self.setRange(0, 0 if moves else _STEPS)
        if not moves:
            for unseen in self.findChildren(QAbstractAnimation):
                unseen.stop()  # where little is done, Qt would go on moving what is not seen, sixty times a second
            self.setValue(round(_STEPS * min(max(share or 0.0, 0.0), 1.0)))
