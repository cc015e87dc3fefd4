"""Python's garbage, collected on the window's thread alone."""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

_EVERY_MS = 500


class Sweeper(QObject):
    """Takes the collecting of cycles over from Python, which does it on whichever thread makes an object next.

    That may be the engine's; an object of Qt's that goes on another thread than its own can take the process along.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        timer = QTimer(self, interval=_EVERY_MS)
        timer.timeout.connect(self.sweep)
        timer.start()

    def sweep(self) -> None:
        """Collect the oldest generation that is due, and all younger ones with it, by Python's own thresholds."""
        due = zip(gc.get_count(), gc.get_threshold(), strict=True)
        if generations := [n for n, (count, threshold) in enumerate(due) if count > threshold]:
            gc.collect(generations[-1])
