import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QPlainTextEdit, QTabBar

from engine.core.config import TrainConfig
from engine.datasets.prepare import prepare
from engine.runs.folder import RunFolder
from gui.generate.composer import GENERATE_KEYS
from gui.generate.tab import GenerateTab
from tests.gui import fake_writer
from tests.gui.generate.hands import child

PLAY = "ANN:\nyes\n\nBO:\nno\n\n" * 30
PROSE = "It was late, and nobody came.\n" * 30


@pytest.fixture
def run(tmp_path, _own_folders):
    def make(text, name):
        path = tmp_path / f"{name}.txt"
        path.write_text(text, "utf-8")
        prepare(str(path), name=name, tokenizer="char")
        folder = RunFolder.new(TrainConfig(dataset=name))
        folder.write_config(TrainConfig(dataset=name))
        folder.best.touch()
        return folder.best

    return make


@pytest.fixture
def tab(qtbot, engine, monkeypatch):
    fake_writer.install(monkeypatch)
    made = GenerateTab(engine)
    qtbot.addWidget(made)
    made.resize(1100, 720)
    made.show()
    qtbot.waitUntil(lambda: not made._picker.reading)
    return made


def switch(tab):
    return child(tab, QTabBar, "scene_switch")


def opened(qtbot, tab, path):
    tab.open_checkpoint(path)
    stage = tab._stage
    qtbot.waitUntil(lambda: stage.scene.play.choice is not None and stage.scene.play.choice.path == path)


def test_a_scene_is_offered_where_the_text_of_the_model_has_turns(qtbot, run, tab):
    opened(qtbot, tab, run(PLAY, "play"))
    assert switch(tab).isVisible()
    assert [switch(tab).tabText(at) for at in range(2)] == ["Text", "Scene"]
    assert child(tab, QPlainTextEdit, "prompt_edit").isVisible()
    switch(tab).setCurrentIndex(1)
    assert child(tab, QPlainTextEdit, "scene_edit").isVisible()
    assert not child(tab, QPlainTextEdit, "prompt_edit").isVisible()


def test_the_page_is_remembered_and_a_model_of_prose_has_the_other_alone(qtbot, run, tab):
    play, prose = run(PLAY, "play"), run(PROSE, "prose")
    opened(qtbot, tab, play)
    switch(tab).setCurrentIndex(1)
    opened(qtbot, tab, prose)
    assert not switch(tab).isVisible()
    assert child(tab, QPlainTextEdit, "prompt_edit").isVisible()
    opened(qtbot, tab, play)
    assert child(tab, QPlainTextEdit, "scene_edit").isVisible()


def test_the_switch_stays_where_it_is_and_keeps_the_focus(qtbot, run, tab):
    opened(qtbot, tab, run(PLAY, "play"))
    qtbot.waitActive(tab)
    switch(tab).setFocus()
    before = switch(tab).mapTo(tab, QPoint())
    for at, key in ((1, Qt.Key.Key_Right), (0, Qt.Key.Key_Left)):
        qtbot.keyClick(switch(tab), key)
        assert switch(tab).currentIndex() == at
        assert switch(tab).hasFocus()
        assert switch(tab).isVisible()
        qtbot.waitUntil(lambda: switch(tab).mapTo(tab, QPoint()) == before)


def test_the_keys_that_generate_send_a_line_on_the_page_of_the_scene(qtbot, run, tab):
    opened(qtbot, tab, run(PLAY, "play"))
    switch(tab).setCurrentIndex(1)
    child(tab, QPlainTextEdit, "scene_edit").setPlainText("yes")
    qtbot.waitActive(tab)
    qtbot.keyClick(tab, Qt.Key.Key_Return, GENERATE_KEYS[0].keyboardModifiers())
    qtbot.waitUntil(lambda: len(tab._stage.scene.play.record.path) == 2 and not tab._busy)
    assert tab._record.passages == []


def test_esc_stops_what_is_spoken_and_nothing_else_is_written_meanwhile(qtbot, run, tab):
    opened(qtbot, tab, run(PLAY, "play"))
    switch(tab).setCurrentIndex(1)
    tab._stage.scene.play.play_alone()
    assert tab._busy
    assert not tab._composer.generate_button.isEnabled()
    qtbot.keyClick(tab, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not tab._busy)
    assert tab._composer.generate_button.isEnabled()
