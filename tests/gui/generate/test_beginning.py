"""What is offered to be continued: beginnings from the model's own text, never another's."""

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QPlainTextEdit, QPushButton, QWidget

from engine.core.config import TrainConfig
from engine.datasets.prepare import prepare
from engine.runs.folder import RunFolder
from gui.generate.tab import GenerateTab
from tests.gui import fake_writer
from tests.gui.generate.hands import child, press

LICENCE = "You may copy it. You may copy that. You may copy all. If you convey it, see below. If you convey more, ask. "


@pytest.fixture
def tab(qtbot, engine, monkeypatch, tmp_path):
    fake_writer.install(monkeypatch)
    (tmp_path / "rules.txt").write_text(LICENCE * 20, "utf-8")
    prepare(str(tmp_path / "rules.txt"), name="rules", tokenizer="char")
    config = TrainConfig(dataset="rules")
    run = RunFolder.new(config)
    run.write_config(config)
    run.best.touch()
    tab = GenerateTab(engine)
    qtbot.addWidget(tab)
    tab.resize(1100, 720)
    tab.show()
    qtbot.waitUntil(lambda: child(tab, QAbstractButton, "beginning_1") is not None)
    return tab


def test_a_model_is_asked_what_its_own_text_begins_with(tab):
    prompt = child(tab, QPlainTextEdit, "prompt_edit")
    assert prompt.toPlainText() == "You may copy"
    menu = child(tab, QPushButton, "beginnings_button").menu()
    assert [action.text() for action in menu.actions()][:2] == ["You may copy", "If you convey"]
    for number, beginning in enumerate(("You may copy", "If you convey"), 1):
        prompt.setPlainText("mine")
        child(tab, QAction, f"begin_with_{number}").trigger()
        assert prompt.toPlainText() == beginning
        prompt.undo()
        assert prompt.toPlainText() == "mine"


def test_an_empty_page_invites_and_a_press_writes(qtbot, tab):
    invitation = child(tab, QWidget, "invitation")
    assert invitation.isVisible()
    tab._dials.show_settings(tab._dials.settings("").__class__(max_new_tokens=1))
    press(qtbot, tab, "beginning_2")
    qtbot.waitUntil(lambda: child(tab, QAbstractButton, "generate_button").isEnabled())
    assert tab._record.takes[0].text() == "If you convey w1337.0.0"
    assert not invitation.isVisible()
    press(qtbot, tab, "clear_transcript_button")
    assert invitation.isVisible()


def test_what_was_typed_meanwhile_stays(qtbot, tab):
    prompt = child(tab, QPlainTextEdit, "prompt_edit")
    with qtbot.waitSignal(tab._beginning.offered, check_params_cb=bool):
        tab._beginning.recall(tab._picker.choice)
        assert prompt.toPlainText() == ""  # nothing is known of the text yet
        prompt.setPlainText("typed")
    assert prompt.toPlainText() == "typed"


def test_what_another_model_s_text_offers_comes_too_late(qtbot, tab, tmp_path):
    late = tab._picker.choice
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "ckpt.pt").touch()
    tab.open_checkpoint(tmp_path / "elsewhere" / "ckpt.pt")
    with qtbot.assertNotEmitted(tab._beginning.offered):
        tab._beginning._take(late, ["You may copy"])
    assert child(tab, QAbstractButton, "beginning_1") is None
