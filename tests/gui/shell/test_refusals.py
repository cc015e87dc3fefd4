"""What the engine refuses or mends, seen in the window over the real engine: nothing is wrong without a word."""

from pathlib import Path

import pytest
import torch
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton

from engine.core.config import TrainConfig
from engine.core.events import Checkpoint, Step
from engine.datasets.prepare import prepare
from engine.generation.loaded_model import load_model
from engine.runs.folder import RunFolder
from engine.training.trainer import Trainer
from gui.train.jobs import train_job
from gui.train.state import Phase

SENTENCE = "The king enters and the queen speaks of the crown.\n"
TOY = {"dataset": "toy", "n_layer": 1, "n_head": 2, "n_embd": 16, "block_size": 16, "batch_size": 4, "max_iters": 4}
TOY |= {"eval_interval": 2, "eval_iters": 1, "warmup_iters": 1, "device": "cpu", "dtype": "float32", "sample_tokens": 2}


@pytest.fixture
def text(tmp_path, _own_folders):
    path = tmp_path / "toy.txt"
    path.write_text(SENTENCE * 40, "utf-8")
    prepare(str(path), name="toy", tokenizer="char")
    return path


@pytest.fixture
def run(text):
    """Return a run that was trained on the text."""
    made = RunFolder.new(TrainConfig())
    config = TrainConfig.of({**TOY, "out_dir": str(made.path)})
    for _ in Trainer(config).run():
        pass
    return made


def ended(window):
    return lambda: window.train.state.phase in (Phase.FINISHED, Phase.FAILED) and not window._engine.busy


def notes(window):
    return " ".join(f"{note.what} {note.why}" for note in window.train.state.notes)


@pytest.mark.thorough
def test_a_run_whose_text_lost_a_letter_goes_on_in_its_own_tokens(qtbot, open_window, text, run):
    text.write_text(SENTENCE.replace("queen", "kueen") * 60, "utf-8")
    prepare(str(text), name="toy", tokenizer="char")
    window = open_window(train_job)
    window.train._resume(run.path, lambda _: {"max_iters": 6})
    qtbot.waitUntil(ended(window))
    assert window.train.state.phase is Phase.FINISHED
    assert load_model(run.checkpoint, "cpu").tokenizer.encode("q")  # the letter that the text has no more
    assert RunFolder(run.path).read_config().max_iters == 6


@pytest.mark.thorough
def test_a_run_whose_text_has_letters_it_never_learned_is_refused_and_left_alone(qtbot, open_window, text, run):
    before = run.checkpoint.read_bytes()
    text.write_text(SENTENCE.replace("queen", "Žena") * 40, "utf-8")
    prepare(str(text), name="toy", tokenizer="char")
    window = open_window(train_job)
    window.train._resume(run.path, lambda _: {"max_iters": 6})
    qtbot.waitUntil(ended(window))
    assert window.train.state.phase is Phase.FAILED
    assert "Ž" in notes(window)
    assert run.checkpoint.read_bytes() == before


@pytest.mark.thorough
def test_weights_that_are_no_numbers_are_told_when_they_are_opened(qtbot, open_window, run):
    for file in (run.checkpoint, run.best):
        held = torch.load(file, weights_only=True)
        next(iter(held["model"].values())).fill_(float("nan"))
        torch.save(held, file)
    window = open_window()
    window.tabs.setCurrentWidget(window.generate)
    window.generate.open_checkpoint(run.checkpoint)
    generate = window.generate.findChild(QPushButton, "generate_button")
    qtbot.waitUntil(generate.isEnabled)
    window.generate.findChild(QPlainTextEdit, "prompt_edit").setPlainText("The king")
    generate.click()
    told = window.generate.findChild(QLabel, "generate_notice_what")
    qtbot.waitUntil(lambda: bool(told.text()))
    assert not window.generate._record.takes


@pytest.mark.thorough
def test_what_was_deleted_while_it_trained_is_written_again_at_the_end(qtbot, open_window, text):
    made = RunFolder.new(TrainConfig())

    def trains(config, control):
        for item in train_job(TrainConfig.of({**TOY, "out_dir": str(made.path), "max_iters": 6}), control):
            if isinstance(item, Checkpoint) and item.iter_num == 2:
                Path(item.path).unlink(missing_ok=True)
                made.config_path.unlink(missing_ok=True)
            if isinstance(item, Step) and item.iter_num == 5:
                assert not made.config_path.exists()
            yield item

    window = open_window(trains)
    window.train.start()
    qtbot.waitUntil(ended(window))
    assert window.train.state.phase is Phase.FINISHED
    assert torch.load(made.checkpoint, weights_only=True)["iter_num"] == 6
    assert made.read_config().max_iters == 6
