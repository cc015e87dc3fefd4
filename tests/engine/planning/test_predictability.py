"""How predictable a text is, whatever its tokens, prepared or not."""

from dataclasses import astuple

import pytest

from engine.datasets.prepare import prepare
from engine.planning.ngrams import Predictability, predictability_of
from engine.planning.predictability import COUNTED_BYTES, JUDGED_BYTES, predictability
from engine.text.catalogue import catalogue


def test_it_is_counted_of_the_text_itself_whatever_its_tokens(tmp_path, toy_dataset, toy_text):
    own = toy_text.encode()
    cut = toy_dataset.train_bytes
    expected = predictability_of(own[:cut], own[cut:])
    assert predictability("toy") == expected
    source = tmp_path / "again.txt"
    source.write_text(toy_text, "utf-8")
    prepare(str(source), name="again", tokenizer="bpe", vocab_size=300)
    assert predictability("again") == expected


def test_a_text_in_tokens_still_to_be_learned_is_the_text_itself(toy_dataset):
    assert predictability("toy_bpe512") == predictability(toy_dataset.name)


@pytest.mark.parametrize("name", ["sherlock", "sherlock_bpe512"])
def test_a_built_in_text_is_known_before_it_is_prepared(name):
    assert predictability(name) == Predictability(*catalogue()["sherlock"].predictability)


def test_every_built_in_text_is_known():  # python -m scripts.count_texts
    for entry in catalogue().values():
        counted, recalled = entry.predictability
        assert 0.5 < recalled <= counted < 4.0


def test_the_catalogue_says_what_counting_says():
    entry = catalogue()["shakespeare_comedies"]
    prepare(entry.name)
    assert entry.bytes < COUNTED_BYTES
    assert entry.bytes * 0.1 < JUDGED_BYTES
    assert astuple(predictability(entry.name)) == pytest.approx(entry.predictability, abs=6e-4)


def test_of_a_text_there_is_not_nothing_is_known():
    assert predictability("none") is None


def test_a_long_text_is_counted_in_stretches_from_all_over(tmp_path):
    """Half of it is the alphabet again and again, half digits: the last part is told by counts of that half alone."""
    source = tmp_path / "long.txt"
    source.write_text("abcdefghij\n" * 150_000 + "0123456789\n" * 150_000, "utf-8")
    prepare(str(source), name="long", tokenizer="char")
    assert predictability("long").counted < 0.1


@pytest.mark.parametrize("text", ["ab" * 7, "abcdefg" * 9])
def test_a_text_too_short_to_tell_is_not_known(tmp_path, text):
    source = tmp_path / "short.txt"
    source.write_text(text, "utf-8")
    prepare(str(source), name="short", tokenizer="char")
    assert predictability("short") is None
