"""A vocabulary in the letters, merges and files of other programs."""

import pytest

from engine.core.carriers import carried
from engine.exports.vocabulary_files import (
    END_OF_TEXT,
    hugging_face_tokenizer,
    letters,
    merges,
    tokenizer_config,
    tokens_in_letters,
)
from engine.tokens.tokenizer import gpt2_tokenizer


def test_gpt2s_merges_are_those_that_openai_published():
    lines = (carried("gpt2") / "vocab.bpe").read_text("utf-8").splitlines()[1:]
    assert [" ".join(pair) for pair in merges(gpt2_tokenizer())] == [line for line in lines if line]


def test_each_byte_has_a_letter_of_its_own_that_can_be_seen():
    assert letters(b" the\n") == "ĠtheĊ"
    every = letters(bytes(range(256)))
    assert len(set(every)) == 256
    assert every.isprintable()


def test_merging_as_told_makes_every_token_of_a_vocabulary(tokenizer_of):
    tokenizer = tokenizer_of("bpe")
    tokens = tokens_in_letters(tokenizer)
    assert tokens[tokenizer.encode("e")[0]] == "e"
    assert len(tokens) == tokenizer.token_count
    known = {token for token in tokens if len(token) == 1}
    for left, right in merges(tokenizer):
        assert {left, right} <= known  # nothing is merged that is not there yet
        known.add(left + right)
    assert known == set(tokens)


@pytest.mark.parametrize("kind", ["char", "bpe", "gpt2"])
def test_the_package_tokenizers_cuts_and_joins_alike(tokenizer_of, kind):
    ours, theirs = tokenizer_of(kind), hugging_face_tokenizer(tokenizer_of(kind))
    text = "ABC abc\n\n def?" if kind == "char" else "The king speaks,\n\n the  fool dies."
    ids = theirs.encode(text).ids
    assert ids == ours.encode(text)
    assert theirs.decode(ids) == text


@pytest.mark.parametrize(("kind", "end"), [("char", None), ("bpe", None), ("gpt2", END_OF_TEXT)])
def test_only_gpt2s_tokens_have_an_end_of_text(tokenizer_of, kind, end):
    config = tokenizer_config(tokenizer_of(kind), 64)
    assert (config["model_max_length"], config.get("eos_token")) == (64, end)
    assert config["clean_up_tokenization_spaces"] is False
