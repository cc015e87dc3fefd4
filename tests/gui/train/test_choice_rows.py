"""How the list of a word in the sentence is shown."""

import pytest
from PySide6.QtCore import QModelIndex
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QStyleOptionViewItem

from gui.kit import theme
from gui.train.choice_rows import DETAIL
from gui.train.sentence import SentencePicker


@pytest.fixture
def picker(qtbot, stylist):
    made = SentencePicker("any_picker", "Anything")
    qtbot.addWidget(made)
    made.addItems(["one", "two"])
    made.insertSeparator(2)
    made.addItem("another")
    made.show()
    return made


def room(picker, at):
    index = picker.model().index(at, 0, QModelIndex())
    return picker.itemDelegate().sizeHint(QStyleOptionViewItem(), index)


def colors(picker):
    """Return the colors that the open list is painted in."""
    picker.showPopup()
    picture = picker.view().viewport().grab().toImage()
    picker.hidePopup()
    return {picture.pixel(x, y) for x in range(picture.width()) for y in range(picture.height())}


def test_a_choice_with_a_detail_has_two_lines_and_a_line_between_choices_little_room(picker):
    plain = room(picker, 0).height()
    picker.setItemData(0, "what it is", DETAIL)
    assert room(picker, 0).height() > plain
    assert room(picker, 1).height() == plain
    assert room(picker, 2).height() < plain / 2


def test_the_list_is_in_ordinary_type_whatever_the_sentence_is_in(picker):
    small = room(picker, 0).height()
    picker.setProperty("role", "phrase")
    assert room(picker, 0).height() == small < picker.fontMetrics().height() * 2


def test_what_is_pointed_at_stands_out_and_details_are_quiet(picker):
    look = theme.current()
    assert QColor(look.colors.accent).rgb() in colors(picker)
    assert QColor(look.colors.secondary).rgb() not in colors(picker)
    picker.setItemData(1, "What it is in a line that is long enough", DETAIL)
    assert QColor(look.colors.line).rgb() in colors(picker)
