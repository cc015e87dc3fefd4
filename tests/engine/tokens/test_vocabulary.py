import builtins
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers

from engine.core.errors import DataError
from engine.text.plays import Plays
from engine.tokens import vocabulary
from engine.tokens.tokenizer import printable_bytes
from engine.tokens.vocabulary import Excerpt, train_tokenizer

WORDS = ["king", "queen", "the", "crown", "speaks", "näïve", "日本語", "🎭", "it's", "1603"]
TEXT = " ".join(random.Random(3).choices(WORDS, k=4000))


def test_the_commonest_words_become_one_token():
    tokenizer = train_tokenizer([TEXT], 400)
    assert all(len(tokenizer.encode(" " + word)) == 1 for word in ("king", "the", "日本語", "🎭"))
    assert tokenizer.vocab_size == tokenizer.token_count <= 400


@pytest.fixture(scope="module")
def plays():
    return "".join(Plays().pieces())[:1_000_000]


@pytest.fixture(scope="module")
def learned(plays):
    return train_tokenizer([plays], 4096)


def test_4096_tokens_learned_from_plays_give_every_byte_back(plays, learned):
    assert learned.vocab_size == 4096
    ids = learned.encode(plays)
    assert learned.decode(ids).encode() == plays.encode()
    assert len(ids) < len(plays) / 3


@given(text=st.text())
def test_4096_tokens_learned_from_plays_give_any_other_text_back(learned, text):
    assert learned.decode(learned.encode(text)) == text


def test_every_byte_has_a_token_and_the_smallest_vocabulary_has_no_other():
    tokenizer = train_tokenizer([TEXT], 256)
    assert sorted(tokenizer.token_bytes(n) for n in range(256)) == [bytes([n]) for n in range(256)]
    assert tokenizer.vocab_size == 256


def test_the_same_text_gives_the_same_vocabulary():
    shuffled = "".join(random.Random(5).choices("abcdef \n", k=30_000))
    assert train_tokenizer([shuffled], 2000).as_dict() == train_tokenizer([shuffled], 2000).as_dict()


def test_what_stands_there_once_makes_no_token():
    assert train_tokenizer(["abcdefgh"], 1000).vocab_size == 256


def test_the_ids_are_those_of_the_library_that_learned_them():
    ours = train_tokenizer([TEXT], 350)
    tokens = ours.as_dict()["tokens"]
    rank = {token: n for n, token in enumerate(tokens)}
    pairs = [(token[:cut], token[cut:]) for token in tokens for cut in range(1, len(token))]
    merges = sorted((p for p in pairs if p[0] in rank and p[1] in rank), key=lambda p: rank[p[0] + p[1]])
    theirs = Tokenizer(models.BPE(vocab=rank, merges=merges))
    theirs.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    assert ours.encode(TEXT) == theirs.encode(TEXT).ids


@pytest.mark.parametrize("text", ["x" * 300_000, " " * 300_000, "\n" * 300_000], ids=repr)
def test_a_text_without_words_takes_no_time(text):
    tokenizer = train_tokenizer([text], 4096)
    assert len(tokenizer.encode(text)) < len(text) / 20


def test_tokens_are_written_in_the_letters_of_gpt2s_vocabulary():
    assert set("".join(train_tokenizer([TEXT], 300).as_dict()["tokens"])) == printable_bytes().keys()


def test_an_excerpt_of_a_short_text_is_all_of_it():
    excerpt = Excerpt(len(TEXT.encode()))
    for start in range(0, len(TEXT), 777):
        excerpt.add(TEXT[start : start + 777])
    excerpt.finish()
    assert "".join(excerpt.taken) == TEXT


def test_an_excerpt_of_a_long_text_is_whole_words_from_all_over(monkeypatch):
    monkeypatch.setattr(vocabulary, "SAMPLE_BYTES", 10_000)
    words = [f"word{n}" for n in range(10_000)]
    text = " ".join(words)
    excerpt = Excerpt(len(text))
    for start in range(0, len(text), 500):
        excerpt.add(text[start : start + 500])
    excerpt.finish()
    taken = " ".join(excerpt.taken).split()
    assert set(taken) <= set(words)
    assert 8_000 < sum(map(len, excerpt.taken)) <= 10_000
    numbers = [int(word[4:]) for word in taken]
    assert numbers == sorted(numbers)
    assert all(any(k <= n < k + 2000 for n in numbers) for k in range(0, 10_000, 2000))


def test_without_the_library_it_says_what_to_install(monkeypatch):
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name == "tokenizers":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(DataError) as caught:
        train_tokenizer([TEXT], 300)
    assert "tokenizers" in caught.value.fix


def test_what_stands_there_twice_makes_tokens():
    assert train_tokenizer(["abcdefgh abcdefgh"], 1000).vocab_size > 256


def test_no_token_is_longer_than_64_bytes():
    tokenizer = train_tokenizer(["abcdefghijklmnop" * 8 + " "] * 50, 1000)
    longest = max(len(tokenizer.token_bytes(n)) for n in range(tokenizer.token_count))
    assert 32 <= longest <= 64


@pytest.mark.parametrize(("total", "sample", "kept"), [(1000, 1000, 1000), (1000, 500, 500), (0, 500, 1000)])
def test_an_excerpt_is_the_share_that_was_asked_for(total, sample, kept):
    excerpt = Excerpt(total, sample)
    for _ in range(100):
        excerpt.add("ninechars ")
    excerpt.finish()
    assert kept - 20 <= sum(map(len, excerpt.taken)) <= kept


def test_a_text_without_words_is_taken_piece_by_piece(monkeypatch):
    monkeypatch.setattr(vocabulary, "_WORD_LIMIT", 100)
    excerpt = Excerpt(10_000)
    excerpt.add("x" * 100)
    assert "".join(excerpt.taken) == ""
    excerpt.add("x")
    assert excerpt.taken[-1] == "x" * 101
    excerpt.finish()
    assert sum(map(len, excerpt.taken)) == 101
