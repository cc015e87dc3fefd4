"""What is made late is reached where it stands."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from gui.kit.focus_order import put_in_order


def order(qtbot, page):
    """Return the names of what the Tab key reaches, once round."""
    page.findChild(QPushButton).setFocus()
    found = []
    while (here := QApplication.focusWidget().objectName()) not in found:
        found.append(here)
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    return found


def test_one_part_is_gone_through_before_the_next(qtbot):
    page = QWidget()
    qtbot.addWidget(page)
    parts = [QWidget(page) for _ in range(3)]
    for number, part in enumerate(parts):
        for name in "ab":
            QPushButton(part).setObjectName(f"{name}{number}")
    with qtbot.waitActive(page):
        page.show()
        page.activateWindow()
    assert order(qtbot, page) == ["a0", "b0", "a1", "b1", "a2", "b2"]
    put_in_order(parts[0], parts[2])
    assert order(qtbot, page) == ["a0", "b0", "a2", "b2", "a1", "b1"]


def test_what_is_a_window_of_its_own_is_left_alone(qtbot, qtlog):
    page = QWidget()
    qtbot.addWidget(page)
    for name in "ab":
        QPushButton(page).setObjectName(name)
    QPushButton(QWidget(page, Qt.WindowType.Popup)).setObjectName("in a popup")
    put_in_order(page)
    assert not [each for each in qtlog.records if "setTabOrder" in each.message]
