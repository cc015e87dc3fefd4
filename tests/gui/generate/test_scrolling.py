"""What is looked at stays in place when a branch takes the place of another; a growing end is followed."""

import pytest
from PySide6.QtWidgets import QApplication

from engine.core.events import Alternative
from gui.generate.columns import Columns
from gui.generate.passage import Passage, Strand
from gui.generate.take import Take
from gui.generate.token_text import TokenText
from tests.gui.generate.hands import CHOICE, CONFIG, grown, token

LINES = [f" line {n}\n" for n in range(200)]
OTHER = Alternative(token=99, text=" else", probability=0.1, chance=0.1)


def a_strand():
    return Strand([grown(Take.first(CHOICE, CONFIG), *LINES)])


@pytest.fixture
def view(qtbot, stylist):
    made = TokenText("view", "Texts")
    qtbot.addWidget(made)
    made.resize(500, 300)
    made.show()
    made.add(a_strand(), ["heading"])
    return made


def height_of(view, words):
    """Return where on the screen some words stand."""
    return view.cursorRect(view.document().find(words)).top()


def branch(view, piece):
    """Branch at a piece, and return the take that is to grow."""
    strand = view.strands()[0]
    strand.add(strand.shown.branched(piece, OTHER, CONFIG))
    view.show_branch(strand, ["heading"])
    return strand.shown


def grow(view, take, lines):
    take.pieces += [grown(Take.first(CHOICE, CONFIG), line).pieces[-1] for line in lines]
    view.flush()


def test_the_text_over_a_fork_stays_where_it_is_although_the_branch_is_short(view):
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum())
    before = height_of(view, "line 195")
    take = branch(view, 198)
    assert height_of(view, "line 195") == before
    for lines in (LINES[:1], LINES[:5], LINES):
        grow(view, take, lines)
        assert height_of(view, "line 195") == before
    bar = view.verticalScrollBar()
    assert bar.maximum() == round(view.document().size().height()) - view.viewport().height()
    assert view.document().rootFrame().frameFormat().bottomMargin() == view.document().documentMargin()  # all room used


def test_a_fork_out_of_sight_is_gone_to(view):
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum())
    branch(view, 50)
    assert 0 <= height_of(view, "else") <= view.viewport().height()
    view.verticalScrollBar().setValue(0)
    branch(view, 40)
    assert 0 <= height_of(view, "else") <= view.viewport().height()


def test_the_end_is_followed_again_once_the_person_goes_there(view):
    take, bar = branch(view, 150), view.verticalScrollBar()
    grow(view, take, LINES)
    assert bar.value() < bar.maximum()
    bar.setValue(bar.maximum())
    grow(view, take, LINES)
    assert bar.value() == bar.maximum()


def test_columns_scroll_together_and_one_that_grows_does_not_pull_the_others(qtbot, stylist):
    columns = Columns()
    qtbot.addWidget(columns)
    columns.resize(700, 300)
    columns.show()
    columns.show_passage(Passage([a_strand(), a_strand(), a_strand()]))
    QApplication.processEvents()
    bars = [view.verticalScrollBar() for view in columns.views]
    bars[1].setValue(120)
    assert [bar.value() for bar in bars] == [120, 120, 120]
    bars[0].setValue(bars[0].maximum())
    bars[2].setValue(40)
    growing = columns.passage.strands[0].shown
    bars[0].blockSignals(True)  # this one alone goes to its end
    bars[0].setValue(bars[0].maximum())
    bars[0].blockSignals(False)
    growing.take(token("more\n" * 20))
    columns.views[0].flush()
    assert bars[0].value() == bars[0].maximum()
    assert [bar.value() for bar in bars[1:]] == [40, 40]
