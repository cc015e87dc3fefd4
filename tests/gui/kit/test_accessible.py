"""Whatever a person can use has a name that is spoken and a name that tests and scripts find it by."""

import ast
import re
from pathlib import Path
from typing import NamedTuple

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QFileDialog,
    QGraphicsScene,
    QHeaderView,
    QLineEdit,
    QMessageBox,
    QPlainTextEdit,
    QProgressBar,
    QScrollBar,
    QTabBar,
    QTextEdit,
    QWidget,
)

from engine.core.config import TrainConfig
from engine.core.errors import Fix, OutOfMemoryError
from engine.core.paths import runs_dir
from engine.planning.own_presets import save_preset
from engine.runs.listing import summary
from gui.runs.export_sheet import ExportSheet
from gui.runs.pack_sheet import PackSheet, UnpackSheet
from gui.train.share_sheet import open_share_sheet
from tests.gui.fake_run import evaluation, recorded, started, step
from tests.gui.hands import show_details

CONTROLS = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QTabBar,
    QTextEdit,
)
CONTAINERS = {"menu_file", "menu_edit", "menu_train", "menu_view", "menu_window", "menu_help"}
PARTS_OF_OTHERS = (QAbstractSpinBox, QComboBox, QLineEdit, QAbstractItemView, QTabBar)


def controls(root):
    """Yield every control in a window, but what Qt puts into its own: scroll bars, the list of a box, its field."""
    for each in root.findChildren(QWidget):
        reached = isinstance(each, CONTROLS) or each.focusPolicy() & Qt.FocusPolicy.TabFocus
        of_system = isinstance(each.window(), QFileDialog)
        if reached and not isinstance(each, QScrollBar | QHeaderView) and not is_inner(each) and not of_system:
            yield each


def is_inner(control):
    """Tell whether a control is a part that Qt puts inside another: a box's list and its field, what scrolls."""
    around = control.parentWidget()
    if isinstance(around, QAbstractScrollArea) and around.viewport() is control:
        return True
    while around is not None and not isinstance(around, PARTS_OF_OTHERS):
        around = around.parentWidget()
    return around is not None or control.objectName().startswith("qt_")


def spoken(control):
    """Return what a screen reader says: the name given, else the words on a button."""
    words = control.text() if isinstance(control, QAbstractButton) else ""
    return control.accessibleName() or words


class Control(NamedTuple):
    """A control, or an item of a menu, as it was when its window was open."""

    window: str
    name: str
    says: str
    where: str


def looked_at(root):
    """Yield every control and menu item of a window and of the windows over it, those of dialogs by their text."""
    for each in controls(root):
        button = isinstance(each.window(), QMessageBox) and isinstance(each, QAbstractButton)
        name = each.objectName() or (f"{each.window().objectName()} {each.text()}" if button else "")
        yield Control(each.window().objectName(), name, spoken(each), where(each))
    for each in root.findChildren(QAction):
        of_qt = each.objectName().startswith(("_q_", "qt_")) or isinstance(each.parent(), QGraphicsScene)
        if each.text() and each.isVisible() and not of_qt:
            name = each.menu().objectName() if each.menu() else each.objectName()
            yield Control("menus", name, each.text(), where(each))


def sheets_over(window, run, archive, preset="Mine"):
    """Open every sheet and popup of the window, one after the other; give each window once it is open."""
    setup = window.train.setup
    show_details(window)
    for make in (
        setup.findChild(QComboBox, "preset_picker").showPopup,
        lambda: choose_other_minutes(setup.findChild(QComboBox, "minutes_picker")),
        lambda: ExportSheet(run, window._engine, window).open(),
        lambda: PackSheet(run, window._engine, window).open(),
        lambda: UnpackSheet(archive, window._engine, window).open(),
        lambda: open_share_sheet(window, run.path),
        window.about,
        window.show_settings,
        window.show_help,
        window.show_first_steps,
        window.ending.ask_at_quit,
        window.ending.ask_at_close,
        lambda: window.train.comparison.ask(window, None),
        lambda: setup.findChild(QAbstractButton, "preset_save").click(),
        lambda: setup.choose_preset(preset),
        lambda: setup.findChild(QAbstractButton, "preset_rename").click(),
        lambda: setup.findChild(QAbstractButton, "preset_delete").click(),
    ):
        make()
        yield window
        for each in window.findChildren(QWidget):
            if each.isWindow():
                each.close()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def choose_other_minutes(picker):
    """Ask for a number of minutes that is not in the list."""
    picker.activated.emit(picker.count() - 1)


@pytest.fixture
def everything(open_window, tmp_path):
    """Return every control there is, in every window, with all that may be said in it."""
    (tmp_path / "diary.txt").write_text("Dear diary.\n" * 200)
    (tmp_path / "bad.tar.gz").touch()
    save_preset("Mine", TrainConfig())
    run = recorded(runs_dir() / "one", started(), evaluation(0, 4.0), step(0), step(10))
    run.checkpoint.touch()
    window = open_window()
    error = OutOfMemoryError("There is not enough memory.", fixes=[Fix("Halve", "restart"), Fix("Stop", "stop")])
    window.train.state.end(error)
    window.train.show_run(window.train.state)
    for notice in (window.runs._notice, window.data._notice, window.generate._notice):
        notice.tell_error(error)
    window.data.add([tmp_path / "diary.txt"])
    QApplication.processEvents()
    found = set()
    for each in sheets_over(window, summary(run.path), tmp_path / "bad.tar.gz"):
        found.update(looked_at(each))
    return found | set(looked_at(window.tray.menu))


def test_every_control_is_named(everything):
    windows = """main_window settings_window guide_window first_steps_list about_box export_sheet pack_sheet
        share_sheet unpack_sheet quit_sheet close_sheet run_chooser preset_sheet preset_delete_sheet preset_choices
        minutes_sheet menus"""
    assert {each.window for each in everything} == set(windows.split())
    nameless = sorted(f"{each.says} in {each.where}" for each in everything if not each.name)
    assert not nameless, "\n".join(["no objectName:", *nameless])
    silent = sorted(each.name for each in everything if not each.says)
    assert not silent, "\n".join(["no accessible name:", *silent])


def test_every_control_is_driven_by_a_test(everything):
    """Crude, and useful: whatever is added must at least be named in a test, by itself or as one of a kind."""
    whole, kinds = set(), []
    for file in Path(__file__).parents[1].rglob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))) if file != Path(__file__) else ():
            if isinstance(node, ast.JoinedStr):
                parts = [re.escape(part.value) if isinstance(part, ast.Constant) else ".+" for part in node.values]
                kinds.append("".join(parts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                whole.update(node.value.split())
    one_of_a_kind = re.compile(
        "|".join(kind for kind in kinds if re.search(r"\w{4}", kind) and re.fullmatch(r"[\w.+]+", kind))
    )
    names = {each.name.removeprefix("action_") for each in everything if " " not in each.name} - CONTAINERS
    names = {name for name in names if not name.endswith("_progress")}
    missing = sorted(name for name in names if name not in whole and not one_of_a_kind.fullmatch(name))
    assert not missing, "no test knows: " + ", ".join(missing)


def where(control):
    names, parent = [type(control).__name__], control.parent()
    while parent is not None:
        names.append(parent.objectName() or type(parent).__name__)
        parent = parent.parent()
    return " < ".join(names)
