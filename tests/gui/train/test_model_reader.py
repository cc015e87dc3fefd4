"""A model whose shape only torch can read: it is read on the engine's thread, and the window goes on meanwhile."""

import threading

import pytest
from PySide6.QtWidgets import QLabel, QToolTip

from engine.core.config import TrainConfig
from engine.datasets.prepare import prepare
from engine.runs import checkpoint
from engine.training.trainer import Trainer
from tests.gui.hands import press, show_details
from tests.patience import PATIENCE_S


@pytest.fixture
def model(tmp_path, _own_folders):
    """Return a folder as nanoGPT leaves it: a checkpoint alone."""
    text = tmp_path / "toy.txt"
    text.write_text("The king enters and the queen speaks.\n" * 40, "utf-8")
    prepare(str(text), name="toy", tokenizer="char")
    toy = {"n_layer": 1, "n_head": 2, "n_embd": 16, "block_size": 16, "batch_size": 4, "max_iters": 2}
    more = {"eval_interval": 2, "eval_iters": 1, "warmup_iters": 1, "device": "cpu", "dtype": "float32"}
    out = tmp_path / "out"
    for _ in Trainer(TrainConfig.of({"dataset": "toy", "out_dir": str(out), "sample_tokens": 2} | toy | more)).run():
        pass
    for file in out.iterdir():
        if file.name != "ckpt.pt":
            file.unlink()
    return out


class Gate:
    """Holds each reading of a checkpoint back until it may go on, and tells which threads read."""

    def __init__(self, monkeypatch):
        self.may_go_on, self.threads, self._load = threading.Event(), [], checkpoint.load
        monkeypatch.setattr(checkpoint, "load", self)

    def __call__(self, *args, **how):
        self.threads.append(threading.current_thread())
        assert self.may_go_on.wait(PATIENCE_S)
        return self._load(*args, **how)


@pytest.fixture
def gate(monkeypatch):
    return Gate(monkeypatch)


def is_idle(window):
    return lambda: not window._engine.busy


def told(start_from):
    return [each.text() for each in start_from.findChildren(QLabel) if each.isVisible() and each.text()]


def test_the_window_waits_for_no_checkpoint(qtbot, open_window, model, gate):
    window = open_window()
    show_details(window)
    setup = window.train.setup
    setup.start_from.begin_with(str(model))
    assert "Reading the model…" in told(setup.start_from)
    assert setup.state.start_from == "scratch"
    window.train.start()  # with what, is not known yet
    assert not window.train.running
    assert QToolTip.text() == "The model to start from is still being read"
    QToolTip.hideText()
    with qtbot.waitSignal(setup.start_from.changed):
        gate.may_go_on.set()
    config = setup.config()
    assert (config.init_from, config.n_layer, config.n_embd, config.block_size) == (str(model), 1, 16, 16)
    assert "Fine-tunes its weights" in told(setup.start_from)
    assert gate.threads
    assert threading.main_thread() not in gate.threads


def test_a_choice_that_was_made_meanwhile_stays(qtbot, open_window, model, gate):
    window = open_window()
    show_details(window)
    setup = window.train.setup
    setup.start_from.begin_with(str(model))
    setup.start_from.begin_with("gpt2")
    gate.may_go_on.set()
    qtbot.waitUntil(is_idle(window))
    assert setup.state.start_from == "gpt2"
    setup.start_from.begin_with(str(model))
    window.train.take_settings(TrainConfig(n_layer=3))
    qtbot.waitUntil(is_idle(window))
    assert (setup.state.start_from, setup.config().n_layer) == ("scratch", 3)
    assert "Reading the model…" not in told(setup.start_from)


def test_a_checkpoint_that_cannot_be_read_is_told(qtbot, open_window, tmp_path):
    tmp_path.joinpath("ckpt.pt").write_bytes(b"damaged")
    window = open_window()
    show_details(window)
    start_from = window.train.setup.start_from
    start_from.begin_with(str(tmp_path))
    qtbot.waitUntil(lambda: any("ckpt.pt" in each for each in told(start_from)))
    assert window.train.setup.state.start_from == "scratch"
    assert "Reading the model…" not in told(start_from)
    press(qtbot, window, "start_button")
    qtbot.waitUntil(lambda: window.train.state.step is not None)
