"""The words that a model wrote: which type they are in, how they are revealed, and where they stand."""

from itertools import groupby

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QApplication, QLabel

from gui.kit import preferences, theme
from gui.kit.theme import Size, Type
from gui.train.script import PIECE, Script, TitledScript

LONG = "To be, or not to be: that is the question. " * 10


@pytest.fixture
def script(qtbot, stylist):
    made = Script()
    qtbot.addWidget(made)
    made.resize(1000, 400)
    made.show_large(True)
    made.show()
    return made


def test_a_new_text_is_revealed_piece_by_piece_from_its_beginning(qtbot, script):
    script.show_words(LONG, within_ms=1_500)
    assert script.toPlainText() == LONG[:PIECE]
    assert script.revealing
    pieces = []
    script.document().contentsChange.connect(lambda at, removed, added: pieces.append((at, removed, added)))
    qtbot.waitUntil(lambda: script.toPlainText() == LONG)
    assert not script.revealing
    assert pieces[0] == (PIECE, 0, PIECE)  # added at the end: what stood there is left alone
    assert script.verticalScrollBar().value() == 0


def test_a_newer_text_takes_the_place_of_one_that_is_not_all_there(script):
    script.show_words(LONG, within_ms=1_500)
    script.show_words("Noise", within_ms=1_500)
    assert script.toPlainText() == "Noise"
    assert not script.revealing


def test_a_long_text_is_not_revealed_for_longer_than_another(script):
    script.show_words("to be " * 10_000, within_ms=1_500)
    assert len(script.toPlainText()) == 60_000 // 25


def test_nothing_moves_where_motion_is_reduced_nor_out_of_sight(script):
    preferences.set_flag("reduce_motion", True)
    script.show_words(LONG, within_ms=1_500)
    assert script.toPlainText() == LONG
    preferences.set_flag("reduce_motion", False)
    script.hide()
    script.show_words(LONG + "x", within_ms=1_500)
    assert script.toPlainText() == LONG + "x"


def test_bytes_that_are_no_character_yet_are_quiet_dots(script):
    script.show_words("King\ufffd\ufffd of\x1c\n\tmen")
    assert script.toPlainText() == "King·· of·\n\tmen"
    colors = [piece.fragment().charFormat().foreground().color().name() for piece in script.document().firstBlock()]
    assert colors == ["#000000", theme.current().colors.secondary, "#000000", theme.current().colors.secondary]


@pytest.mark.parametrize(
    ("dataset", "role"),
    [
        ("shakespeare_complete", "verse"),
        ("shakespeare", "verse"),
        ("names", "code"),
        ("chess_openings", "code"),
        ("python_library", "code"),
        ("a text of mine", "verse"),
        ("", "verse"),
    ],
)
def test_prose_and_plays_are_in_a_serif_and_what_is_read_by_lines_as_code_is(script, dataset, role):
    script.show_as(dataset)
    assert script.property("role") == role
    families = theme.serif_families() if role == "verse" else theme.mono_families()
    assert script.font().family() == families[0]
    script.show_large(False)
    assert script.property("role") == "script"


def inked(script):
    """Return the heights of the rows of pixels in which something is written, one after the other."""
    image = script.viewport().grab().toImage()
    paper = image.pixel(0, image.height() - 1)
    rows = [any(image.pixel(x, y) != paper for x in range(0, image.width(), 3)) for y in range(image.height())]
    return [len(list(group)) for written, group in groupby(rows) if written]


def test_large_words_stand_in_the_middle_of_a_good_measure(script):
    left, right = script.viewport().x(), script.width() - script.viewport().geometry().right() - 1
    assert script.viewport().width() == Size.MEASURE
    assert abs(left - right) <= 1
    script.resize(400, 400)
    assert script.viewport().width() > 300


@pytest.mark.parametrize("scroll", [0, 7])
def test_no_line_is_cut_at_the_foot_wherever_one_reads(script, scroll):
    script.show_words("HHHHHHHH\n" * 40)
    script.verticalScrollBar().setValue(scroll)
    counts = set()
    for height in range(380, 420):
        script.resize(1000, height)
        lines = inked(script)
        assert len(set(lines)) == 1, "each line is as high as the others"
        counts.add(len(lines))
    assert len(counts) >= 2, "as many as there is room for"


def test_lines_of_strange_letters_are_higher_and_not_cut_either(script):
    script.show_words("HHHHHHHH\n" * 5)
    high, cursor = QTextCharFormat(), QTextCursor(script.document().findBlockByNumber(4))
    high.setFont(theme.current().font(Type.DISPLAY * 2))
    cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
    cursor.mergeCharFormat(high)
    seen = set()
    for height in range(130, 230):
        script.resize(1000, height)
        seen.add(tuple(inked(script)))
    usual = min(lines[0] for lines in seen)
    assert {lines[:4] for lines in seen if len(lines) > 4} == {(usual,) * 4}
    assert len({lines[4:] for lines in seen if len(lines) > 4}) == 1, "it is whole, or not there"


def test_the_title_over_words_stands_in_line_with_them(qtbot, stylist):
    words = Script()
    titled = TitledScript(words, "Last words")
    qtbot.addWidget(titled)
    titled.show_title(True)
    titled.show()
    words.show_words("HHHH")
    for large, width in ((True, 1000), (True, 500), (False, 500)):
        words.show_large(large)
        titled.resize(width, 300)
        QApplication.processEvents()
        begins = words.viewport().mapTo(titled, QPoint()).x() + words.document().documentMargin()
        assert titled.findChild(QLabel).indent() == begins


def test_words_that_came_while_their_pane_was_hidden_are_wrapped_for_its_width(qtbot, script):
    script.hide()
    script.resize(400, 400)
    script.show_words("And is be a felicity in what I will be, to be the one that is no more than I.")
    script.show()
    first, margin = script.document().firstBlock().layout(), script.document().documentMargin()
    qtbot.waitUntil(lambda: 0 < first.lineCount() < 5)
    assert first.lineAt(0).width() == script.viewport().width() - 2 * margin
