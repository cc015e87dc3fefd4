"""Playing from noise to verse: the samples of a run one after the other, in ten seconds."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, QTimer, Signal

LASTS_MS = 10_000
LEAST_MS = 150
"""How long a sample is shown at least: of a long run, some are passed over."""

MOST_MS = 1_500
"""How long a sample is shown at most: few samples take less than ten seconds."""


def picked(count: int) -> list[int]:
    """Return which of so many samples are shown: all, or as many as ten seconds hold, the first and last among them."""
    shown = min(count, LASTS_MS // LEAST_MS)
    return [round(at * (count - 1) / max(shown - 1, 1)) for at in range(shown)]


def lasts_ms(shown: int) -> int:
    """Return how long each of so many samples is shown, in milliseconds."""
    return min(LASTS_MS // max(shown, 1), MOST_MS)


class Replay(QObject):
    """Goes through samples by time.

    Signals:
        moved(at): the sample at this place should be shown.
        changed(): it plays, or no longer does.
    """

    moved = Signal(int)
    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._left: list[int] = []
        self._timer = QTimer(self, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._go_on)

    @property
    def is_playing(self) -> bool:
        """Whether it plays."""
        return self._timer.isActive()

    @property
    def interval(self) -> int:
        """The milliseconds from one sample to the next."""
        return self._timer.interval()

    def play(self, count: int) -> None:
        """Show so many samples from the first on."""
        self._left = picked(count)
        self._timer.start(lasts_ms(len(self._left)))
        self.changed.emit()
        self._go_on()

    def stop(self) -> None:
        """Play no longer."""
        if self.is_playing:
            self._timer.stop()
            self.changed.emit()

    def _go_on(self) -> None:
        if self._left:
            self.moved.emit(self._left.pop(0))
        else:
            self.stop()
