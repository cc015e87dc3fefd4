"""What a run starts from: scratch, a published GPT-2, or a model of one's own."""

import json
from pathlib import Path

import pytest
from PySide6.QtWidgets import QComboBox, QFileDialog, QLabel

from engine.core.config import TrainConfig
from engine.core.paths import runs_dir
from engine.runs.command_line import beyond_nanogpt, command_line, nanogpt_lines
from engine.runs.folder import RunFolder
from gui.train.form_state import FormState
from gui.train.plan import TextChoice
from gui.train.start_from import StartFrom
from tests.gui.hands import name_file

GPT2_TEXT = TextChoice("plays", "Plays", "", 50304, None)
CHAR_TEXT = TextChoice("chars", "Chars", "", 65, None)


@pytest.fixture
def state():
    return FormState()


@pytest.fixture
def chooser(qtbot, stylist, state):
    made = StartFrom(state)
    qtbot.addWidget(made)
    made.show_state(GPT2_TEXT)
    made.show()
    return made


def problem(chooser):
    shown = chooser.findChild(QLabel, "start_from_problem")
    return shown.text() if shown.isVisible() else ""


def test_gpt2_brings_its_shape_and_rates_and_scratch_the_preset_back(state):
    preset = state.preset
    before = state.config()
    state.begin_with("gpt2-medium")
    config = state.config()
    assert (config.n_layer, config.n_head, config.n_embd, config.block_size, config.bias) == (24, 16, 1024, 1024, True)
    assert (config.init_from, config.learning_rate, config.decay_lr) == ("gpt2-medium", 3e-5, False)
    assert config.max_iters == before.max_iters
    state.begin_with("scratch")
    assert (state.preset, state.config()) == (preset, before)


def test_the_shape_of_a_model_cannot_be_typed_over_but_its_block_may_be_shorter(state):
    state.begin_with("gpt2")
    state.type("block_size", "256")
    assert state.config().block_size == 256
    state.type("n_layer", "6")
    state.type("block_size", "2048")
    assert set(state.problems()) == {"n_layer", "block_size"}


def test_a_run_of_ones_own_is_a_beginning(state, tmp_path):
    run = RunFolder.new(TrainConfig(n_layer=3, n_head=2, n_embd=64, block_size=64))
    run.checkpoint.write_bytes(b"")
    state.begin_with(str(run.path))
    config = state.config()
    assert (config.n_layer, config.block_size, config.init_from) == (3, 64, str(run.path))
    assert f"--init_from={run.path}" in command_line(config)
    assert "scratch" in beyond_nanogpt(config)[0]


def test_the_choice_says_what_it_takes(chooser, qtbot):
    picker = chooser.findChild(QComboBox, "start_from_picker")
    with qtbot.waitSignal(chooser.changed):
        picker.activated.emit(picker.findData("gpt2"))
    chooser.show_state(GPT2_TEXT)
    assert picker.currentData() == "gpt2"
    assert any(shown.text().startswith("Downloads about ") for shown in chooser.findChildren(QLabel))
    assert problem(chooser) == ""
    chooser.show_state(CHAR_TEXT)
    assert "its own tokens" in problem(chooser)


def test_another_run_is_asked_for_in_a_dialog_that_opens_where_the_runs_are(chooser, state, qtbot):
    run = RunFolder.new(TrainConfig(n_layer=3, n_head=2, n_embd=64, block_size=64))
    run.checkpoint.write_bytes(b"")
    picker = chooser.findChild(QComboBox, "start_from_picker")

    def ask():
        picker.activated.emit(picker.count() - 1)
        return chooser.findChild(QFileDialog, "start_from_dialog")

    dialog = ask()
    assert dialog.isVisible()
    assert Path(dialog.directory().absolutePath()) == runs_dir()
    dialog.reject()
    qtbot.waitUntil(lambda: chooser.findChild(QFileDialog) is None)
    assert (state.start_from, picker.currentData()) == ("scratch", "scratch")
    ask()
    with qtbot.waitSignal(chooser.changed):
        name_file(chooser, "start_from_dialog", run.path)
    assert state.start_from == str(run.path)
    chooser.show_state(GPT2_TEXT)
    assert picker.currentText() == run.path.name


def test_a_folder_that_is_no_model_is_told_and_changes_nothing(chooser, state, tmp_path):
    before = state.config()
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "llama"}))
    chooser.begin_with(str(tmp_path))
    assert "llama" in problem(chooser)
    assert state.config() == before


def test_nanogpts_line_says_what_it_cannot_do():
    config = TrainConfig(init_from="gpt2", optimizer="muon", decay_form="linear", minutes=5.0)
    *remarks, line = nanogpt_lines(config).splitlines()
    assert [remark.split()[:4] for remark in remarks] == [
        ["#", "nanoGPT", "has", "no"], ["#", "nanoGPT", "has", "no"], ["#", "nanoGPT", "knows", "no"],
    ]  # fmt: skip
    assert line.startswith("python train.py")
    assert "--init_from=gpt2" in line
    assert nanogpt_lines(TrainConfig()).count("\n") == 0
