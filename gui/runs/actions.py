"""What can be done with the selected runs: the one thing most people want as a button, the rest in a menu."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Literal

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractItemView, QMenu

from gui.kit.parts import button
from gui.kit.plain import plain_tip
from gui.runs.state import Offers

REVEAL_WORDS = "Show in Finder" if sys.platform == "darwin" else "Show in Files"

RunActionName = Literal["generate", "resume", "again", "rename", "export", "elsewhere", "reveal", "trash"]

_GROUPS: tuple[Mapping[RunActionName, str], ...] = (
    {"generate": "Generate", "resume": "Resume", "again": "Use Settings"},
    {"rename": "Rename", "export": "Export…", "elsewhere": "Continue on a Bigger Machine…"},
    {"reveal": REVEAL_WORDS},
    {"trash": "Move to Trash"},
)


class RunActions:
    """The actions, in the menu of a button and of the table.

    Attributes:
        primary: the button that writes with the selected run.
        more: the button that opens the menu of all that can be done.
    """

    def __init__(self, table: QAbstractItemView, acts: Mapping[RunActionName, Callable[[], None]]) -> None:
        self.primary = button("run_generate_button", "Generate", acts["generate"], "primary")
        self.more = button("run_actions_button", "Actions", lambda: None, "menu", says="Actions on the selected runs")
        menu = QMenu(self.more)
        menu.setObjectName("run_actions_menu")
        menu.setToolTipsVisible(True)
        self._actions: dict[RunActionName, QAction] = {}
        for group in _GROUPS:
            if self._actions:
                _add_separator(table, menu)
            for name, words in group.items():
                self._actions[name] = action = QAction(words, table)
                action.setObjectName(f"run_{name}_action")
                action.triggered.connect(lambda _=False, act=acts[name]: act())
                table.addAction(action)
                menu.addAction(action)
        self.more.setMenu(menu)

    def show_offers(self, can: Offers, *, training: bool) -> None:
        """Let be done what can be done with the selected runs now; `training`: a run is on in this window."""
        allowed: dict[RunActionName, bool] = {
            "generate": can.generate,
            "resume": can.resume,
            "again": can.use_settings,
            "rename": can.rename,
            "export": can.generate,
            "elsewhere": can.pack,
            "reveal": can.reveal,
            "trash": can.trash,
        }
        for name, action in self._actions.items():
            action.setEnabled(allowed[name])
        self.primary.setEnabled(can.generate)
        self.more.setEnabled(any(allowed.values()))
        self._actions["resume"].setToolTip(plain_tip(can.why_not))
        self._actions["again"].setToolTip(plain_tip(can.why_not if training else ""))


def _add_separator(table: QAbstractItemView, menu: QMenu) -> None:
    """Part what follows from what was added, in both menus."""
    line = QAction(table)
    line.setSeparator(True)
    table.addAction(line)
    menu.addAction(line)
