"""What is known of a text: its figures, what is wrong with it and how to mend it, what was changed in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from gui.data.bars import scrolled
from gui.data.problems import Trouble
from gui.kit.flow import flow, with_buttons
from gui.kit.focus_order import put_in_order
from gui.kit.parts import Elided, button, column, empty, label
from gui.kit.style import role
from gui.kit.theme import Size, Space, current

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
        self._shown: Sequence[tuple[str, str]] = ()
        self._in_a_row = _IN_A_ROW
        self._troubles = column()
        self._notes = column(spacing=Space.XS)
        inside = role(QWidget(), "clear")
        page = column(inside, spacing=Space.L)
        page.setContentsMargins(0, 0, 0, 0)
        page.addLayout(self._facts)
        page.addLayout(self._troubles)
        page.addLayout(self._notes)
        page.addStretch()
        self._scroll = scrolled(inside, "overview_scroll", "What is known of the text")
        column(self).addWidget(self._scroll)

    def show_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Show names and values, two a row where there is room; one that is long has a row of its own."""
        self._shown = facts
        empty(self._facts)
        for column_of_values in (1, 3):
            self._facts.setColumnStretch(column_of_values, int(column_of_values < 2 * self._in_a_row))
        place = 0
        for name, value in facts:
            long = len(value) > Size.MEASURE // 20
            place += place % self._in_a_row if long else 0
            at, side = divmod(place, self._in_a_row)
            self._facts.addWidget(label(name, "secondary"), at, 2 * side)
            self._facts.addWidget(Elided(value), at, 2 * side + 1, 1, 3 if long else 1)
            place += self._in_a_row if long else 1

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show fewer facts in a row where there is less room."""
        super().resizeEvent(event)
        in_a_row = _IN_A_ROW if self.width() >= current().text_px(Size.LEGIBLE) else 1
        if in_a_row != self._in_a_row:
            self._in_a_row = in_a_row
            self.show_facts(self._shown)

    def show_troubles(self, troubles: Sequence[Trouble]) -> None:
        """Show what is wrong, each with its button."""
        empty(self._troubles)
        for trouble in troubles:
            made = _card(trouble, lambda trouble=trouble: self.mend_asked.emit(trouble))  # type: ignore[misc]
            self._troubles.addWidget(made)
        put_in_order(self._scroll)

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
    words, buttons = role(QWidget(), "clear"), role(QWidget(), "clear")
    lines = column(words, spacing=Space.XXS)
    lines.addWidget(label(trouble.what, "strong", wrap=True))
    lines.addWidget(label(trouble.fix, wrap=True))
    if trouble.button:
        buttons.setLayout(flow(button(f"mend_{trouble.code}", trouble.button, act)))
    with_buttons(frame, words, buttons)
    return frame
