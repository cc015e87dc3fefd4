"""The scenes of the Runs tab: its list, what is done with a run, and nothing yet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.screenshots.parts import part, settle, wait
from scripts.screenshots.recorded import HOME, RUN, name_of, without_runs

if TYPE_CHECKING:
    from gui.shell.window import MainWindow


def runs(select: int) -> Callable[[MainWindow], None]:
    """Select one run, or all."""

    def scene(window: MainWindow) -> None:
        from PySide6.QtWidgets import QTableView

        window.tabs.setCurrentWidget(window.runs)
        settle()
        table = part(window, QTableView, "runs_table")
        table.selectAll() if select > 1 else table.selectRow(0)

    return scene


def not_found(window: MainWindow) -> None:
    """Search for what is not there."""
    from PySide6.QtWidgets import QLineEdit

    runs(1)(window)
    part(window, QLineEdit, "runs_search").setText("macbeth")


def none(window: MainWindow) -> None:
    """Show the list before there is any."""
    with without_runs():
        window.tabs.setCurrentWidget(window.train)
        window.tabs.setCurrentWidget(window.runs)
        settle()


def thrown_away(window: MainWindow) -> None:
    """Say that a run is in the Trash, and offer to put it back."""
    from gui.kit.notice import Notice

    runs(1)(window)
    notice = part(window, Notice, "runs_notice")
    notice.tell(f"“{name_of(RUN)}” is in the Trash.", kind="notice", dismiss="OK")
    notice.add_button("Undo", "run_undo_button", lambda: None)


def export(window: MainWindow) -> None:
    """Ask for the format."""
    from PySide6.QtGui import QAction

    runs(1)(window)
    part(window, QAction, "run_export_action").trigger()
    settle()


def exported(window: MainWindow) -> None:
    """Show what became of an export."""
    from gui.runs.export_sheet import ExportSheet

    export(window)
    sheet = part(window, ExportSheet, "export_sheet")
    sheet.export_to(_fresh("story"))
    wait(lambda: sheet.is_done, "the export")


def pack(window: MainWindow) -> None:
    """Ask where a run is to be packed to."""
    runs(1)(window)
    window.runs.continue_elsewhere()


def packed(window: MainWindow) -> None:
    """Show what to type on the other machine."""
    from gui.runs.pack_sheet import PackSheet

    pack(window)
    sheet = part(window, PackSheet, "pack_sheet")
    sheet.pack_to(_fresh("story.tar.gz"))
    wait(lambda: sheet.is_done, "the packed run")


def unpack(window: MainWindow) -> None:
    """Open a file that is no packed run."""
    file = HOME / "torn.tar.gz"
    file.write_bytes(b"\x1f\x8b torn")
    window.open_path(str(file))
    settle()


def _fresh(name: str) -> Path:
    """Return a place to write to, with nothing there."""
    import shutil

    place = HOME / "written" / name
    shutil.rmtree(place.parent, ignore_errors=True)
    place.parent.mkdir(parents=True)
    return place
