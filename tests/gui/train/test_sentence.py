"""Words and what is chosen between them."""

import pytest
from PySide6.QtWidgets import QWidget

from gui.kit.parts import button
from gui.train.sentence import Sentence, SentencePicker


def made():
    picker = SentencePicker("any_picker", "Anything")
    picker.addItems(["Quick", "Complete Shakespeare", "a very long name of a text " * 8])
    return picker


@pytest.fixture
def picker(qtbot, stylist):
    shown = made()
    qtbot.addWidget(shown)
    shown.ensurePolished()
    return shown


def test_a_picker_is_as_wide_as_what_is_chosen(picker):
    widths = []
    for at in range(3):
        picker.setCurrentIndex(at)
        widths.append(picker.sizeHint().width())
    assert widths == sorted(set(widths))
    assert widths[2] < picker.fontMetrics().horizontalAdvance(picker.itemText(2)) / 2
    assert picker.minimumSizeHint().width() < widths[0]


def test_without_a_choice_it_says_what_there_is_instead(picker):
    picker.setCurrentIndex(-1)
    empty = picker.sizeHint().width()
    picker.setPlaceholderText("a run’s settings")
    assert picker.sizeHint().width() > empty


@pytest.mark.usefixtures("stylist")
def test_a_word_goes_on_the_next_line_with_what_follows_it(qtbot):
    picker, other, end = made(), made(), button("end", "Train", lambda: None)
    sentence = Sentence((("Learn from", picker), ("for", other)), end)
    qtbot.addWidget(sentence)
    sentence.resize(sentence.sizeHint().width(), 200)
    sentence.show()
    top = lambda part: part.mapTo(sentence, part.rect().center()).y()  # noqa: E731
    qtbot.waitUntil(lambda: top(picker) == top(other) == top(end))
    sentence.resize(picker.parentWidget().sizeHint().width() + 10, 200)
    qtbot.waitUntil(lambda: top(picker) < top(other) == top(end))
    sentence.stand(first=True)
    qtbot.waitUntil(lambda: other.parentWidget().x() > 0)
    large = picker.sizeHint()
    sentence.stand(first=False)
    qtbot.waitUntil(lambda: picker.sizeHint().width() < large.width())
    qtbot.waitUntil(lambda: other.parentWidget().x() == 0)


@pytest.mark.usefixtures("stylist")
def test_what_is_chosen_first_is_shortened_before_the_button_goes_below(qtbot):
    picker, other, end = made(), made(), button("end", "Train", lambda: None)
    picker.setCurrentIndex(1)
    sentence = Sentence((("Learn from", picker), ("for", other)), end)
    qtbot.addWidget(sentence)
    sentence.show()
    one_line = sentence.sizeHint().height()
    for less, shortened in ((0, 0), (8, 8), (16, 16), (0, 0)):
        sentence.resize(_whole(sentence, picker) - less, 200)
        qtbot.waitUntil(lambda wanted=shortened: picker.width() == picker.whole.width() - wanted)
        assert sentence.layout().heightForWidth(sentence.width()) == one_line
    for too_much in (0.15, 1.0):  # "Complet…espeare" is no name, and in two lines there is room for all of it
        sentence.resize(_whole(sentence, picker) - round(too_much * picker.whole.width()), 200)
        qtbot.waitUntil(lambda: sentence.layout().heightForWidth(sentence.width()) > one_line)
        assert picker.sizeHint() == picker.whole


@pytest.mark.usefixtures("stylist")
@pytest.mark.parametrize("aside", [0, 200, 380])
def test_its_list_stays_inside_the_window(qtbot, aside):
    window, picker = QWidget(), made()
    qtbot.addWidget(window)
    window.setGeometry(120, 60, 500, 300)
    picker.setParent(window)
    picker.setGeometry(aside, 20, 100, 30)
    window.show()
    picker.showPopup()
    opened = picker.view().window().geometry()
    picker.hidePopup()
    assert opened.width() > 400, "each line is longer than the window is wide"
    assert window.geometry().left() <= opened.left()
    assert opened.right() <= window.geometry().right()


def _whole(sentence, picker):
    """Return the width of the sentence in one line, with nothing shortened."""
    return sentence.layout().sizeHint().width() - picker.sizeHint().width() + picker.whole.width()
