"""What a recipe knows of a text, prepared or not."""

import pytest

from engine.core.errors import DataError
from engine.datasets.folder import TRAIN_SHARE
from engine.datasets.prepare import prepare
from engine.planning.text_facts import text_facts
from engine.text.catalogue import catalogue
from engine.tokens.tokenizer import BPE_VOCAB_SIZE


def test_a_prepared_text_is_known_by_its_parts(toy_dataset):
    facts = text_facts("toy")
    assert (facts.train_bytes, facts.val_bytes) == (toy_dataset.train_bytes, toy_dataset.val_bytes)
    assert (facts.tokenizer, facts.vocab_size, facts.can_refit) == ("char", toy_dataset.vocab_size, True)
    assert not text_facts(str(toy_dataset.folder)).can_refit  # by its path it is had as it is


@pytest.mark.parametrize("name", ["shakespeare", "shakesphere"])
def test_a_built_in_text_is_known_before_it_is_prepared(name):
    entry, facts = catalogue()["shakespeare"], text_facts(name)
    assert facts.dataset == "shakespeare"
    assert (facts.tokenizer, facts.vocab_size) == (entry.tokenizer, entry.vocab_size)
    assert facts.train_bytes + facts.val_bytes == entry.bytes
    assert facts.train_bytes / entry.bytes == pytest.approx(TRAIN_SHARE, abs=1e-5)


@pytest.mark.parametrize(("name", "tokens"), [("toy_bpe", BPE_VOCAB_SIZE), ("toy_bpe512", 512)])
def test_a_text_in_tokens_of_its_own_is_known_before_it_is_made(toy_dataset, name, tokens):
    facts = text_facts(name)
    assert (facts.dataset, facts.tokenizer, facts.vocab_size) == (name, "bpe", tokens)
    assert (facts.train_bytes, facts.val_bytes) == (toy_dataset.train_bytes, toy_dataset.val_bytes)


@pytest.mark.parametrize(("line", "two_cases"), [("Ещё одно слово.", True), ("الكتاب على الطاولة.", False)])
def test_a_text_is_known_to_have_letters_of_two_cases_or_not_and_so_in_other_tokens(tmp_path, line, two_cases):
    path = tmp_path / "mine.txt"
    path.write_text(f"{line}\n" * 400, "utf-8")
    prepare(str(path))
    assert [text_facts(name).two_cases for name in ("mine", "mine_bpe512")] == [two_cases] * 2


@pytest.mark.parametrize("name", ["none", "none_bpe", "toy_bpe7"])
def test_of_a_text_there_is_not_nothing_is_known(toy_dataset, name):
    with pytest.raises(DataError):
        text_facts(name)
