"""The seed: another for each press, unless it is kept."""

from __future__ import annotations

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QWidget

from gui.generate.dial_rows import DialRow
from gui.generate.dials import Dial, next_seed
from gui.kit.parts import IconButton

_KEPT = "generate/seed_kept"
_KEEP = "Keep this seed: Generate writes the same text again"
_LET_GO = "Take another seed at each press"


class SeedRow(DialRow):
    """A seed that was written with gives way to the next one at the next press; a lock keeps it.

    What a person types is written with as it is.
    """

    def __init__(self, dial: Dial, parent: QWidget | None = None) -> None:
        self._written: int | None = None
        self._shown: float | None = None  # what stands there unless a person typed another
        self.lock = IconButton("keep_seed_button", "lock-open", _KEEP)
        self.lock.setCheckable(True)
        super().__init__(dial, parent, before_field=(self.lock,))
        self.lock.toggled.connect(self._show_lock)
        self.lock.setChecked(str(QSettings().value(_KEPT, "false")) == "true")

    @property
    def is_kept(self) -> bool:
        """Whether the seed stays as it is."""
        return self.lock.isChecked()

    @property
    def is_a_persons(self) -> bool:
        """Whether a person chose the seed: it is kept, or was typed and not written with yet."""
        return self.is_kept or self.value() != self._shown

    def set_value(self, value: float) -> None:
        """Show a seed that nobody typed."""
        self._shown = value
        super().set_value(value)

    def written_with(self, seed: int | None) -> None:
        """Take in which seed was written with last; None is none."""
        self._written = seed

    def for_a_press(self) -> int:
        """Return the seed to write with now, and show it."""
        if not self.is_kept and self.value() == self._written:
            self.set_value(next_seed(int(self.value())))
        self._written = int(self.value())
        return self._written

    def for_another_try(self) -> int:
        """Return a seed that gives another text than the last one; one that is kept stays in the field."""
        self._written = next_seed(int(self.value()) if self._written is None else self._written)
        if not self.is_kept:
            self.set_value(self._written)
        return self._written

    def words(self) -> str:
        """Return what comes of it."""
        return "Kept: the same beginning gives the same text." if self.is_kept else self.dial.words(self.value())

    def _show_lock(self, kept: bool) -> None:
        QSettings().setValue(_KEPT, "true" if kept else "false")
        self.lock.show_picture("lock" if kept else "lock-open")
        self.lock.setToolTip(_LET_GO if kept else _KEEP)
        self._say()
        self.changed.emit()
