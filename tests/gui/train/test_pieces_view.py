"""What there is to see while a text is made ready: its beginning, in pieces."""

import pytest
from PySide6.QtCore import QVariantAnimation
from PySide6.QtWidgets import QLabel

from engine.core.events import Turn
from gui.kit import preferences
from gui.train.jobs import Pieces
from gui.train.pieces_view import LINES, PiecesView
from gui.train.state import Phase

TOKENS = ("THE", "SE", "US", ":", "\n", "Now", ",", " fair", " H", "ipp", "\ufffd", "\n")


@pytest.fixture
def view(qtbot, stylist):
    made = PiecesView()
    qtbot.addWidget(made)
    made.resize(made.sizeHint())
    return made


def words(view):
    return [[piece for piece, *_ in line] for line in view.lines()]


def is_moving(view):
    return view.findChild(QVariantAnimation).state() is QVariantAnimation.State.Running


def test_lines_end_where_those_of_the_text_do_and_what_is_no_character_is_a_dot(view):
    view.show_pieces(TOKENS)
    assert words(view) == [["THE", "SE", "US", ":"], ["Now", ",", " fair", " H", "ipp", "·"]]
    assert view.isVisible()
    assert "THE | SE | US | :" in view.accessibleName()
    view.show_pieces(())
    assert not view.isVisible()


def test_no_line_is_wider_than_there_is_room_and_none_is_cut(view):
    view.show_pieces(["word "] * 500)
    assert len(words(view)) == LINES
    for line in view.lines():
        _, x, width, before = line[-1]
        assert x + width + before <= view.width()
    view.resize(view.width(), view.minimumSizeHint().height())
    assert len(words(view)) == 1


def test_pieces_move_apart_unless_motion_is_reduced(view):
    view.show_pieces(TOKENS)
    assert is_moving(view)
    view.hide()
    assert not is_moving(view)
    preferences.set_flag("reduce_motion", True)
    view.show_pieces(TOKENS[:3])
    assert view.isVisible()
    assert not is_moving(view)


def test_a_run_that_gets_ready_shows_the_pieces_of_its_text(qtbot, open_window):
    told = []

    def waits(config, control):
        told.append(config.dataset)
        while not control.stopping:
            yield Turn.IDLE

    window = open_window(waits)
    view = window.findChild(PiecesView, "pieces_view")
    said = window.findChild(QLabel, "invitation_words")
    assert not view.isVisible()
    window.train.start()
    assert not view.isVisible()
    assert "pieces" not in said.text()
    qtbot.waitUntil(view.isVisible)
    assert "breaks into the pieces" in said.text()
    assert "".join(view.pieces[:40]).startswith("THESEUS:\nNow, fair Hippolyta")  # of a text that is not prepared yet
    assert set(map(len, view.pieces)) == {1}
    qtbot.waitUntil(lambda: bool(told))
    window.train._take(Pieces(pieces=TOKENS))
    assert view.pieces[:3] == TOKENS[:3]
    window.train.stop()
    qtbot.waitUntil(lambda: window.train.state.phase not in (Phase.STARTING, Phase.STOPPING))
    window.train.start()
    assert view.pieces != TOKENS  # of the run before
    assert "pieces" not in said.text()
    window.train.stop()
    qtbot.waitUntil(lambda: not window.train.running)
