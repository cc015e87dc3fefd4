"""Words that change often, painted on one line."""

import pytest
from PySide6.QtWidgets import QWidget

from gui.kit.painted_words import Line, Word
from gui.kit.theme import Type

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def ground(qtbot):
    made = QWidget()
    made.resize(400, 40)
    qtbot.addWidget(made)
    return made


def inked(line, ground, width=200):
    """Return the first and the last column that has ink."""
    line.setParent(ground)
    line.setGeometry(0, 0, width, 30)
    picture = line.grab().toImage()
    back = picture.pixel(0, 0)
    columns = [x for x in range(picture.width()) if any(picture.pixel(x, y) != back for y in range(picture.height()))]
    return columns[0], columns[-1]


def test_what_has_no_text_is_left_out():
    line = Line(Word("5.76"), Word(""), Word("at 320"))
    assert line.text() == line.accessibleName() == "5.76 at 320"
    line.tell(Word("4.91"))
    assert line.text() == "4.91"


def test_words_that_change_want_no_other_room():
    line = Line(Word("1"), size=Type.TITLE)
    before = line.sizeHint()
    line.tell(Word("a much longer text", Type.TITLE, bold=True), Word("tokens/s"))
    assert line.sizeHint() == before


def test_there_is_room_for_the_widest_words():
    assert Line().sizeHint().width() == 0
    assert Line(widest="999 MB").minimumSizeHint().width() > Line(widest="9").minimumSizeHint().width() > 0


def test_words_stand_at_the_left_or_at_the_right(ground):
    first, last = inked(Line(Word("5.76"), Word("tokens/s")), ground)
    assert first < 10
    assert last < 150
    first, last = inked(Line(Word("5.76"), right=True), ground)
    assert first > 100
    assert last >= 195


def test_words_stand_close_when_they_get_shorter(ground):
    line = Line(Word("1,234.5K", Type.TITLE), Word("tokens/s"), size=Type.TITLE)
    _, long = inked(line, ground)
    line.tell(Word("3", Type.TITLE), Word("tokens/s"))
    assert inked(line, ground)[1] < long - 40


def test_what_finds_no_room_is_shortened(ground):
    line = Line(Word("a long name that goes on and on", dot="train"), Word("more"))
    assert inked(line, ground, 60)[1] < 60
    remark = Line(Word("5.76", Type.TITLE), Word("2.53 bits/byte"), size=Type.TITLE)
    bare = Line(Word("5.76", Type.TITLE), size=Type.TITLE)
    assert inked(remark, ground)[1] > inked(bare, ground)[1]
    assert inked(remark, ground, 100) == inked(bare, ground, 100)  # whole, or not at all
    assert inked(Line(Word("x", dot="train")), ground)[0] <= 1


@pytest.mark.parametrize("remark", ["2.60 bits/byte", "2.71 bits/byte", "at 11,320", "of 18 GB"])
def test_a_remark_is_whole_or_left_out(ground, remark):
    value = Word("4.94", Type.TITLE, bold=True)
    _, bare = inked(Line(value, size=Type.TITLE), ground)
    line = Line(value, Word(remark), size=Type.TITLE)
    _, whole = inked(line, ground)
    ends = {inked(line, ground, width)[1] for width in range(bare + 4, whole + 6)}
    assert bare in ends
    assert min(ends - {bare}) >= whole - 1
