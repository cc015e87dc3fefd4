import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QComboBox, QFrame, QLabel, QListView, QPlainTextEdit, QPushButton, QWidget

from engine.core.errors import DataError
from engine.generation.model_cache import Shelf
from gui.generate import errand
from gui.generate.controls import DialPanel
from gui.generate.scene_cast import Troupe
from gui.generate.scene_page import ScenePage
from tests.gui import fake_writer
from tests.gui.generate.hands import CHOICE, child, press
from tests.gui.generate.test_scene_cast import TURNS
from tests.gui.hands import name_file


@pytest.fixture
def page(qtbot, engine, monkeypatch):
    fake_writer.install(monkeypatch)
    dials = DialPanel()
    qtbot.addWidget(dials)
    made = ScenePage(engine, Shelf(), dials)
    qtbot.addWidget(made)
    made.resize(800, 640)
    made.show()
    made.show_troupe(CHOICE, Troupe(TURNS, chats=False))
    return made


def rest(qtbot, page):
    qtbot.waitUntil(lambda: page.play.speaking is None)


def write(qtbot, page, words):
    field = child(page, QPlainTextEdit, "scene_edit")
    field.setFocus()
    qtbot.keyClicks(field, words)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    rest(qtbot, page)


def said(page):
    rows = child(page, QListView, "scene_list").model()
    return [rows.index(row).data() for row in range(rows.rowCount())]


def enabled(page, *names):
    parts = [child(page, QPushButton, name) for name in names]
    return [part.isEnabled() for part in parts]


def test_a_line_is_written_and_answered(qtbot, page):
    write(qtbot, page, "O, speak again")
    assert said(page)[0] == "O, speak again"
    assert said(page)[1].startswith("and JULIET")
    assert child(page, QPlainTextEdit, "scene_edit").toPlainText() == ""


def test_nothing_can_be_varied_before_anything_was_said(qtbot, page):
    names = ("scene_send_button", "scene_alone_button", "scene_retry_button", "scene_edit_button")
    assert enabled(page, *names) == [True, True, False, False]
    write(qtbot, page, "one")
    assert enabled(page, *names) == [True, True, True, True]


def test_each_answer_is_kept_and_stepped_through(qtbot, page):
    write(qtbot, page, "one")
    first = said(page)[1]
    press(qtbot, page, "scene_retry_button")
    rest(qtbot, page)
    second = said(page)[1]
    assert first != second
    view = child(page, QListView, "scene_list")
    place = QPointF(view._bubbles.place(1).topLeft()) + QPointF(view._bubbles.bubble(1).steps.center())
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=(place - QPointF(9, 0)).toPoint())
    assert said(page) == ["one", first]


def test_a_line_is_edited_and_gone_on_from(qtbot, page):
    write(qtbot, page, "one")
    write(qtbot, page, "two")
    view = child(page, QListView, "scene_list")
    view.setCurrentIndex(view.model().index(0))
    press(qtbot, page, "scene_edit_button")
    field = child(page, QPlainTextEdit, "scene_edit")
    assert field.toPlainText() == "one"
    field.setPlainText("uno")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    rest(qtbot, page)
    assert said(page)[0] == "uno"
    assert len(said(page)) == 2
    page.play.step(page.play.record.path[0], -1)
    assert [said(page)[row] for row in (0, 2)] == ["one", "two"]


def test_esc_leaves_a_line_as_it_was(qtbot, page):
    write(qtbot, page, "one")
    press(qtbot, page, "scene_edit_button")
    qtbot.keyClick(child(page, QPlainTextEdit, "scene_edit"), Qt.Key.Key_Escape)
    assert child(page, QPlainTextEdit, "scene_edit").toPlainText() == ""
    assert said(page)[0] == "one"


def test_they_play_until_stop(qtbot, page):
    press(qtbot, page, "scene_alone_button")
    qtbot.waitUntil(lambda: len(said(page)) > 4)
    assert child(page, QPushButton, "scene_stop_button").isVisible()
    assert enabled(page, "scene_alone_button") == [False]
    press(qtbot, page, "scene_stop_button")
    rest(qtbot, page)
    assert child(page, QPushButton, "scene_send_button").isVisible()
    assert enabled(page, "scene_alone_button") == [True]


def test_it_says_once_what_it_is_and_for_chats_whom_it_imitates(page):
    view = child(page, QListView, "scene_list")
    assert "knows nothing of you" in view._invitation
    page.show_troupe(CHOICE, Troupe(TURNS, chats=True))
    assert "It writes as JULIET does in your chats" in view._invitation
    assert "on this computer alone" in view._invitation


def test_what_it_is_is_said_no_more_once_it_has_answered(qtbot, page):
    write(qtbot, page, "one")
    press(qtbot, page, "scene_clear_button")
    view = child(page, QListView, "scene_list")
    assert "You are ROMEO" in view._invitation
    assert "knows nothing of you" not in view._invitation
    assert "knows nothing of you" in child(page, QComboBox, "scene_it_picker").toolTip()
    page.show_troupe(CHOICE, Troupe(TURNS, chats=True))
    assert "knows nothing of you" in view._invitation


def test_where_it_forgets_is_seen(qtbot, page):
    for words in ("one", "two", "three", "four"):
        write(qtbot, page, words)
    view = child(page, QListView, "scene_list")
    assert view.rows.remembered == 3
    assert view._bubbles._divider_height(3) > view._bubbles._divider_height(2) == 0


def test_one_sees_inside_a_turn_and_goes_on_from_another_token(qtbot, page):
    write(qtbot, page, "one")
    press(qtbot, page, "scene_inside_button")
    view = child(page, QListView, "scene_list")
    bubble, place = view._bubbles.bubble(1), QPointF(view._bubbles.place(1).topLeft())
    number, begin, end = list(bubble.spans())[1]
    qtbot.mouseMove(view.viewport(), (next(bubble.rects(begin, end)).center() + place).toPoint())
    card = child(page, QFrame, "alternatives")
    assert card.isVisible()
    card.picked.emit(0)
    rest(qtbot, page)
    turn = page.play.record.path[1]
    assert turn.take.pieces[number].picked
    assert turn.number == 1


def test_the_arrow_keys_go_from_token_to_token_and_return_into_the_alternatives(qtbot, page):
    qtbot.waitActive(page)
    write(qtbot, page, "one")
    press(qtbot, page, "scene_inside_button")
    view = child(page, QListView, "scene_list")
    view.setFocus()
    tokens = [number for number, _, _ in view._bubbles.bubble(1).spans()]
    pointed = []
    view.pointed.connect(lambda turn, piece, _: pointed.append((turn, piece)))
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left):
        qtbot.keyClick(view, key)
    turn = page.play.record.path[1]
    assert pointed == [(turn, tokens[at]) for at in (0, 1, 2, 1)]
    qtbot.keyClick(view, Qt.Key.Key_Return)
    bars = child(page, QWidget, "alternative_bars")
    assert bars.hasFocus()
    qtbot.keyClick(bars, Qt.Key.Key_Return)
    rest(qtbot, page)
    assert page.play.record.path[1].take.pieces[tokens[1]].picked
    assert view.hasFocus()
    view.setCurrentIndex(view.model().index(0))
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert len(pointed) == 4


def test_the_scene_is_copied_and_saved_as_a_script(qtbot, page, tmp_path):
    write(qtbot, page, "O, speak again")
    whole = f"ROMEO:\nO, speak again\n\nJULIET:\n{said(page)[1]}\n"
    press(qtbot, page, "scene_copy_button")
    assert QGuiApplication.clipboard().text() == whole
    press(qtbot, page, "scene_save_button")
    name_file(page, "save_transcript_sheet", tmp_path / "scene.txt")
    qtbot.waitUntil((tmp_path / "scene.txt").exists)
    assert (tmp_path / "scene.txt").read_text("utf-8") == whole
    page._save_to(str(tmp_path / "nowhere" / "scene.txt"))
    assert "could not be saved" in child(page, QLabel, "scene_notice_what").text()


def test_what_cannot_be_spoken_is_told_and_the_line_stays(qtbot, page, monkeypatch):
    def fails(*_):
        raise DataError("The model cannot write that.", fix="Write otherwise.")

    monkeypatch.setattr(errand, "speak", fails)
    write(qtbot, page, "Ærø")
    assert child(page, QLabel, "scene_notice_what").text() == "The model cannot write that."
    assert said(page) == ["Ærø"]


def test_who_plays_is_chosen_and_bubbles_change_sides(qtbot, page):
    write(qtbot, page, "one")
    view = child(page, QListView, "scene_list")
    left = view._bubbles.bubble(1).ground.left()
    picker = child(page, QComboBox, "scene_me_picker")
    picker.setCurrentText("JULIET")
    picker.activated.emit(1)
    assert child(page, QComboBox, "scene_it_picker").currentText() == "ROMEO"
    assert view._bubbles.bubble(1).ground.left() > left
    assert child(page, QPlainTextEdit, "scene_edit").accessibleName() == "Your line as JULIET"


def test_a_third_enters_where_the_box_says_so(qtbot, page):
    child(page, QCheckBox, "scene_third_box").click()
    write(qtbot, page, "one")
    assert [turn.speaker for turn in page.play.record.path] == ["ROMEO", "JULIET", "Nurse", "Nurse", "Nurse"]


def test_another_scene_is_begun(qtbot, page):
    write(qtbot, page, "one")
    press(qtbot, page, "scene_clear_button")
    assert said(page) == []
