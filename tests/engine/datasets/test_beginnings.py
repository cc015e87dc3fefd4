"""Beginnings from a model's own text: who speaks in it, how its sentences begin, its first words."""

import pytest

from engine.datasets.beginnings import beginnings_in, beginnings_of
from engine.datasets.prepare import prepare

LICENCE = "You may copy it. You may copy that. You may copy all. If you convey it, see below. If you convey more, ask. "
PLAY = "ANNA:\nGood day.\n\nBERT:\nAnd to you.\n\n"


@pytest.mark.parametrize(
    ("text", "first"),
    [
        (PLAY * 5 + "ANNA:\nWell.\n", ["ANNA:\n", "BERT:\n"]),
        ("Mira: hello\nZoë: hi\nMira: bye\n" * 4, ["Mira: ", "Zoë: "]),
        (LICENCE * 2 + "If you convey nothing, go.", ["You may copy", "If you convey"]),
        ("def one():\n    return 1\n\nclass Two:\n    pass\n" * 4, ["def ", "class "]),
        ("Am Anfang", ["Am Anfang"]),
        ("", []),
    ],
    ids=["a play", "a chat", "a licence", "code", "a few words", "nothing"],
)
def test_a_text_offers_its_own_beginnings_the_commonest_first(text, first):
    found = beginnings_in(text)
    assert found[: len(first)] == first
    assert all(text.startswith(each) or each in text for each in found)
    assert len(found) <= 5


def test_what_stands_there_once_is_no_common_beginning():
    assert beginnings_in("Alone at home. Never once more. Chapter: one") == [
        "Alone at home. Never once more. Chapter: one"
    ]


def test_a_prepared_text_is_looked_into_and_one_that_is_gone_offers_nothing(home, tmp_path):
    text = tmp_path / "rules.txt"
    text.write_text(LICENCE * 20, "utf-8")
    prepare(str(text), name="rules", tokenizer="char")
    assert beginnings_of("rules")[0] == "You may copy"
    assert beginnings_of("gone") == []
    assert beginnings_of("python_library") == ["def "]  # built in, and not prepared
