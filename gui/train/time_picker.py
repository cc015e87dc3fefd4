"""For how long to train: some minutes, or as many iterations as the plan has."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QWidget

from gui.kit import preferences
from gui.kit.number_fields import WholeField
from gui.kit.parts import button, column, label, row
from gui.kit.style import role
from gui.kit.theme import Size, Space
from gui.train.sentence import SentencePicker

USUAL = (1, 2, 5, 10, 15, 30, 60, 120, 240, 480)
"""The minutes to choose from; any other can be typed."""

_NO_LIMIT, _OTHER = 0, -1


class TimePicker(SentencePicker):
    """The minutes there are. Where a plan has an end of its own, that can be chosen too.

    Signals:
        chosen(): a person chose another time.
    """

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show the minutes that the person had last."""
        super().__init__("minutes_picker", "How long to train", parent)
        self._minutes = preferences.minutes()
        self._is_limited = True
        self._end = ""
        self._known: tuple[object, ...] = ()
        self.activated.connect(self._take)
        self._show()

    @property
    def limit(self) -> float:
        """The minutes after which a run ends, 0.0 for no limit."""
        return self.offered if self._is_limited else 0.0

    @property
    def offered(self) -> float:
        """The minutes that there would be."""
        return float(self._minutes)

    def show_limit(self, minutes: float) -> None:
        """Show another limit (0.0: none), without telling and without keeping it."""
        self._is_limited = bool(minutes)
        if minutes:
            self._minutes = min(max(round(minutes), 1), preferences.MOST_MINUTES)
        self._show()

    def show_end(self, words: str) -> None:
        """Offer the end that a plan has of its own, in words; empty where only a time bounds it."""
        self._end = words
        self._show()

    def take_minutes(self, minutes: int) -> None:
        """Take what a person has."""
        self._minutes, self._is_limited = minutes, True
        preferences.keep_minutes(minutes)
        self._show()
        self.chosen.emit()

    def _take(self, at: int) -> None:
        minutes = int(self.itemData(at))
        self._show()  # what was typed into the sheet, or was there before
        if minutes == _OTHER:
            MinutesSheet(self._minutes, self.take_minutes, self).open()
        elif minutes == _NO_LIMIT:
            self._is_limited = False
            self._show()
            self.chosen.emit()
        else:
            self.take_minutes(minutes)

    def _show(self) -> None:
        """List the times, with the chosen one among them; as long as nothing is another, the list stays."""
        now = self._minutes if self._is_limited else _NO_LIMIT
        if self._known != (known := (self._minutes, self._end)):
            self._known = known
            self.clear()
            if self._end:
                self.addItem(self._end, _NO_LIMIT)
            for minutes in sorted({*USUAL, self._minutes}):
                self.addItem(spoken(minutes), minutes)
            self.addItem("Other…", _OTHER)
        self.setCurrentIndex(self.findData(now))


class MinutesSheet(QDialog):
    """Asks for a number of minutes."""

    def __init__(self, minutes: int, act: Callable[[int], None], parent: QWidget) -> None:
        """Begin with the minutes that there were; `act` is called with others."""
        super().__init__(parent.window())
        self.setObjectName("minutes_sheet")
        self.setWindowTitle("How Long to Train")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self._act = act
        self._minutes = WholeField()
        self._minutes.setObjectName("recipe_minutes")
        self._minutes.setAccessibleName("Minutes there are")
        self._minutes.setRange(1, preferences.MOST_MINUTES)
        self._minutes.setValue(minutes)
        self._minutes.setMinimumWidth(Size.FIELD)
        self._minutes.selectAll()
        yes = button("minutes_sheet_yes", "Set", self._do, "primary")
        yes.setDefault(True)
        no = role(button("minutes_sheet_no", "Cancel", self.reject), "tall")
        layout = column(self, margin=Space.XL, spacing=Space.M)
        layout.addWidget(label("How long may it train?", "headline"))
        layout.addLayout(row(self._minutes, label("minutes"), None))
        layout.addLayout(row(None, no, yes))

    def _do(self) -> None:
        self._act(self._minutes.value())
        self.accept()


def spoken(minutes: int) -> str:
    """Return a time as one says it: 1 minute, 5 minutes, 2 hours."""
    number, unit = (minutes // 60, "hour") if minutes % 60 == 0 else (minutes, "minute")
    return f"{number} {unit if number == 1 else unit + 's'}"
