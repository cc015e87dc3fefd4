import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QHelpEvent, QWheelEvent
from PySide6.QtWidgets import QToolTip

from engine.datasets.report import RARE
from engine.tokens.tokenizer import CharTokenizer
from gui.data.token_view import TokenView
from gui.data.tokens import TokenWords

LINES = 400
TEXT = "".join(f"line {number % 10}\n" for number in range(LINES)) + "q"


@pytest.fixture
def view(qtbot, tmp_path, stylist):
    tokenizer = CharTokenizer(sorted(set(TEXT)))
    ids = tokenizer.encoder()(TEXT)
    path = tmp_path / "train.bin"
    path.write_bytes(ids.tobytes())
    counts = [TEXT.count(char) for char in tokenizer.chars]
    made = TokenView()
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.show()
    made.show_tokens(path, tokenizer, TokenWords(tokenizer, counts, RARE))
    return made


def shown(view):
    return [row.text for row in view.visible_rows()]


def test_it_begins_at_the_beginning(view):
    assert shown(view)[:2] == ["line 0↵", "line 1↵"]
    assert view.length == len(TEXT)


def test_only_what_is_on_screen_is_laid_out(view):
    assert len(shown(view)) < 30
    assert len(view._pages._paragraphs) < 60


def test_the_scroll_bar_leads_anywhere_and_ends_at_the_end(view):
    bar = view.verticalScrollBar()
    bar.setValue(len("line 0\n") * 200)
    assert shown(view)[0] == "line 0↵"
    bar.setValue(bar.maximum())
    assert shown(view)[-1] == "q"
    assert view._rows_on_screen - len(shown(view)) in (0, 1)


def test_keys_go_from_token_to_token_and_row_to_row(qtbot, view):
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Right)
    qtbot.keyClick(view, Qt.Key.Key_Down)
    assert view.current == 8
    qtbot.keyClick(view, Qt.Key.Key_Left)
    qtbot.keyClick(view, Qt.Key.Key_Up)
    assert view.current == 0
    qtbot.keyClick(view, Qt.Key.Key_PageDown)
    assert view.current == 7 * view._rows_on_screen
    qtbot.keyClick(view, Qt.Key.Key_End)
    assert view.current == len(TEXT) - 1
    assert shown(view)[-1] == "q"
    qtbot.keyClick(view, Qt.Key.Key_Home)
    assert (view.current, shown(view)[0]) == (0, "line 0↵")


def test_a_text_that_is_longer_than_the_view_has_a_scroll_bar_at_once(qtbot, view):
    opened, words, bar = view._opened, view._words, view.verticalScrollBar()
    view.clear()
    qtbot.waitUntil(lambda: not bar.isVisible())
    view.show_tokens(*opened, words)
    qtbot.waitUntil(bar.isVisible)
    assert (view.current, shown(view)[0]) == (0, "line 0↵")


def test_a_token_is_told_to_those_who_do_not_see_it(qtbot, view):
    with qtbot.waitSignal(view.current_changed) as told:
        qtbot.keyClick(view, Qt.Key.Key_Right)
    assert told.args == [1]
    assert view.accessibleDescription().startswith("“i”")


def test_what_is_selected_can_be_copied(qtbot, view):
    for _ in range(3):
        qtbot.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "line"


def point_of(view, row, cell):
    one = view.visible_rows()[row].cells[cell]
    return next(
        QPoint(x, y)
        for y in range(0, view.viewport().height(), 3)
        for x in range(0, view.viewport().width(), 2)
        if (there := view.cell_at(QPoint(x, y), near=False)) and there.place == one.place
    )


def test_a_click_looks_at_a_token_and_a_drag_selects(qtbot, view):
    viewport = view.viewport()
    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, pos=point_of(view, 1, 2))
    assert view.current == 9
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=point_of(view, 1, 2))
    qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, pos=point_of(view, 2, 3))
    view.copy()
    assert QGuiApplication.clipboard().text() == "ne 1\nline"


def test_hovering_tells_id_count_and_bytes(view, monkeypatch):
    told = []
    monkeypatch.setattr(QToolTip, "showText", lambda place, text, widget: told.append(text))
    point = point_of(view, 0, 0)
    view.viewportEvent(QHelpEvent(QHelpEvent.Type.ToolTip, point, view.mapToGlobal(point)))
    assert told == [f"“l”  ·  id {view.token_at(0)}  ·  {LINES} times in the training part  ·  1 byte 6C"]


def wheel(view, pixels=0, notches=0):
    nothing = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
    at = QPointF(50, 50)
    view.wheelEvent(QWheelEvent(at, at, QPoint(0, pixels), QPoint(0, 120 * notches), *nothing, False))


def test_a_trackpad_scrolls_by_pixels_and_a_wheel_by_rows(view):
    wheel(view, pixels=-view._row_height - 5)
    assert shown(view)[0] == "line 1↵"
    assert view._shift == 5
    wheel(view, pixels=10_000)
    assert (shown(view)[0], view._shift) == ("line 0↵", 0)
    wheel(view, notches=-1)
    assert shown(view)[0] == "line 3↵"


def test_another_size_keeps_the_place(view):
    view.verticalScrollBar().setValue(7 * 200)
    before = shown(view)[0], view.visible_rows()[0].start
    view.resize(300, 500)
    assert (shown(view)[0], view.visible_rows()[0].start) == before


def test_rare_tokens_are_known(view):
    words = view._words
    assert words.is_rare(view.token_at(len(TEXT) - 1))
    assert not words.is_rare(view.token_at(0))


def test_nothing_is_shown_of_no_text(qtbot, view):
    view.clear()
    assert shown(view) == []
    assert view.token_at(0) is None
    qtbot.keyClick(view, Qt.Key.Key_Down)
    view.copy()
    view.repaint()
