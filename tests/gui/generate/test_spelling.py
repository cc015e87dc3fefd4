"""Tokens as they are spelled and cut off on the screen."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from engine.core.config import SampleConfig
from engine.core.events import Alternative
from gui.generate.spelling import LONGEST_SHOWN, cut_by, named, on_screen, units


@given(st.text())
def test_a_text_on_screen_is_as_long_as_the_text(text):
    shown = on_screen(text)
    assert units(shown) == units(text)
    assert not set(shown) & set(map(chr, [*range(9), 13, 0x7F, 0x2029, 0xFDD0, 0xFFFC]))


def test_a_very_long_beginning_shows_its_end():
    shown = on_screen("a" * 10_000 + "end")
    assert shown.endswith("aend")
    assert len(shown) < LONGEST_SHOWN + 100
    assert "6,003 characters before" in shown


def test_spaces_and_line_ends_of_tokens_are_visible():
    assert named(" a\n\t\x00") == "·a↵⇥␀"


def test_a_cut_off_is_told_by_the_one_that_made_it():
    ten = [
        Alternative(token=n, text="", probability=p, chance=c)
        for n, (p, c) in enumerate([(0.5, 0.6), (0.3, 0.4), (0.1, 0), (0.01, 0)])
    ]
    assert cut_by(ten, SampleConfig(top_k=2)) == ["", "", "top-k 2", "top-k 2"]
    assert cut_by(ten, SampleConfig(top_k=0, top_p=0.8)) == ["", "", "top-p 0.8", "top-p 0.8"]
    assert cut_by(ten, SampleConfig(top_k=0, top_p=0.8, min_p=0.1, temperature=1)) == ["", "", "top-p 0.8", "min-p 0.1"]
    assert cut_by(ten, SampleConfig(top_k=2, repetition_penalty=1.2))[2] == "the settings"
    greedy = [replace(each, chance=0 if n else 1) for n, each in enumerate(ten)]
    assert cut_by(greedy, SampleConfig(temperature=0))[1] == "temperature 0"


def test_what_is_no_character_yet_is_a_quiet_dot():
    assert on_screen("O\ufffd Romeo") == "O· Romeo"
