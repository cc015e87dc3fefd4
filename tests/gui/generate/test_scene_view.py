import pytest
from PySide6.QtCore import QPointF, Qt

from gui.generate.scene_record import SceneRecord, SceneTurn
from gui.generate.scene_view import SceneView
from tests.gui.generate.hands import token
from tests.gui.generate.test_scene_bubbles import spoken


@pytest.fixture
def record():
    made = SceneRecord()
    for number in range(40):
        made.add(SceneTurn("ROMEO", "O, speak again") if number % 2 else spoken("JULIET", "Ay", " me"))
    return made


@pytest.fixture
def view(qtbot, record):
    made = SceneView()
    qtbot.addWidget(made)
    made.resize(600, 300)
    made.show()
    made.show_path(record.path, "ROMEO")
    qtbot.waitUntil(lambda: made.at_end and made.verticalScrollBar().value() > 0)
    return made


def test_it_follows_what_is_spoken_while_its_end_is_seen(qtbot, view, record):
    turn = record.add(spoken("JULIET", "Ay"))
    view.show_path(record.path, "ROMEO")
    for _ in range(60):
        turn.take.take(token(" again and again"))
    view.grew()
    bar = view.verticalScrollBar()
    qtbot.waitUntil(lambda: view._bubbles._sizes[-1].height() > view.height() and bar.value() == bar.maximum())


def test_it_stays_where_one_looks(qtbot, view, record):
    bar = view.verticalScrollBar()
    turn = record.add(spoken("JULIET", "Ay"))
    view.show_path(record.path, "ROMEO")
    qtbot.waitUntil(lambda: view.at_end)
    bar.setValue(10)
    before = bar.maximum()
    for _ in range(60):
        turn.take.take(token(" again and again"))
    view.flush()
    qtbot.waitUntil(lambda: bar.maximum() > before)
    assert bar.value() == 10


def test_the_turn_in_hand_is_the_chosen_one_else_the_last(qtbot, view, record):
    assert view.in_hand is record.path[-1]
    with qtbot.waitSignal(view.chosen):
        view.setCurrentIndex(view.rows.index(3))
    assert view.in_hand is record.path[3]
    view.show_path(record.path, "ROMEO")
    assert view.in_hand is record.path[-1]


def test_an_arrow_is_pressed(qtbot, view, record):
    last = record.path[-1]
    other = record.replace(last, SceneTurn("ROMEO", "Speak!"))
    view.show_path(record.path, "ROMEO")
    qtbot.waitUntil(lambda: view.at_end)
    row = len(record.path) - 1
    place = QPointF(view._bubbles.place(row).topLeft()) + QPointF(view._bubbles.bubble(row).steps.center())
    with qtbot.waitSignal(view.stepped) as told:
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=(place - QPointF(9, 0)).toPoint())
    assert told.args == [other, -1]


def test_a_token_is_pointed_at_only_while_one_sees_inside(qtbot, view, record):
    told = []
    view.pointed.connect(lambda turn, piece, where: told.append((turn, piece, where)))
    row = len(record.path) - 2
    bubble, place = view._bubbles.bubble(row), QPointF(view._bubbles.place(row).topLeft())
    number, begin, end = list(bubble.spans())[1]
    point = next(bubble.rects(begin, end)).center() + place
    qtbot.mouseMove(view.viewport(), point.toPoint())
    assert told == []
    view.see_inside(True)
    with qtbot.waitSignal(view.pointed):
        qtbot.mouseMove(view.viewport(), (point + QPointF(1, 0)).toPoint())
    turn, piece, where = told[-1]
    assert (turn, piece) == (record.path[row], number)
    assert where.contains(point.toPoint())
    with qtbot.waitSignal(view.left):
        qtbot.mouseMove(view.viewport(), QPointF(1, 1).toPoint())


def test_an_empty_scene_invites(view):
    view.show_path([], "ROMEO")
    view.invite("")
    empty = view.grab().toImage()
    view.invite("Write a line, and it answers.")
    assert view.grab().toImage() != empty


def test_lines_break_anew_only_where_bubbles_have_another_room(qtbot, view):
    before = list(view._bubbles._sizes)
    view.resize(640, 300)
    assert view._bubbles._sizes == before
    view.resize(120, 300)
    qtbot.waitUntil(lambda: view._bubbles._sizes != before)
