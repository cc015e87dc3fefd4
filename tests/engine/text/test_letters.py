"""In which kind of script a text is."""

import pytest

from engine.text.letters import LetterCount, is_cased

ENGLISH, GREEK = "To be, or not to be: that is the question.\n", "Μῆνιν ἄειδε θεὰ Πηληϊάδεω Ἀχιλῆος.\n"
OTHERS = ("الكتاب على الطاولة.\n", "किताब मेज़ पर है।\n", "本はテーブルの上にあります。\n")


def counted(*pieces):
    letters = LetterCount()
    for piece in pieces:
        letters.add(piece)
    return letters


@pytest.mark.parametrize("line", [ENGLISH, GREEK])
def test_a_text_in_capitals_and_small_letters_has_two_cases(line):
    assert counted(line * 100).two_cases


@pytest.mark.parametrize("line", OTHERS)
def test_a_text_in_another_script_has_not_whatever_stands_at_its_top(line):
    assert not counted(line * 100).two_cases
    assert not counted(ENGLISH * 5, line * 100, line * 100).two_cases


def test_a_text_without_letters_may_have_two_cases():
    assert counted().two_cases
    assert counted("1.5, 2.5\n" * 100).two_cases


@pytest.mark.parametrize(("character", "cased"), [("a", True), ("Ж", True), ("ب", False), ("本", False), ("5", False)])
def test_a_letter_is_of_two_cases_or_of_one(character, cased):
    assert is_cased(character) is cased
