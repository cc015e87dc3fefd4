"""The scenes of the Runs tab: its list, what is done with a run, and nothing yet."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from scripts.screenshots.recorded import HOME, settle

if TYPE_CHECKING:
    from gui.window import MainWindow


def runs(select: int) -> Callable[[MainWindow], None]:
    """Select one run, or all."""

    def scene(window: MainWindow) -> None:
        from PySide6.QtWidgets import QTableView

        window.tabs.setCurrentWidget(window.runs)
        table = window.findChild(QTableView, "runs_table")
        assert isinstance(table, QTableView)
        table.selectAll() if select > 1 else table.selectRow(0)

    return scene


def no_runs(window: MainWindow) -> None:
    """Show the list before there is any."""
    (HOME / "runs").rename(HOME / "runs-away")
    try:
        window.tabs.setCurrentWidget(window.train)
        window.tabs.setCurrentWidget(window.runs)
        settle()
    finally:
        (HOME / "runs-away").rename(HOME / "runs")


def export(window: MainWindow) -> None:
    """Ask for the format."""
    from PySide6.QtWidgets import QPushButton

    runs(1)(window)
    start = window.findChild(QPushButton, "run_export_button")
    assert isinstance(start, QPushButton)
    start.click()


def pack(window: MainWindow) -> None:
    """Ask where a run is to be packed to."""
    runs(1)(window)
    window.runs.continue_elsewhere()
