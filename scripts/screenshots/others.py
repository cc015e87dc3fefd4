"""The scenes beside the tabs: help, settings, first steps, and what is asked at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.screenshots.parts import part, press, wait
from scripts.screenshots.train import running

if TYPE_CHECKING:
    from gui.shell.window import MainWindow


def at_quit(window: MainWindow) -> None:
    """Ask about a run that is under way."""
    running(window)
    window.ending.ask_at_quit()


def at_close(window: MainWindow) -> None:
    """Ask the same where there is no menu bar to go on in."""
    running(window)
    window.ending.ask_at_close()


def about(window: MainWindow) -> None:
    """Say what this is, and what it runs on."""
    from PySide6.QtWidgets import QPushButton

    window.tabs.setCurrentWidget(window.train)
    window.about()
    wait(part(window, QPushButton, "about_copy").isEnabled, "what it runs on")


def guide(window: MainWindow) -> None:
    """Open the help book at a page."""
    window.show_help("overfitting")


def guide_search(window: MainWindow) -> None:
    """Search the help book."""
    from PySide6.QtWidgets import QLineEdit

    window.show_help()
    part(window, QLineEdit, "guide_search").setText("memory")


def first_steps(window: MainWindow) -> None:
    """List all the first steps."""
    from PySide6.QtWidgets import QWidget

    if part(window, QWidget, "first_steps").isVisible():
        press(window, "first_steps_all")
    else:
        window.show_first_steps()
