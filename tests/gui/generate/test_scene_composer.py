import pytest
from PySide6.QtCore import Qt

from gui.generate.scene_composer import SceneComposer

FREE = {"can_send": True, "can_retry": True, "can_edit": True, "editing": False, "status": ""}


@pytest.fixture
def composer(qtbot):
    made = SceneComposer()
    qtbot.addWidget(made)
    made.show_state(playing=False, **FREE)
    made.show()
    return made


def test_return_sends_and_with_shift_begins_another_line(qtbot, composer):
    qtbot.keyClicks(composer.line, "one")
    qtbot.keyClick(composer.line, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClicks(composer.line, "two")
    with qtbot.waitSignal(composer.sent):
        qtbot.keyClick(composer.line, Qt.Key.Key_Return)
    assert composer.line.words == "one\ntwo"


def test_send_becomes_stop_while_a_turn_is_spoken(composer):
    composer.show_state(playing=True, **FREE | {"can_retry": False})
    assert composer.stop_button.isVisible()
    assert not composer.send_button.isVisible()
    composer.show_state(playing=False, **FREE)
    assert composer.send_button.isVisible()


def test_who_let_them_play_by_the_keyboard_has_stop_under_it(qtbot, composer):
    composer.activateWindow()
    composer._alone.setFocus()
    qtbot.waitUntil(composer._alone.hasFocus)
    composer.show_state(playing=True, **FREE)
    assert composer.stop_button.hasFocus()
    assert not composer._alone.isEnabled()


def test_it_says_whose_line_is_written_how_it_goes_and_what_is_changed(composer):
    composer.show_parts("ROMEO", "JULIET")
    assert composer.line.accessibleName() == "Your line as ROMEO"
    assert "JULIET" in composer.line.accessibleDescription()
    composer.show_state(playing=False, **FREE | {"status": "Cut off"})
    assert composer._hint.text() == "Cut off"
    composer.show_state(playing=False, **FREE | {"editing": True})
    assert composer._hint.text().startswith("You are changing a line")
    assert not composer._alone.isEnabled()
