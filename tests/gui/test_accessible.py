"""Whatever a person can use has a name that is spoken and a name that tests and scripts find it by."""

import pytest
from fake_run import recorded, started, step
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QScrollBar,
    QTabBar,
    QTextEdit,
    QWidget,
)

from engine.paths import runs_dir
from gui.about import AboutBox
from gui.runs.export_sheet import ExportSheet

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
PARTS_OF_OTHERS = (QAbstractSpinBox, QComboBox, QLineEdit, QAbstractItemView, QTabBar)


def controls(root):
    """Give every control in a window, but what Qt puts into its own: scroll bars, the list of a box, its field."""
    for each in root.findChildren(QWidget):
        reached = isinstance(each, CONTROLS) or each.focusPolicy() & Qt.FocusPolicy.TabFocus
        if reached and not isinstance(each, QScrollBar | QHeaderView) and not is_inner(each):
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
    """Give what a screen reader says: the name given, else the words on a button."""
    words = control.text() if isinstance(control, QAbstractButton) else ""
    return control.accessibleName() or words


@pytest.fixture
def everything(open_window):
    """Give every window there is, with all its parts."""
    recorded(runs_dir() / "one", started(), step(0), step(10))
    window = open_window()
    window.tabs.complete()
    window.show_settings()
    window.show_help()
    window.about()
    window.runs.refresh()
    sheet = ExportSheet(window.runs._runs[0], window._engine, window)
    sheet.open()
    window.show_first_steps()
    QApplication.processEvents()
    yield window
    sheet.reject()
    for each in window.findChildren(QWidget):
        if each.isWindow():
            each.close()


def test_every_control_is_named(everything):
    found = list(controls(everything))
    seen = {type(each.window()).__name__ for each in found}
    assert {"MainWindow", "SettingsWindow", "GuideWindow", "StepList", AboutBox.__name__, "ExportSheet"} <= seen
    nameless = [f"{type(each).__name__} in {where(each)}" for each in found if not each.objectName()]
    assert not nameless, "\n".join(["no objectName:", *nameless])
    silent = [each.objectName() for each in found if not spoken(each)]
    assert not silent, "\n".join(["no accessible name:", *silent])


def where(control):
    names, parent = [], control.parentWidget()
    while parent is not None:
        names.append(parent.objectName() or type(parent).__name__)
        parent = parent.parentWidget()
    return " < ".join(names)
