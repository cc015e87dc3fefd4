"""Words that are looked up give exactly the ids that encoding the whole text gives."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.tokens import bpe_cache
from engine.tokens.bpe_cache import text_words
from engine.tokens.tokenizer import gpt2_tokenizer
from engine.tokens.vocabulary import train_tokenizer

GPT2 = gpt2_tokenizer()
BPE = train_tokenizer(["the cat sat on the mat, the rat's hat and — ümläut 🎭 日本\n" * 40], 300)

SIGNS = st.text(alphabet="aZ 'stdmrevl\n\t\r\v\f\0\x1c\x7f.-1é\x85\xa0\u2003\u2028\u3000日🎭", max_size=60)
PARTS = st.sampled_from(
    [" ", "\n", "\n\n", " \n", "  ", "'s", "'ll", " 'tis", "don't", ",", ".", "é", "\u2003", "KING", "12", "x" * 20]
)
ODD = st.one_of(SIGNS, st.text(max_size=40), st.lists(PARTS, max_size=30).map("".join))


@pytest.fixture(params=[1, 4, 18])
def slots(request, monkeypatch):
    """A memory for so few words that they push each other out, and for many."""
    monkeypatch.setattr(bpe_cache, "SLOT_BITS", request.param)


@pytest.fixture(params=[GPT2, BPE], ids=["gpt2", "bpe"])
def encoding(request, slots):
    """Two ways to encode, without and with a memory: one for all examples, so that each meets what others left."""
    return request.param.encode, request.param.encoder()


@given(ODD)
@example("'s")
@example("a\0b a b a\0b a\0 a")
@example("é a\u2003 b\u2003\u2003 c\x85 d")
@example(" " + "ab" * 7 + " " + "ab" * 8 + " " + "🎭" * 9 + " " + "🎭" * 9)
@example("it's 'tis ''s 's's'S x'll 1's .'s")
def test_ids_are_those_of_the_whole_text(encoding, text):
    whole, from_memory = encoding
    for _ in range(2):  # the second time it is in the memory
        ids = from_memory(text)
        assert ids.dtype == np.dtype("<u2")
        assert ids.tolist() == whole(text)


def test_a_longer_text_keeps_its_ids_while_words_are_forgotten(slots):
    draw = np.random.default_rng(5)
    vocabulary = [f"{'ab' * n}{sign}" for n in range(1, 12) for sign in (" ", ", ", ".\n", "'s ", "—", "é ", "\n\n")]
    text = "".join(draw.choice(vocabulary, 4000))
    encode = GPT2.encoder()
    assert encode(text).tolist() == encode(text).tolist() == GPT2.encode(text)


@given(ODD)
def test_each_word_can_be_encoded_alone(text):
    found = text_words(text)
    assert "".join(found) == text
    for tokenizer in (GPT2, BPE):
        starts = [n for n, word in enumerate(found) if word[:1] in tuple(" \n\t\r\v\f")]
        for start in [*starts, 0]:
            halves = tokenizer.encode("".join(found[:start])) + tokenizer.encode("".join(found[start:]))
            assert halves == tokenizer.encode(text)


def test_words_of_ordinary_text_are_what_one_calls_words():
    assert text_words("To be, or\nnot don't\n\nKING: é—ß") == [
        "To", " be", ",", " or", "\nnot", " don", "'t", "\n\nKING", ":", " é—ß",
    ]  # fmt: skip


def test_what_is_known_is_not_encoded_again():
    asked = []

    def encode(text):
        asked.append(text)
        return np.array(GPT2.encode(text), dtype="<u2")

    memory = bpe_cache.WordMemory(encode, np.array([len(GPT2.token_bytes(n)) for n in range(GPT2.token_count)]))
    memory.encode("the king and the queen")
    memory.encode("the queen and the fool")
    assert asked == ["the king and the queen", " fool"]


WHITE = [chr(code) for code in range(0x110000) if chr(code).isspace()]


@pytest.mark.parametrize("white", WHITE, ids=ascii)
def test_any_white_space_stands_where_the_whole_text_has_it(white):
    text = f"a{white}b {white}c{white}{white}d,{white}é{white} é{white}  f{white}   g{white} "
    for tokenizer in (GPT2, BPE):
        assert tokenizer.encoder()(text).tolist() == tokenizer.encode(text)
