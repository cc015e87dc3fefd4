import math
import random
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from engine.core.errors import DataError
from engine.datasets import quality
from engine.datasets.dataset import dataset
from engine.datasets.prepare import prepare
from engine.datasets.quality import is_it_normal, ladder_of
from engine.text.catalogue import catalogue

DRAW = random.Random(11)
WORDS = ["king", "queen", "fool", "crown", "speaks", "dies", "näïve", "🎭", "it's"]
TEXT = "".join(" ".join(DRAW.choices(WORDS, k=DRAW.randint(2, 7))) + ".\n" for _ in range(900))


@pytest.fixture(params=["gpt2", "char", "bpe"])
def found(request, tmp_path):
    path = tmp_path / "text.txt"
    path.write_text(TEXT, "utf-8")
    prepare(str(path), name="text", tokenizer=request.param)
    return dataset("text")


def by_hand(found):
    """The same losses, counted with dictionaries."""
    train, val = (np.fromfile(path, dtype="<u2").tolist() for path in (found.train_path, found.val_path))
    counts, total = Counter(train), len(train) + 0.01 * found.vocab_size
    common = {token: (counts[token] + 0.01) / total for token in val}
    pairs, followed = Counter(pairwise(train)), Counter(train[:-1])
    kinds = Counter(first for first, _ in pairs)

    def after(first, second):
        if not followed[first]:
            return common[second]
        freed = 0.75 * kinds[first] / followed[first]
        return max(pairs[first, second] - 0.75, 0) / followed[first] + freed * common[second]

    unigram = -sum(math.log(common[token]) for token in val) / len(val)
    bigram = -sum(math.log(after(*pair)) for pair in pairwise(val)) / (len(val) - 1)
    return unigram, bigram


def test_the_rungs_are_those_counted_by_hand(found, monkeypatch):
    unigram, bigram = by_hand(found)
    for stretch in (quality._STRETCH, 50):
        monkeypatch.setattr(quality, "_STRETCH", stretch)
        ladder = ladder_of(found)
        assert ladder.rung("random").loss == math.log(found.vocab_size)
        assert ladder.rung("unigram").loss == pytest.approx(unigram, abs=1e-9)
        assert ladder.rung("bigram").loss == pytest.approx(bigram, abs=1e-9)
        assert [rung.name for rung in ladder.rungs] == ["random", "unigram", "bigram"]


def test_bits_per_byte_are_those_of_the_whole_text(found):
    """Bits for all of the validation text, divided by its bytes."""
    judged = len(TEXT[int(len(TEXT) * 0.9) :].encode())
    for rung in ladder_of(found).rungs:
        assert rung.bits_per_byte == pytest.approx(rung.loss * found.val_tokens / math.log(2) / judged, abs=1e-9)


def test_the_probabilities_of_all_tokens_add_up_to_one(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("abcabdabcacb" * 30)
    prepare(str(path), name="text", tokenizer="char")
    found = dataset("text")
    for context in range(found.vocab_size):
        total = 0.0
        for token in range(found.vocab_size):
            np.array([context, token], dtype="<u2").tofile(found.val_path)
            total += math.exp(-ladder_of(found).rung("bigram").loss)
        assert total == pytest.approx(1)


def test_a_part_of_a_long_text_gives_nearly_the_same(found, monkeypatch):
    whole = ladder_of(found).rung("unigram").loss
    monkeypatch.setattr(quality, "_STRETCH", 100)
    monkeypatch.setattr(quality, "FITTED_TOKENS", found.train_tokens // 2)
    assert ladder_of(found).rung("unigram").loss == pytest.approx(whole, rel=0.05)


def test_every_loss_gets_an_answer_that_names_the_next_rung(found):
    ladder = ladder_of(found)
    random_loss, unigram, bigram = (ladder.rung(name).loss for name in ("random", "unigram", "bigram"))
    assert "worse than guessing" in is_it_normal(ladder, random_loss * 2)
    assert "nothing yet" in is_it_normal(ladder, random_loss)
    assert f"{unigram:.2f}" in is_it_normal(ladder, (unigram + random_loss * 0.97) / 2)
    assert f"{bigram:.2f}" in is_it_normal(ladder, (bigram + unigram) / 2)
    assert "Good" in is_it_normal(ladder, bigram * 0.95)
    assert "repeats" in is_it_normal(ladder, 0.01)
    for loss in (math.nan, math.inf):
        assert "no number" in is_it_normal(ladder, loss)
    assert f"{ladder.bits(1.0):.2f} bits per byte" in is_it_normal(ladder, 1.0)


def test_a_published_result_is_a_rung_of_its_text(found, monkeypatch):

    entry = replace(catalogue()["shakespeare"], sha256=found.fingerprint, reached=0.4, reached_by="A good model")
    monkeypatch.setattr(quality, "catalogue", lambda: {"known": entry})
    ladder = ladder_of(found)
    assert ladder.rungs[-1].name == "known"
    assert ladder.bits(ladder.rung("known").loss) == pytest.approx(0.4)
    assert "A good model" in is_it_normal(ladder, ladder.rung("known").loss * 1.1)
    assert "validation text" in is_it_normal(ladder, ladder.rung("known").loss * 0.5)


@pytest.mark.parametrize("part", ["train", "val"])
def test_a_token_outside_the_vocabulary_is_told_as_damage(found, part):
    path = getattr(found, f"{part}_path")
    ids = np.fromfile(path, dtype="<u2")
    ids[len(ids) // 2] = found.vocab_size
    ids.tofile(path)
    with pytest.raises(DataError, match="damaged") as told:
        ladder_of(found)
    assert f"{part}.bin holds token {found.vocab_size:,}, outside the vocabulary" in told.value.cause


def test_tokens_that_went_away_meanwhile_are_told_as_damage(found):
    found.train_path.unlink()
    with pytest.raises(DataError, match="damaged"):
        ladder_of(found)
