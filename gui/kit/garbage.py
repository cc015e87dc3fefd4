"""Python's garbage, collected on the window's thread alone."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QObject, QTimer

_EVERY_MS = 500

_LOADING: set[object] = set()
"""Has a member for each thing that is being loaded and stays."""


@contextmanager
def loading() -> Iterator[None]:
    """Load, on any thread, what stays to the end: nothing is swept meanwhile, and what there is then is never again.

    Torch brings 100,000 objects; to look at each of them took the window a tenth of a second, time and again.
    """
    this = object()
    _LOADING.add(this)
    try:
        yield
        gc.freeze()
    finally:
        _LOADING.discard(this)


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
        if _LOADING:
            return
        due = zip(gc.get_count(), gc.get_threshold(), strict=True)
        if generations := [n for n, (count, threshold) in enumerate(due) if count > threshold]:
            gc.collect(generations[-1])
