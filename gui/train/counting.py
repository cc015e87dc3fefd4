"""How predictable the texts are that can be chosen, counted off the window's thread: what a plan's promise needs."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from engine.planning.ngrams import Predictability
from engine.planning.predictability import predictability
from gui.kit.background import Background
from gui.train.plan import TextChoice


class Counting(QObject):
    """Counts each text once, when it is first asked for.

    Signals:
        counted(): one more text is known.
    """

    counted = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = Background(self)
        self._known: dict[tuple[str, int | None], Predictability | None] = {}

    def of(self, text: TextChoice) -> Predictability | None:
        """Return what counting reaches on a text; None as long as it is not known."""
        asked = text.name, text.train_tokens  # prepared, it is another than before
        if asked not in self._known:
            self._known[asked] = None
            self._background.do(
                lambda: predictability(text.name),
                lambda found: self._take(asked, found),
                lambda _: None,  # a text that is damaged is told of once it is trained on
            )
        return self._known[asked]

    def finish(self) -> None:
        """Wait for what is under way."""
        self._background.finish()

    def _take(self, asked: tuple[str, int | None], found: Predictability | None) -> None:
        self._known[asked] = found
        if found is not None:
            self.counted.emit()
