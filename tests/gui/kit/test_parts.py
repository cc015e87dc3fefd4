"""The small pieces: labels that shorten or wrap their text follow the size of type while they are shown."""

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from gui.kit.parts import Elided, Wrapped, column

WORDS = "664K parameters, of which 262K stand in the table of tokens and 394K in the blocks"


@pytest.fixture
def page(qtbot, stylist):
    made = QWidget()
    column(made)
    qtbot.addWidget(made)
    made.resize(240, 300)
    made.show()
    return made


def grow(stylist):
    stylist.set_text_scale(1.5)
    QApplication.processEvents()


@pytest.fixture(autouse=True)
def _usual_size(stylist):
    yield
    stylist.set_text_scale(1.0)


def test_a_wrapped_text_gets_higher_with_its_type(page, stylist):
    label = Wrapped(WORDS, "caption")
    page.layout().addWidget(label)
    QApplication.processEvents()
    before = label.height()
    grow(stylist)
    assert label.height() > before
    assert label.height() == label.heightForWidth(label.width())
    stylist.set_text_scale(1.0)
    QApplication.processEvents()
    assert label.height() == before


def test_a_wrapped_text_is_no_higher_than_a_shorter_one_needs(page):
    label = Wrapped(WORDS, "caption")
    page.layout().addWidget(label)
    QApplication.processEvents()
    before = label.height()
    label.tell("672K parameters")
    assert label.height() < before


def test_a_shortened_text_is_shortened_anew_for_larger_type(page, stylist):
    label = Elided(WORDS, "caption")
    page.layout().addWidget(label)
    QApplication.processEvents()
    before = label.text()
    grow(stylist)
    assert len(label.text()) < len(before)
    assert label.fontMetrics().horizontalAdvance(label.text()) <= label.width()


def test_of_a_line_of_facts_those_that_do_not_fit_are_left_out_whole(qtbot):
    label = Elided("240 tokens  ·  14 tokens/s")
    qtbot.addWidget(label)
    label.show()
    first = label.fontMetrics().horizontalAdvance("240 tokens")
    label.resize(first + 40, 20)
    assert label.text() == "240 tokens"
    label.resize(first - 10, 20)
    assert label.text().endswith("…")
    label.resize(first * 4, 20)
    assert label.text() == label.whole()


def test_a_name_that_tells_most_at_its_end_is_cut_in_the_middle(qtbot):
    label = Elided("Complete Shakespeare, Monday 16:22", middle=True)
    qtbot.addWidget(label)
    label.show()
    label.resize(label.fontMetrics().horizontalAdvance("Complete Shakespeare"), 20)
    assert "…" in label.text()
    assert label.text().startswith("Comp")
    assert label.text().endswith("16:22")
