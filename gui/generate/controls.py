"""The dials of generation: how a text is written, each setting in a row of its own."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from engine.core.config import SampleConfig
from gui.generate.dial_rows import DialRow, StopRow
from gui.generate.dials import DIALS, FIRST_SETTINGS, SEED
from gui.generate.seed_row import SeedRow
from gui.kit.parts import Disclosure, button, column, label, row
from gui.kit.style import role
from gui.kit.theme import Space


class DialPanel(QWidget):
    """The dials: the temperature in view, the others under a disclosure, and a button back to the first settings.

    Attributes:
        seed: the row of the seed, which gives way to the next one.

    Signals:
        changed(): a setting has another value.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("generate_settings")
        role(self, "clear")
        self.seed = SeedRow(SEED)
        self._rows = {dial.name: self.seed if dial is SEED else DialRow(dial) for dial in DIALS}
        self._stop = StopRow()
        self._all = button(
            "reset_generate_settings",
            "Back to the Guide’s Settings",
            self._back_to_first,
            "plain",
        )
        self._more = Disclosure("more_generate_settings", "More Settings")
        self._changed_more = label(kind="caption")
        self._hidden = role(QWidget(), "clear")
        self._hidden.hide()
        self._more.toggled.connect(self._hidden.setVisible)
        inner = column(self._hidden, spacing=Space.M)
        layout = column(self, spacing=Space.M)
        for made in self._rows.values():
            (inner if made.dial.more else layout).addWidget(made)
            made.changed.connect(self._changed)
        inner.insertWidget(inner.count() - 1, self._stop)
        self._stop.changed.connect(self._changed)
        layout.addLayout(row(self._more, None, self._changed_more))
        layout.addWidget(self._hidden)
        layout.addWidget(self._all, 0, Qt.AlignmentFlag.AlignLeft)
        self.show_settings(FIRST_SETTINGS)

    def show_settings(self, config: SampleConfig) -> None:
        """Set every dial."""
        for name, made in self._rows.items():
            made.set_value(getattr(config, name))
        self._stop.set_value(config.stop)

    def recall(self, config: SampleConfig) -> None:
        """Set every dial as it was when something was written."""
        self.show_settings(config)
        self.seed.written_with(config.seed)

    def settings(self, prompt: str) -> SampleConfig:
        """Return the settings with a beginning to continue."""
        whole = {name: made.value() if made.dial.decimals else int(made.value()) for name, made in self._rows.items()}
        return SampleConfig.of(whole, {"start": prompt, "stop": self._stop.value()})

    def _back_to_first(self) -> None:
        self.seed.lock.setChecked(False)
        self.seed.written_with(None)
        self.show_settings(FIRST_SETTINGS)

    def _changed(self) -> None:
        now = self.settings(FIRST_SETTINGS.start)
        self._all.setEnabled(replace(now, seed=FIRST_SETTINGS.seed) != FIRST_SETTINGS or self.seed.is_a_persons)
        hidden = [name for name, made in self._rows.items() if made.dial.more and made is not self.seed]
        changed = self.seed.is_kept + sum(
            getattr(now, name) != getattr(FIRST_SETTINGS, name) for name in (*hidden, "stop")
        )
        self._changed_more.setText(f"{changed} changed" if changed else "")
        self.changed.emit()
