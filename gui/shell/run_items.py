"""The items of a menu that tell of the run and steer it: in the menu bar, and in the Dock."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from gui.train.state import RUNNING, View

Actions = Mapping[str, Callable[[], object]]
"""What an item does, by its name; one without an entry only tells."""


class RunItems:
    """How the run is and how far, Pause, and Stop, at the end of a menu."""

    def __init__(self, menu: QMenu, prefix: str, actions: Actions) -> None:
        """Add the items; their object names begin with `prefix`, `actions` has "pause" and "stop"."""
        self._status = add_item(menu, prefix, "status", "Not training", actions)
        self._figures = add_item(menu, prefix, "figures", "", actions)
        menu.addSeparator()
        self._pause = add_item(menu, prefix, "pause", "Pause", actions)
        self._stop = add_item(menu, prefix, "stop", "Stop and Save", actions)

    def show_view(self, view: View) -> None:
        """Tell how the run is, and offer what can be done with it."""
        self._status.setText(view.header or "Not training")
        loss, validation = view.metrics[0], view.metrics[1]
        self._figures.setText(f"Loss {loss.value}, validation {validation.value}, {view.progress:.0%} done")
        self._figures.setVisible(view.phase in RUNNING)
        self._pause.setText(view.pause_label)
        self._pause.setEnabled(view.can_pause)
        self._stop.setEnabled(view.can_stop)


def add_item(menu: QMenu, prefix: str, name: str, text: str, actions: Actions) -> QAction:
    """Add one item to a menu, and return it."""
    item = menu.addAction(text)
    item.setObjectName(f"{prefix}_{name}")
    act = actions.get(name)
    if act is None:
        item.setEnabled(False)
    else:
        item.triggered.connect(lambda: act())
    return item
