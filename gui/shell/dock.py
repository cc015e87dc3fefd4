"""The Dock icon while a model trains: its mask comes out of noise over a bar of progress; a mark when it ended unseen.

Drawn through Qt, which hands the application's icon and badge to the Dock; where there is no Dock nothing is seen.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QMenu, QWidget

from gui.kit import mac, theme
from gui.kit.icons import app_icon
from gui.kit.mask import mask_in_noise
from gui.kit.theme import Size
from gui.shell.run_items import Actions, RunItems
from gui.train.state import RUNNING, Phase, View

_STEPS = 50  # the bar moves by two percent at a time: a Dock icon is small


def plain_icon() -> QIcon:
    """Return what the application hands the Dock without a run: nothing from Understudy.app, whose own icon then shows.

    macOS draws a bundle's icon in the system's manner; one that is set is a flat picture.
    """
    return QIcon() if mac.is_bundled() else app_icon()


class DockMenu(QMenu):
    """What the Dock icon offers beside what the Dock offers itself: how the run is, Pause, and Stop."""

    def __init__(self, actions: Actions, parent: QWidget) -> None:
        """Take what the items do: "pause" and "stop"."""
        super().__init__(parent)
        self.setObjectName("dock_menu")
        self._run = RunItems(self, "dock", actions)
        set_as_dock_menu = getattr(self, "setAsDockMenu", None)  # Qt has it on a Mac alone
        if set_as_dock_menu is not None:
            set_as_dock_menu()

    def show_view(self, view: View) -> None:
        """Show how the run is."""
        self._run.show_view(view)


class Dock:
    """Shows a run on the Dock icon.

    `is_seen` tells whether the person looks at Understudy; the mark goes when they do.
    """

    def __init__(self, app: QGuiApplication, is_seen: Callable[[], bool]) -> None:
        self._app, self._is_seen = app, is_seen
        self._shown: tuple[int, float] | None = None
        self._phase = Phase.EMPTY

    def show_view(self, view: View) -> None:
        """Show how far the run is; after it the plain icon, with a mark when nobody saw it end."""
        self.show_progress(view.progress if view.phase in RUNNING else None, view.clarity)
        ended = self._phase in RUNNING and view.phase in (Phase.FINISHED, Phase.FAILED)
        if ended and not self._is_seen():
            self._app.setBadgeNumber(1)
        self._phase = view.phase

    def show_progress(self, progress: float | None, clarity: float = 1.0) -> None:
        """Draw the mask so clearly, and the bar at a share of 0 to 1, or none; anew only when it looks different."""
        shown = None if progress is None else (round(min(max(progress, 0.0), 1.0) * _STEPS), clarity)
        if shown != self._shown:
            self._shown = shown
            self._app.setWindowIcon(plain_icon() if shown is None else self.icon(shown[0] / _STEPS, clarity))

    def seen(self) -> None:
        """Take the mark away: the person is here."""
        self._app.setBadgeNumber(0)

    def icon(self, progress: float, clarity: float = 1.0) -> QIcon:
        """Return the icon with its bar, and its mask as far as it has come out of noise."""
        side = Size.DOCK_ICON
        picture = QPixmap(mask_in_noise(clarity, side))
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        track = QRectF(side * 0.16, side * 0.81, side * 0.68, side * 0.07)
        done = QRectF(track)
        done.setWidth(max(track.height(), track.width() * progress))
        for bar, color in ((track, theme.LIGHT.surface), (done, theme.LIGHT.accent)):
            painter.setBrush(QColor(color))
            painter.drawRoundedRect(bar, bar.height() / 2, bar.height() / 2)
        painter.end()
        return QIcon(picture)
