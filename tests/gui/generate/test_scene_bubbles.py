import pytest
from PySide6.QtCore import QPointF

from engine.core.config import SampleConfig
from gui.generate.scene_record import SceneRecord, SceneTurn
from gui.generate.scene_view import SceneView
from gui.generate.take import Take
from tests.gui.generate.hands import CHOICE, token


def spoken(speaker, *words):
    take = Take(CHOICE, SampleConfig(), [])
    for word in words:
        take.take(token(word))
    return SceneTurn(speaker, take=take)


@pytest.fixture
def record():
    made = SceneRecord()
    made.add(SceneTurn("ROMEO", "O, speak again!\nBright angel!"))
    made.add(spoken("JULIET", " \N{PERFORMING ARTS} Ay", " me,", " ", "\n", "Romeo"))
    made.add(SceneTurn("JULIET", "And " * 80))
    return made


@pytest.fixture
def view(qtbot, record):
    made = SceneView()
    qtbot.addWidget(made)
    made.resize(700, 600)
    made.show()
    made.show_path(record.path, "ROMEO")
    return made


def bubbles(view):
    return [view._bubbles.bubble(row) for row in range(len(view.rows.turns))]


def test_a_persons_stand_at_the_right_and_all_others_at_the_left(view):
    mine, *others = bubbles(view)
    width = view.viewport().width()
    assert width - mine.ground.right() < mine.ground.left()
    assert all(each.ground.left() < width - each.ground.right() for each in others)


def test_words_are_in_lines_no_longer_than_the_bubble(view):
    for each in bubbles(view):
        assert each.ground.width() <= view._bubbles.room
        assert all(each.text.lineAt(n).naturalTextWidth() <= each.ground.width() for n in range(each.text.lineCount()))
    assert bubbles(view)[0].text.lineCount() == 2
    assert bubbles(view)[2].text.lineCount() > 3


def test_each_row_has_room_for_its_bubble_and_none_for_more(view):
    for row, each in enumerate(bubbles(view)):
        assert 0 < view._bubbles._sizes[row].height() - each.ground.bottom() < 20


def test_a_token_is_found_where_it_stands(view):
    bubble = bubbles(view)[1]
    words = bubble.text.text().encode("utf-16-le")
    found = {number: words[2 * begin : 2 * end].decode("utf-16-le") for number, begin, end in bubble.spans()}
    assert found[1] == " me,"
    assert found[4] == "Romeo"
    for number, begin, end in bubble.spans():
        for rect in bubble.rects(begin, end) if found[number].strip() else ():
            assert bubble.piece_at(rect.center())[0] == number
    assert bubble.piece_at(QPointF(0, 0)) is None


def test_what_a_person_wrote_has_no_tokens(view):
    assert list(bubbles(view)[0].spans()) == []


def test_arrows_below_a_turn_that_has_others_lead_to_them(view, record):
    record.replace(record.path[1], spoken("JULIET", "No"))
    view.show_path(record.path, "ROMEO")
    bubble = bubbles(view)[1]
    middle = QPointF(bubble.steps.center())
    assert bubble.step_at(middle - QPointF(10, 0)) == -1
    assert bubble.step_at(middle + QPointF(10, 0)) == 1
    assert bubble.step_at(QPointF(bubble.ground.center())) == 0


def test_a_name_stands_over_the_first_of_several_turns_of_one_speaker(view):
    delegate = view._bubbles
    assert [delegate._has_name(row) for row in range(3)] == [True, True, False]


def test_where_the_model_forgets_a_line_takes_room(view):
    before = view._bubbles._sizes[2].height()
    view.show_remembered(2)
    assert view._bubbles._sizes[2].height() > before
    view.show_remembered(0)
    assert view._bubbles._sizes[2].height() == before


def test_the_colors_of_surprise_are_painted_behind_the_models_words_alone(view):
    plain = view.grab().toImage()
    view.see_inside(True)
    inside = view.grab().toImage()
    assert plain != inside
    mine = view.visualRect(view.rows.index(0))
    assert plain.copy(mine) == inside.copy(mine)
