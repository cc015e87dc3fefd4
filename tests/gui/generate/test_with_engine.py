"""The Generate tab over the engine itself: a toy model of single characters, trained for this test."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QComboBox,
    QLabel,
    QPlainTextEdit,
    QSpinBox,
    QTextEdit,
    QWidget,
)

from engine.core.config import TrainConfig
from engine.core.events import Reply
from engine.core.jobs import Control
from engine.datasets.prepare import prepare
from engine.generation.model_cache import Shelf
from engine.generation.sampler import sample_job
from engine.training.trainer import Trainer
from gui.generate.tab import GenerateTab
from gui.kit.parts import Elided
from tests.gui.generate.hands import child

SENTENCE = "The king enters and the queen speaks of the crown to the fool.\n"


@pytest.fixture
def tab(qtbot, engine, tmp_path):
    text = tmp_path / "toy.txt"
    text.write_text(SENTENCE * 40, "utf-8")
    prepare(str(text), name="toy", tokenizer="char")
    toy = {"n_layer": 1, "n_head": 2, "n_embd": 16, "block_size": 16, "batch_size": 4, "max_iters": 4}
    more = {"eval_interval": 4, "eval_iters": 1, "warmup_iters": 1, "device": "cpu", "dtype": "float32"}
    out = str(tmp_path / "out")
    for _ in Trainer(TrainConfig.of({"dataset": "toy", "out_dir": out, "sample_tokens": 2} | toy | more)).run():
        pass
    tab = GenerateTab(engine)
    qtbot.addWidget(tab)
    tab.resize(1100, 720)
    tab.show()
    qtbot.waitUntil(lambda: not tab._picker.reading)
    child(tab, QSpinBox, "max_new_tokens").setValue(6)
    return tab


def settle(qtbot, tab):
    qtbot.waitUntil(lambda: child(tab, QAbstractButton, "generate_button").isEnabled())


def write(qtbot, tab, prompt="The king"):
    child(tab, QPlainTextEdit, "prompt_edit").setPlainText(prompt)
    qtbot.mouseClick(child(tab, QAbstractButton, "generate_button"), Qt.MouseButton.LeftButton)
    settle(qtbot, tab)
    return tab._record.takes


def test_what_is_written_branched_and_gone_on_with_is_one_text(qtbot, tab):
    (take,) = write(qtbot, tab)
    assert take.tokens == 6
    assert sum(each.chance > 0 for each in take.pieces[1].alternatives) <= take.pieces[1].kept
    other = take.pieces[3].alternatives[-1]
    tab._branch(tab._record.hand[0], 3, other)
    settle(qtbot, tab)
    (branch,) = tab._record.takes
    assert branch.text().startswith("".join(piece.text for piece in take.pieces[:3]) + other.text)
    assert branch.tokens == 6
    tab._go_on()
    settle(qtbot, tab)
    assert tab._record.takes[0].text().startswith(branch.text())
    assert child(tab, QTextEdit, "transcript").toPlainText().endswith(tab._record.takes[0].text())


def test_a_beginning_longer_than_the_model_looks_back_works(qtbot, tab):
    (take,) = write(qtbot, tab, SENTENCE * 20)
    assert take.tokens == 6
    assert "looks back 16 tokens" in child(tab, QLabel, "prompt_hint").text()


def test_a_character_outside_the_vocabulary_is_told_in_place(qtbot, tab):
    assert write(qtbot, tab, "The king \N{GREEK SMALL LETTER PSI}") == []
    assert "cannot read" in child(tab, QLabel, "generate_notice_what").text()
    assert child(tab, QTextEdit, "transcript").toPlainText() == ""


def test_samples_of_two_checkpoints_and_their_quotations(qtbot, tab):
    child(tab, QSpinBox, "num_samples").setValue(2)
    child(tab, QComboBox, "compare_picker").setCurrentIndex(1)
    takes = write(qtbot, tab)
    assert len(takes) == 4
    assert len({take.choice.path for take in takes}) == 2
    meter = child(tab, Elided, "quotation_meter")
    qtbot.waitUntil(lambda: all(take.quoted for take in takes))
    assert "copied" in meter.whole()


@pytest.mark.parametrize("what", ["val", "train", "own"])
def test_a_text_that_is_read_is_shown_whole(qtbot, tab, what):
    child(tab, QPlainTextEdit, "prompt_edit").setPlainText("queen and fool")
    tab._read(what)
    settle(qtbot, tab)
    (take,) = tab._record.takes
    assert take.text() in ("queen and fool" if what == "own" else SENTENCE * 40)
    assert take.surprise.bits_per_byte > 0
    assert f"{take.surprise.bits_per_byte:.2f} bits per byte" in child(tab, QLabel, "generate_status").text()
    assert not child(tab, QWidget, "generate_notice").isVisible()


def test_through_time_each_rung_writes_what_its_file_writes_by_itself(qtbot, tab):
    child(tab, QPlainTextEdit, "prompt_edit").setPlainText("The king")
    qtbot.mouseClick(child(tab, QAbstractButton, "ladder_button"), Qt.MouseButton.LeftButton)
    settle(qtbot, tab)
    takes = tab._record.takes
    assert len(takes) >= 2
    for take in takes:
        alone = sample_job(take.choice.path, take.config, Control(), Shelf())
        assert take.text() == next(each.text for each in alone if isinstance(each, Reply))


@pytest.mark.parametrize("what", ["written", "val", "own"])
def test_where_the_model_looked_from_a_token_is_the_text_before_it(qtbot, tab, what):
    child(tab, QAbstractButton, "see_inside_button").setChecked(True)
    child(tab, QCheckBox, "attention_switch").setChecked(True)
    if what == "written":
        write(qtbot, tab)
    else:
        child(tab, QPlainTextEdit, "prompt_edit").setPlainText(SENTENCE)
        tab._read(what)
        settle(qtbot, tab)
    (strand,), bar = tab._record.hand, tab._page.attention
    piece = len(strand.shown.pieces) - 2
    tab._attention.point_at(strand, piece)
    qtbot.waitUntil(lambda: bar.looked is not None and bool(bar.looked.answer.roles))
    before = "".join(each.text for each in strand.shown.pieces[:piece])
    read = "".join(bar.looked.answer.texts)
    assert before.endswith(read)
    assert 8 < len(read) <= 16
    spans = bar.looked.spans(before)
    assert (max(shade for *_, shade in spans), spans[-1][1] <= len(before)) == (1.0, True)
