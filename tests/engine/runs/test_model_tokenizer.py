import pytest

from engine.core.errors import CheckpointError
from engine.datasets.dataset import dataset
from engine.runs.model_tokenizer import known_tokenizer, require_same_tokens
from engine.tokens.tokenizer import CharTokenizer, gpt2_tokenizer

CHARS = CharTokenizer("abc")


def test_a_model_that_carries_its_tokenizer_has_that_one_and_nothing_is_assumed():
    known = known_tokenizer(CHARS.as_dict(), 3, "no such text")
    assert (known.tokenizer.decode([0, 2]), known.assumed) == ("ac", "")


@pytest.mark.parametrize(("spec", "vocab_size"), [(CHARS.as_dict(), 4), ({"kind": "words"}, 3), ({"kind": "gpt2"}, 3)])
def test_a_tokenizer_that_is_not_the_models_is_refused(spec, vocab_size):
    with pytest.raises(CheckpointError) as told:
        known_tokenizer(spec, vocab_size, "")
    assert told.value.code == "bad_tokenizer"


def test_where_it_carries_none_its_datasets_is_taken_and_that_is_said(toy_dataset):
    found = dataset("toy")
    known = known_tokenizer(None, found.vocab_size, "toy")
    assert known.tokenizer.as_dict() == found.tokenizer
    assert "dataset toy" in known.assumed


@pytest.mark.parametrize("vocab_size", [50257, 50304])
def test_a_table_of_gpt2s_size_is_taken_to_be_gpt2s(vocab_size):
    known = known_tokenizer(None, vocab_size, "")
    assert known.tokenizer is gpt2_tokenizer()
    assert f"{vocab_size:,}" in known.assumed


@pytest.mark.parametrize(("name", "why"), [("", "names no dataset"), ("gone", "is not prepared here"), ("toy", "has")])
def test_without_any_of_these_it_is_said_what_is_missing(toy_dataset, name, why):
    with pytest.raises(CheckpointError) as told:
        known_tokenizer(None, 7, name)
    assert told.value.code == "tokenizer_unknown"
    assert why in told.value.cause


def test_a_text_in_other_tokens_is_refused_whatever_their_number(toy_dataset):
    found = dataset("toy")
    require_same_tokens(found.load_tokenizer(), found)
    with pytest.raises(CheckpointError) as told:
        require_same_tokens(CharTokenizer([chr(0x400 + n) for n in range(found.vocab_size)]), found)
    assert told.value.code == "tokenizer_changed"


def test_a_table_that_is_filled_up_is_known_by_its_dataset_and_by_what_it_carries(toy_dataset):
    found = dataset("toy")
    filled = -(-found.vocab_size // 64) * 64
    known = known_tokenizer(None, filled, "toy")
    assert known.tokenizer.as_dict() == found.tokenizer
    assert f"filled up to {filled}" in known.assumed
    assert known_tokenizer(found.tokenizer, filled, "").tokenizer.token_count == found.vocab_size
    with pytest.raises(CheckpointError):
        known_tokenizer(None, filled + 128, "toy")


def test_a_dataset_that_is_there_and_cannot_be_read_is_not_called_absent(toy_dataset):
    (dataset("toy").folder / "meta.json").write_text("{")
    with pytest.raises(CheckpointError) as told:
        known_tokenizer(None, 7, "toy")
    assert "cannot be read" in told.value.cause
