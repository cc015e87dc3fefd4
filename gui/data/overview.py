"""What is known of a text: its figures, what is wrong with it and how to mend it, what was changed in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from gui.data.bars import scrolled
from gui.data.problems import Trouble
from gui.kit.parts import Elided, button, column, empty, label, row
from gui.kit.style import role
from gui.kit.theme import Size, Space

_IN_A_ROW = 2


class OverviewPage(QWidget):
    """Facts, troubles, notes.

    Signals:
        mend_asked(trouble): a person wants done what a trouble's button says.
    """

    mend_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        role(self, "clear")
        self._facts = QGridLayout()
        self._facts.setHorizontalSpacing(Space.L)
        self._facts.setVerticalSpacing(Space.XS)
        self._facts.setColumnStretch(1, 1)
        self._facts.setColumnStretch(3, 1)
        self._troubles = column()
        self._notes = column(spacing=Space.XS)
        inside = role(QWidget(), "clear")
        page = column(inside, spacing=Space.L)
        page.setContentsMargins(0, 0, 0, 0)
        page.addLayout(self._facts)
        page.addLayout(self._troubles)
        page.addLayout(self._notes)
        page.addStretch()
        column(self).addWidget(scrolled(inside, "overview_scroll", "What is known of the text"))

    def show_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Show names and values, two a row; one that is long has a row of its own."""
        empty(self._facts)
        place = 0
        for name, value in facts:
            long = len(value) > Size.MEASURE // 20
            place += place % _IN_A_ROW if long else 0
            at, side = divmod(place, _IN_A_ROW)
            self._facts.addWidget(label(name, "secondary"), at, 2 * side)
            self._facts.addWidget(Elided(value), at, 2 * side + 1, 1, 3 if long else 1)
            place += _IN_A_ROW if long else 1

    def show_troubles(self, troubles: Sequence[Trouble]) -> None:
        """Show what is wrong, each with its button."""
        empty(self._troubles)
        for trouble in troubles:
            self._troubles.addWidget(_card(trouble, lambda trouble=trouble: self.mend_asked.emit(trouble)))  # type: ignore[misc]

    def show_notes(self, notes: Sequence[str]) -> None:
        """Show what was changed in the text or noticed."""
        empty(self._notes)
        if notes:
            self._notes.addWidget(label("What Was Changed or Noticed", "strong"))
        for number, note in enumerate(notes):
            made = label(f"•  {note}", "secondary", wrap=True)
            made.setObjectName(f"data_note_{number}")
            self._notes.addWidget(made)


def _card(trouble: Trouble, act: Callable[[], None]) -> QFrame:
    """Return a trouble on a ground of its own."""
    frame = role(QFrame(), "caution")
    frame.setObjectName(f"trouble_{trouble.code}")
    frame.setAccessibleName(f"{trouble.what} {trouble.fix}")
    words = column(spacing=Space.XXS)
    words.addWidget(label(trouble.what, "strong", wrap=True))
    words.addWidget(label(trouble.fix, wrap=True))
    inside = row(words, spacing=Space.M)
    inside.setStretch(0, 1)
    inside.setContentsMargins(Space.M, Space.M, Space.M, Space.M)
    if trouble.button:
        inside.addWidget(button(f"mend_{trouble.code}", trouble.button, act))
    frame.setLayout(inside)
    return frame
