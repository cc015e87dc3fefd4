"""The line over the texts: layers are scrubbed, heads chosen, and both stay from token to token."""

import pytest
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QSlider

from gui.generate.attention_bar import AttentionBar
from tests.gui.generate.hands import child
from tests.gui.generate.test_attention import ANSWER


@pytest.fixture
def bar(qtbot):
    bar = AttentionBar()
    qtbot.addWidget(bar)
    bar.resize(700, 60)
    bar.show()
    return bar


def words(bar):
    return child(bar, QLabel, "attention_words").text()


def test_it_says_how_it_is_used_until_a_token_is_pointed_at(bar):
    assert not child(bar, QSlider, "attention_layer").isVisible()
    child(bar, QCheckBox, "attention_switch").setChecked(True)
    assert child(bar, QSlider, "attention_layer").isVisible()
    assert not child(bar, QSlider, "attention_layer").isEnabled()
    assert bar.looked is None
    assert words(bar).startswith("Point at a token")


def test_the_last_layer_and_all_its_heads_are_seen_first_and_a_choice_stays(qtbot, bar):
    bar.set_on(True)
    bar.show_answer(ANSWER)
    assert (bar.looked.layer, bar.looked.head) == (1, None)
    child(bar, QSlider, "attention_layer").setValue(1)
    with qtbot.waitSignal(bar.chosen):
        child(bar, QComboBox, "attention_head").setCurrentIndex(2)
    bar.show_answer(None)
    assert bar.looked is None
    bar.show_answer(ANSWER)
    assert (bar.looked.layer, bar.looked.head) == (0, 1)
    assert words(bar).startswith("Head 2 looks at the same token earlier.")


def test_switched_off_nothing_is_seen(qtbot, bar):
    bar.set_on(True)
    bar.show_answer(ANSWER)
    with qtbot.waitSignal(bar.wanted) as told:
        child(bar, QCheckBox, "attention_switch").setChecked(False)
    assert told.args == [False]
    assert bar.looked is None


def test_why_there_is_no_answer_is_told(bar):
    bar.set_on(True)
    bar.show_answer(None, "The dataset is gone.")
    assert words(bar) == "The dataset is gone."
    bar.say_nothing_is_there()
    assert words(bar) == "Nothing stands before the first token."
