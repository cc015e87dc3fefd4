"""The menu bar, with the standard roles and shortcuts of a Mac."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QTranslator
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from gui.shell.frame import Frame
from gui.train.state import Phase, View

Keys = QKeySequence.StandardKey
Role = QAction.MenuRole
Shortcut = QKeySequence.StandardKey | str | None

WINDOW_MENU = "Window"


class ApplicationMenuWords(QTranslator):
    """The words of the application menu of a Mac, which Qt writes itself, where Apple's have changed since."""

    def translate(self, context: str, source: str, disambiguation: str | None = None, n: int = -1) -> str | None:
        """Return Apple's word for an item, None to leave it as it is."""
        return "Settings…" if (context, source) == ("MAC_APPLICATION_MENU", "Preferences...") else None


def front(window: QWidget) -> QWidget:
    """Return the window that a person works in: on a Mac the menu bar of the main window serves them all."""
    return QApplication.activeWindow() or window


class Menus:
    """The menus of the main window, and which of their items can be used now."""

    def __init__(self, window: Frame, quit_application: Callable[[], object]) -> None:
        self._window = window
        self._quit = quit_application
        self._actions: dict[str, QAction] = {}
        self._file()
        self._edit()
        self._train()
        self._view()
        self._window_menu()
        self._help()

    def action(self, name: str) -> QAction:
        """Return an item by its object name without "action_"."""
        return self._actions[name]

    def show_view(self, view: View) -> None:
        """Offer what can be done with the run now."""
        self.action("start").setEnabled(view.can_start)
        self.action("pause").setEnabled(view.can_pause)
        self.action("pause").setText(view.pause_label)
        self.action("stop").setEnabled(view.can_stop)
        self.action("save").setEnabled(view.phase is Phase.TRAINING)
        self.action("share").setEnabled(self._window.train.sharing.is_ready)

    def show_full_screen(self, full: bool) -> None:
        """Offer the way out of the full screen, or into it."""
        if (action := self._actions.get("full_screen")) is not None:
            action.setText("Exit Full Screen" if full else "Enter Full Screen")

    def _menu(self, title: str) -> QMenu:
        menu = self._window.menuBar().addMenu(title)
        menu.setObjectName(f"menu_{title.lower()}")
        return menu

    def _add(
        self,
        menu: QMenu,
        name: str,
        text: str,
        act: Callable[[], object],
        keys: Shortcut = None,
        role: QAction.MenuRole = Role.NoRole,
    ) -> QAction:
        action = menu.addAction(text)
        action.setObjectName(f"action_{name}")
        # without a role said, a Mac guesses one from the words and moves the item
        action.setMenuRole(role)
        if keys is not None:
            action.setShortcut(QKeySequence(keys))
        action.triggered.connect(lambda: act())
        self._actions[name] = action
        return action

    def _file(self) -> None:
        menu, window = self._menu("File"), self._window
        self._add(menu, "add_text", "Add Text…", window.add_text, Keys.Open)
        self._add(menu, "open_checkpoint", "Open Checkpoint or Packed Run…", window.open_checkpoint, "Ctrl+Shift+O")
        menu.addSeparator()
        self._add(menu, "share", "Share…", window.train.sharing.open)
        self._add(menu, "elsewhere", "Continue on a Bigger Machine…", window.continue_elsewhere)
        menu.addSeparator()
        self._add(menu, "close", "Close Window", lambda: front(window).close(), "Ctrl+W")
        menu.addSeparator()
        self._add(menu, "about", "About Understudy", window.about, role=Role.AboutRole)
        self._add(menu, "settings", "Settings…", window.show_settings, Keys.Preferences, Role.PreferencesRole)
        self._add(menu, "quit", "Quit Understudy", self._quit, "Ctrl+Q", Role.QuitRole)

    def _edit(self) -> None:
        menu = self._menu("Edit")
        self._add(menu, "undo", "Undo", partial(to_focus, "undo"), Keys.Undo)
        self._add(menu, "redo", "Redo", partial(to_focus, "redo"), Keys.Redo)
        menu.addSeparator()
        for name, text, keys, slot in (
            ("cut", "Cut", Keys.Cut, "cut"),
            ("copy", "Copy", Keys.Copy, "copy"),
            ("paste", "Paste", Keys.Paste, "paste"),
            ("select_all", "Select All", Keys.SelectAll, "selectAll"),
        ):
            # by these words, and no other role, Qt lets them act in the system's own panels too
            self._add(menu, name, text, partial(to_focus, slot), keys, Role.TextHeuristicRole)

    def _train(self) -> None:
        menu, train = self._menu("Train"), self._window.train
        self._add(menu, "start", "Start Training", train.start, "Ctrl+R")
        self._add(menu, "pause", "Pause", train.toggle_pause, "Ctrl+Shift+P")
        self._add(menu, "stop", "Stop and Save", train.stop, "Ctrl+.")
        menu.addSeparator()
        self._add(menu, "save", "Save Checkpoint Now", train.save_now, Keys.Save)
        self._add(menu, "copy_command", "Copy as Command", train.copy_command, "Ctrl+Shift+C")
        copy_for_nanogpt = partial(train.copy_command, for_nanogpt=True)
        self._add(menu, "copy_nanogpt", "Copy as nanoGPT Command", copy_for_nanogpt)

    def _view(self) -> None:
        menu, window = self._menu("View"), self._window
        for at in range(window.tabs.count()):
            title = window.tabs.tabText(at)
            self._add(menu, f"tab_{title.lower()}", title, partial(window.tabs.setCurrentIndex, at), f"Ctrl+{at + 1}")
        menu.addSeparator()
        self._add(menu, "larger", "Make Text Bigger", lambda: window.scale_text(1), Keys.ZoomIn)
        self._add(menu, "smaller", "Make Text Smaller", lambda: window.scale_text(-1), Keys.ZoomOut)
        self._add(menu, "usual", "Usual Text Size", lambda: window.scale_text(0), "Ctrl+0")
        if sys.platform != "darwin":  # AppKit adds its own
            menu.addSeparator()
            self._add(menu, "full_screen", "Enter Full Screen", window.toggle_full_screen, Keys.FullScreen)

    def _window_menu(self) -> None:
        menu, window = self._menu(WINDOW_MENU), self._window
        self._add(menu, "minimize", "Minimize", lambda: front(window).showMinimized(), "Ctrl+M")
        self._add(menu, "zoom", "Zoom", window.toggle_zoom)
        self._add(menu, "front", "Bring All to Front", window.come_forward)

    def _help(self) -> None:
        menu, window = self._menu("Help"), self._window
        self._add(menu, "help", "Understudy Help", window.show_help, Keys.HelpContents)
        self._add(menu, "first_steps", "Getting Started", window.show_first_steps)
        menu.addSeparator()
        self._add(menu, "show_log", "Show Log Folder", window.show_log_folder)
        self._add(menu, "show_files", "Show Runs and Texts on Disk", window.show_home_folder)


def to_focus(slot: str) -> None:
    """Do an editing command in the widget that has the focus, or in what it lies on: the nearest that knows it."""
    widget: QWidget | None = QApplication.focusWidget()
    while widget is not None and not callable(getattr(widget, slot, None)):
        widget = widget.parentWidget()
    if widget is not None:
        getattr(widget, slot)()
