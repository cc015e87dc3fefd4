"""The help book: complete, searchable, and open at the page that was asked for."""

import pytest
from PySide6.QtWidgets import QLabel, QLineEdit, QTextBrowser, QToolButton, QTreeWidget, QWidget

from engine.core.config import explanations
from engine.core.errors import OutOfMemoryError
from gui.guide.window import GuideWindow
from gui.kit.book import page


@pytest.fixture
def book(qtbot, stylist):
    window = GuideWindow()
    qtbot.addWidget(window)
    return window


def text(book):
    return book.findChild(QTextBrowser, "guide_text").toPlainText()


def test_the_book_opens_at_a_setting_and_at_a_fault(book):
    book.open_at("setting/learning_rate")
    assert explanations()["learning_rate"]["what"] in text(book)
    book.open_at("out_of_memory")
    assert "Halve batch_size" in text(book)


@pytest.mark.parametrize("typed", ["menu bar item", "menu-bar item", "not in the menu bar", "mask"])
def test_who_misses_the_menu_bar_item_learns_where_macos_allows_it(book, typed):
    book.findChild(QLineEdit, "guide_search").setText(typed)
    found_there = book.findChild(QTreeWidget, "guide_contents")
    assert found_there.topLevelItemCount() > 0
    told = text(book)
    assert "System Settings, Menu Bar" in told
    assert "Dock" in told  # the way in without it


def test_typing_lists_what_fits_and_turns_to_it(book, qtbot):
    book.open_at("01-start-small")
    search = book.findChild(QLineEdit, "guide_search")
    search.setText("temperature")
    assert "emperature" in text(book)
    search.setText("xylophone")
    contents = book.findChild(QTreeWidget, "guide_contents")
    assert contents.topLevelItemCount() == 0
    assert any(each.text() == "Nothing found" and not each.isHidden() for each in book.findChildren(QLabel))
    search.clear()
    assert contents.topLevelItemCount() == 3


def test_the_book_opens_from_the_menu_a_field_and_a_note(open_window, qtbot):
    window = open_window()
    window.menus.action("help").trigger()
    book = window.findChild(QWidget, "guide_window")
    assert book.isVisible()
    window.train.setup.findChild(QToolButton, "help_dropout").click()
    assert explanations()["dropout"]["what"] in text(book)
    window.train.state.end(OutOfMemoryError("There is not enough memory.", code="out_of_memory"))
    window.train.show_run(window.train.state)
    window.train.stage.findChild(QWidget, "note_help").click()
    assert page("out_of_memory").title in text(book)
    book.close()
