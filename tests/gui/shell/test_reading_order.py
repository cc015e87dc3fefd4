"""The Tab key goes as one reads: on to what stands below or to the right, in every tab, page and sheet."""

import itertools

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QScrollArea, QTabBar, QWidget

from engine.core.config import TrainConfig
from engine.core.events import Sample
from engine.core.paths import runs_dir
from engine.datasets.prepare import prepare
from engine.planning.own_presets import save_preset
from engine.runs.listing import summary
from gui.kit.theme import Size
from tests.gui.fake_run import evaluation, finished, recorded, started, step
from tests.gui.kit.test_accessible import sheets_over


def stops(window):
    """Go once round a window with the Tab key; return what it stops at, from the upper left."""
    found = []
    window.activateWindow()
    QApplication.processEvents()
    can_be = [each for each in window.findChildren(QWidget) if each.isVisible() and reached(each)]
    if not can_be:  # a sheet whose work has just ended, on its way out
        return []
    can_be[0].setFocus()
    while (here := QApplication.focusWidget()) not in found:
        found.append(here)
        QTest.keyClick(here, Qt.Key.Key_Tab)
    corners = []
    for each in found:
        page = scrolled_with(each)  # seen wherever its page is, however far that is scrolled
        corners.append(place(each if page is None else page.parentWidget(), window).topLeft().toTuple()[::-1])
    at = corners.index(min(corners))
    return found[at:] + found[:at]


def place(widget, around):
    return QRect(widget.mapTo(around, QPoint()), widget.size())


def scrolled_with(widget):
    """Return what moves when a widget is scrolled, or None."""
    while widget is not None and not isinstance(widget.parentWidget().parentWidget(), QScrollArea):
        widget = widget.parentWidget() if widget.parentWidget().parentWidget() is not None else None
    return widget


def reached(widget):
    return widget.isEnabled() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus


def jumps(window):
    """Return where the Tab key goes up without going to the right, or back in a line."""
    found = []
    for one, other in itertools.pairwise(stops(window)):
        page = scrolled_with(one)
        around = page if page is not None and page is scrolled_with(other) else window
        here, there = place(one, around), place(other, around)
        up = there.center().y() < here.top() and there.center().x() < here.right()
        line = min(here.bottom(), there.bottom()) - max(here.top(), there.top())
        back = line > min(here.height(), there.height()) // 2 and there.center().x() < here.left()
        if (up or back) and not one.isAncestorOf(other):
            found.append(f"{name_of(one)} → {name_of(other)}")
    return found


def name_of(widget):
    return widget.objectName() or type(widget).__name__


@pytest.fixture
def window(open_window, tmp_path):
    """Return the window with runs and a text of one's own."""
    (tmp_path / "diary.txt").write_text("Dear diary, so it is.\n" * 100)
    prepare(str(tmp_path / "diary.txt"), tokenizer="char")
    save_preset("Mine", TrainConfig())
    told = started(), evaluation(0, 4.0), step(0), Sample(iter_num=50, prompt="", text="ROMEO:\nSo it is.")
    recorded(runs_dir() / "one", *told, evaluation(50, 3.0), finished("done", 50)).checkpoint.touch()
    made = open_window()
    made.resize(*Size.WINDOW)
    return made


@pytest.mark.parametrize("tab", ["train", "generate", "data", "runs"])
def test_tab_goes_as_one_reads(qtbot, window, tab):
    window.tabs.setCurrentWidget(getattr(window, tab))
    if tab == "runs":
        qtbot.waitUntil(lambda: bool(window.runs._table.selected()))
    QApplication.processEvents()
    first = stops(window)[0]
    assert isinstance(first, QTabBar)
    assert first.accessibleName()
    found = jumps(window)
    assert not found, "\n".join(found)


def test_tab_goes_as_one_reads_in_the_pages_of_a_text(qtbot, window, tmp_path):
    window.tabs.setCurrentWidget(window.data)
    window.data.refresh("diary")
    pages, found = window.data.findChild(QTabBar, "data_pages"), []
    for at in range(pages.count()):
        pages.setCurrentIndex(at)
        QApplication.processEvents()
        found += jumps(window)
    window.data.findChild(QAbstractButton, "gallery_button").click()
    QApplication.processEvents()
    found += jumps(window)
    window.data.add([tmp_path / "diary.txt"])
    qtbot.waitUntil(lambda: "different" in window.data._draft._found.text())
    QApplication.processEvents()
    assert not found + jumps(window)


def test_tab_goes_as_one_reads_in_every_sheet(window, tmp_path):
    (tmp_path / "bad.tar.gz").touch()
    found, seen = [], set()
    for _ in sheets_over(window, summary(runs_dir() / "one"), tmp_path / "bad.tar.gz"):
        QApplication.processEvents()
        for each in window.findChildren(QWidget):
            if each.isWindow() and each.isVisible():
                seen.add(each.objectName())
                found += [f"{each.objectName()}: {jump}" for jump in jumps(each)]
    assert {"settings_window", "about_box", "guide_window", "export_sheet", "pack_sheet"} <= seen
    assert not found
