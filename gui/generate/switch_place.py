"""Where the switch between text and scene stands on either page: at the same place, so that it costs no line."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from gui.kit.parts import row
from gui.kit.style import role


def switch_place() -> QWidget:
    """Return an empty place, hidden until the switch stands in it."""
    made = role(QWidget(), "clear")
    made.setLayout(row())
    made.hide()
    return made


def put_switch(switch: QWidget, place: QWidget) -> None:
    """Let the switch stand in a place."""
    layout = place.layout()
    assert layout is not None, "it was made with one"
    if switch.parentWidget() is not place:
        layout.addWidget(switch)
        switch.show()  # at once, so that it can have the focus
