"""Words set in lines: never wider nor more than there is room for, cut where more follows, read as they are read."""

import pytest
from PySide6.QtGui import QFont

from gui.train.typesetting import is_right_to_left, set_words

WIDTH = 200.0
HOSTILE = {
    "a very long word": "W" * 3000,
    "right to left": "שלום עולם, וזו שורה ארוכה שנקראת מימין. " * 9,
    "without spaces": "漢字仮名交じり文" * 60,
    "of several parts": "👩\u200d👩\u200d👧\u200d👦😀" * 80,
    "with marks": ("e" + "\u0301" * 8) * 200,
    "turned around": "\u202eabc \u2066def " * 60,
    "tabs": "\t\t\tx" * 50,
    "empty lines": "\n" * 50 + "end",
    "half a character": "\ud83d" * 50,
}


@pytest.fixture
def font(qapp):
    made = QFont()
    made.setPixelSize(20)
    return made


def lines_of(made):
    return [each.lineAt(n) for each in made.paragraphs for n in range(each.lineCount())]


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)
def test_whatever_is_written_fits(font, words):
    made = set_words(words, font, WIDTH, 5)
    assert made.lines <= 5
    assert all(line.naturalTextWidth() <= WIDTH for line in lines_of(made))
    assert max(line.y() for line in lines_of(made)) < made.height


@pytest.mark.parametrize("words", ["one two three " * 40, "one\ntwo\nthree\nfour", "👩\u200d👧😀" * 99])
def test_what_is_cut_ends_in_an_ellipsis(font, words):
    made = set_words(words, font, WIDTH, 3)
    assert made.lines == 3
    assert made.paragraphs[-1].text().endswith("…")


def test_what_fits_is_left_as_it_is(font):
    made = set_words("one\n\ntwo\n", font, WIDTH, 3)
    assert [each.text() for each in made.paragraphs] == ["one", "", "two"]


@pytest.mark.parametrize(
    ("words", "most", "ends"),
    [
        ("one\ntwo\n\nROMEO:\nthree", 3, "two…"),
        ("one\ntwo\n\nROMEO:\nthree", 4, "two…"),
        ("one\n\n\nROMEO:\n\nJULIET:", 9, "one…"),
        ("one\n\ntwo\n\n", 9, "two"),
        ("ROMEO:", 9, "ROMEO:"),
        ("\n\nROMEO:\nthree", 2, "…"),
    ],
)
def test_neither_an_empty_line_nor_a_bare_name_comes_last(font, words, most, ends):
    made = set_words(words, font, WIDTH, most)
    assert made.paragraphs[-1].text() == ends
    assert made.lines == len(lines_of(made)) == sum(max(each.lineCount(), 1) for each in made.paragraphs)


def test_where_there_is_no_room_nothing_is_set(font):
    assert set_words("one\ntwo", font, WIDTH, 0).lines == set_words("one", font, WIDTH, -1).lines == 0


def test_lines_stand_apart_by_the_leading(font):
    close, wide = (set_words("a\nb\nc", font, WIDTH, 9, leading) for leading in (1.0, 2.0))
    assert wide.height == pytest.approx(2 * close.height)


def test_a_line_that_is_read_from_the_right_begins_there(font):
    made = set_words("שלום", font, WIDTH, 1)
    assert lines_of(made)[0].naturalTextRect().right() == pytest.approx(WIDTH, abs=1)


@pytest.mark.parametrize(
    ("text", "right"), [("abc", False), ("12 שלום", True), ("مرحبا", True), ("...", False), ("", False)]
)
def test_the_first_letter_decides_from_where_it_is_read(text, right):
    assert is_right_to_left(text) is right
