"""The menu-bar item: progress, loss and time left at a glance, and the controls of a run."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from gui.kit import preferences
from gui.kit.icons import tray_icon
from gui.kit.plain import plain_tip
from gui.kit.theme import Size
from gui.shell.run_items import Actions, RunItems, add_item
from gui.train.state import RUNNING, Phase, View


class Tray(QObject):
    """A status item with its menu; on a system without a place for it, nothing is shown."""

    def __init__(self, actions: Actions, parent: QObject | None = None) -> None:
        """Take what the items do: "show", "pause", "stop" and "quit"."""
        super().__init__(parent)
        self._phase = Phase.EMPTY
        self.menu = QMenu()
        self.menu.setObjectName("tray_menu")
        add_item(self.menu, "tray", "show", "Show Understudy", actions)
        self.menu.addSeparator()
        self._run = RunItems(self.menu, "tray", actions)
        self.menu.addSeparator()
        add_item(self.menu, "tray", "quit", "Quit Understudy", actions)
        self._item = QSystemTrayIcon(self)
        self._drawn: int | None = None
        self._item.setIcon(tray_icon())
        self._item.setContextMenu(self.menu)

    @property
    def available(self) -> bool:
        """Whether the system has a place for the item."""
        return QSystemTrayIcon.isSystemTrayAvailable()

    def show(self) -> None:
        """Show the item, where there is a place for it."""
        if self.available:
            self._item.show()

    def hide(self) -> None:
        """Take the item away."""
        self._item.hide()

    def show_view(self, view: View) -> None:
        """Show how the run is, and say by a notification when it has ended."""
        self._run.show_view(view)
        self._draw(view.progress if view.phase in RUNNING else None)
        self._item.setToolTip(plain_tip(f"Understudy: {view.header}" if view.header else "Understudy"))
        if (
            self._phase in RUNNING
            and view.phase in (Phase.FINISHED, Phase.FAILED)
            and self._item.isVisible()
            and preferences.notifies()
        ):
            # no picture but the application's own; 0: it stays in Notification Center until it is read
            self._item.showMessage("Understudy", view.status, QSystemTrayIcon.MessageIcon.NoIcon, 0)
        self._phase = view.phase

    def _draw(self, progress: float | None) -> None:
        """Draw the icon anew when its bar would look different."""
        step = None if progress is None else round(progress * Size.TRAY)
        if step != self._drawn:
            self._drawn = step
            self._item.setIcon(tray_icon(None if step is None else step / Size.TRAY))
