"""Who writes in a chat that is set up, and what they are called in the text: their own names or others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from gui.kit import formats
from gui.kit.parts import Elided, column, empty, label
from gui.kit.plain import PlainLabel
from gui.kit.style import role
from gui.kit.theme import Space

SHOWN = 8
"""Speakers that have a field: those who write most."""

_LONGEST = 80

Renamed = tuple[tuple[str, str], ...]


class SpeakerFields(QWidget):
    """A field for each of those who write most.

    Signals:
        renamed(names): they should be called so: a tuple of (name, other name).
    """

    renamed = Signal(tuple)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        role(self, "clear")
        self._fields: dict[str, QLineEdit] = {}
        self._counts: list[PlainLabel] = []
        self._names: Renamed = ()
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(Space.M)
        self._grid.setVerticalSpacing(Space.XS)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(2, 1)
        self._who = label(kind="secondary", wrap=True)
        self._who.setObjectName("draft_speakers")
        page = column(self, spacing=Space.XS)
        page.addWidget(label("Speakers", "strong"))
        page.addWidget(self._who)
        page.addLayout(self._grid)

    def show_speakers(self, speakers: Sequence[tuple[str, int]], names: Renamed) -> None:
        """Show who writes and how many messages, by the names that they have in the text with `names` in force."""
        self.setVisible(bool(speakers))
        own = {other: name for name, other in names}
        self._names = names
        shown = [own.get(name, name) for name, _ in speakers[:SHOWN]]
        messages = sum(count for _, count in speakers)
        self._who.setText(
            f"{formats.plural(len(speakers), 'speaker')}, {formats.plural(messages, 'message')}. "
            "A name that you type here takes the place of theirs, in the text too."
        )
        if shown != list(self._fields):
            self._make_fields(shown)
        for (_, count), counted, (name, field) in zip(speakers, self._counts, self._fields.items(), strict=False):
            counted.setText(formats.plural(count, "message"))
            if not field.hasFocus():
                field.setText(dict(names).get(name, ""))

    def _make_fields(self, names: Iterable[str]) -> None:
        empty(self._grid)
        self._fields, self._counts = {}, []
        for number, name in enumerate(names):
            field = QLineEdit()
            field.setObjectName(f"speaker_{number}")
            field.setAccessibleName(f"Another name for {name}")
            field.setPlaceholderText(name)
            field.setMaxLength(_LONGEST)
            field.editingFinished.connect(self._tell)
            self._fields[name] = field
            self._grid.addWidget(Elided(name), number, 0)
            self._counts.append(label(kind="caption"))
            self._grid.addWidget(self._counts[-1], number, 1)
            self._grid.addWidget(field, number, 2)

    def _tell(self) -> None:
        typed = ((name, field.text().strip()) for name, field in self._fields.items())
        names = tuple((name, other) for name, other in typed if other and other != name)
        if names != self._names:
            self._names = names
            self.renamed.emit(names)
