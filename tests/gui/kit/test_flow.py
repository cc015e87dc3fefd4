"""A row that wraps: nothing in it is narrower than its words, and what is pushed stands at the right end."""

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from gui.kit.flow import flow
from gui.kit.parts import column
from gui.kit.theme import Space

WORDS = ("Edit", "Continue", "Try Again", "Stop", "Generate")


@pytest.fixture
def laid_out(qtbot):
    """Return a function that lays buttons out at a width, those after a None to the right."""
    pages = []

    def lay_out(width, words):
        page = QWidget()
        pages.append(page)
        qtbot.addWidget(page)
        buttons = [None if each is None else QPushButton(each) for each in words]
        layout = column(page)
        layout.addLayout(flow(*buttons))
        layout.addStretch()
        page.resize(width, 400)
        layout.activate()
        return [each for each in buttons if each is not None]

    return lay_out


def test_a_row_that_fits_is_one_line_and_pushes_its_end_to_the_right(laid_out):
    *_, stop, generate = buttons = laid_out(900, (*WORDS[:3], None, *WORDS[3:]))
    assert len({each.y() for each in buttons}) == 1
    assert generate.geometry().right() == 899
    assert stop.x() - buttons[2].geometry().right() > 100


def test_a_row_that_does_not_fit_wraps_and_cuts_nothing(laid_out):
    buttons = laid_out(260, WORDS)
    assert len({each.y() for each in buttons}) > 1
    assert all(each.width() >= each.sizeHint().width() for each in buttons)
    assert all(each.geometry().right() < 260 for each in buttons)
    places = [(each.y(), each.x()) for each in buttons]
    assert places == sorted(places)
    assert not any(
        one.geometry().intersects(other.geometry()) for one in buttons for other in buttons if one is not other
    )


def test_what_is_hidden_takes_no_room(laid_out):
    first, second = laid_out(400, ("One", "Two"))
    first.hide()
    first.parentWidget().layout().activate()
    assert second.x() == 0


def test_a_field_takes_what_is_left_of_its_line(qtbot):
    page, field, button = QWidget(), QLineEdit(), QPushButton("Search")
    qtbot.addWidget(page)
    field.setMinimumWidth(60)
    layout = column(page)
    layout.addLayout(flow(field, button))
    page.resize(500, 100)
    layout.activate()
    assert button.geometry().right() == 499
    assert field.width() == 500 - button.width() - Space.S
    layout.setGeometry(QRect(0, 0, button.width() + 10, 100))
    assert field.y() < button.y()


def test_a_line_can_stand_in_the_middle(qtbot):
    page, button = QWidget(), QPushButton("One")
    qtbot.addWidget(page)
    line = flow(button)
    line.center(True)
    layout = column(page)
    layout.addLayout(line)
    layout.setGeometry(QRect(0, 0, 400, 100))
    assert abs(button.geometry().center().x() - 200) <= 1
