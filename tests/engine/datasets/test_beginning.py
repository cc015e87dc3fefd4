"""The beginning of a text in pieces."""

import pytest

from engine.core.jobs import Control, events_of
from engine.datasets.beginning import MOST, pieces_of
from engine.datasets.dataset import dataset
from engine.datasets.prepare import prepare
from engine.datasets.refit import ensure_ready

WORDS = "to be or not to be, that is the question\n"


@pytest.fixture(autouse=True)
def diary(tmp_path, monkeypatch):
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path / "home"))
    path = tmp_path / "diary.txt"
    path.write_text(WORDS * 50, "utf-8")
    prepare(str(path), tokenizer="char")
    return path


def test_they_are_characters_until_a_vocabulary_is_learned_and_then_its_tokens():
    before = pieces_of("diary_bpe270")
    assert before == tuple((WORDS * 50)[:MOST])
    control = Control()
    assert list(events_of(ensure_ready("diary_bpe270", control), control))
    after = pieces_of("diary_bpe270")
    assert (WORDS * 50).startswith("".join(after))
    assert max(map(len, after)) > 1
    tokenizer = dataset("diary_bpe270").load_tokenizer()
    assert [*after[:9]] == [tokenizer.decode([each]) for each in tokenizer.encode(WORDS)[:9]]


def test_a_text_that_ships_has_them_before_it_is_prepared():
    assert "".join(pieces_of("shakespeare_complete_bpe2048")).startswith("THESEUS:\nNow, fair Hippolyta")
    assert pieces_of("shakespeare_complete") == pieces_of("shakespeare_complete_bpe2048")


def test_a_text_that_is_not_here_has_none():
    assert pieces_of("shakespeare") == ()
    assert pieces_of("gone") == ()
