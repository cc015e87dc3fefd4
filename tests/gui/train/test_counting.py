"""Texts are counted once, off the window's thread, and what a run should reach stands with its plan."""

import pytest
from PySide6.QtWidgets import QLabel

from engine.datasets.prepare import prepare
from engine.planning.ngrams import Predictability
from engine.planning.predictability import predictability
from engine.text.catalogue import catalogue
from gui.train.counting import Counting
from gui.train.plan import texts
from tests.gui.hands import choose_preset, show_details


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path))


def choice(name):
    return next(one for one in texts() if one.name == name)


def test_a_text_is_counted_once_it_is_asked_for_and_anew_once_it_is_prepared(qtbot, tmp_path):
    counting, text = Counting(), choice("shakespeare_comedies")
    with qtbot.waitSignal(counting.counted):
        assert counting.of(text) is None
    assert counting.of(text) == Predictability(*catalogue()[text.name].predictability)
    prepare(text.name)
    with qtbot.waitSignal(counting.counted):
        assert counting.of(choice(text.name)) is None
    assert counting.of(choice(text.name)) == predictability(text.name)


def test_a_damaged_text_is_not_known(qtbot, tmp_path):
    source = tmp_path / "text.txt"
    source.write_text("the king shall have the crown\n" * 400, "utf-8")
    prepare(str(source), name="mine", tokenizer="char")
    counting, text = Counting(), choice("mine")
    (tmp_path / "datasets" / "mine" / "train.bin").write_bytes(b"")
    told = []
    counting.counted.connect(lambda: told.append(True))
    assert counting.of(text) is None
    counting.finish()
    qtbot.wait(1)
    assert (counting.of(text), told) == (None, [])


def test_what_a_quick_run_should_reach_stands_in_the_details(qtbot, open_window):
    window = open_window()
    show_details(window)
    window.train.setup.use_device("cpu", 1e11)
    label = window.findChild(QLabel, "promise")
    qtbot.waitUntil(lambda: label.isVisible())
    assert label.text().startswith("About 2.")
    assert "bits per byte" in label.text()
    choose_preset(qtbot, window, "tiny")
    assert not label.isVisible()
