"""Counting n-grams gives what the definition says, and tells plain texts from strange ones."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.planning import ngrams
from engine.planning.ngrams import LONGEST, RECENT, predictability_of

short = st.binary(min_size=LONGEST + 2, max_size=60) | st.text("ab", min_size=LONGEST + 2, max_size=60).map(str.encode)


def by_definition(train, val, recalled):
    """Return the same bits, a byte and a context at a time."""
    starts = [train[at : at + LONGEST + 1] for at in range(len(train) - LONGEST)]
    chances = []
    for at in range(LONGEST + 1, len(val)):
        chance = 1 / 256
        for length in range(LONGEST + 1):
            context = val[at - length : at]
            after = [start[length] for start in starts if start[:length] == context]
            if after:
                kinds = len(set(after))
                chance = (after.count(val[at]) + kinds * chance) / (len(after) + kinds)
        chances.append(chance)
    for length in recalled:
        chances = with_memory(val, length, chances)
    return -sum(map(math.log2, chances)) / len(chances)


def with_memory(val, length, chances):
    """Return the chances with the best of twenty shares for what followed the same bytes the last time."""
    last, hits = {}, {}
    for number in range(len(chances)):
        at = number + LONGEST + 1
        context = val[at - length : at]
        if context in last and number - last[context] <= RECENT:
            hits[number] = val[at] == val[last[context] + LONGEST + 1]
        last[context] = number
    if not hits:
        return chances
    shares = [share * 0.05 for share in range(20)]
    mixed = [{n: (1 - share) * chances[n] + share * hit for n, hit in hits.items()} for share in shares]
    best = max(mixed, key=lambda one: sum(map(math.log2, one.values())))
    return [best.get(number, chance) for number, chance in enumerate(chances)]


@given(short, short)
def test_it_is_what_the_definition_says(train, val):
    found = predictability_of(train, val)
    assert found.counted == pytest.approx(by_definition(train, val, ()), abs=1e-6)
    assert found.recalled == pytest.approx(by_definition(train, val, ngrams.RECALLED), abs=1e-6)


def test_what_is_known_by_heart_costs_next_to_nothing_and_noise_all_of_a_byte():
    line = b"the quick brown fox jumps over the lazy dog. "
    assert predictability_of(line * 50, line * 10).counted < 0.2
    noise = random.Random(1).randbytes(40_000)
    assert (
        8.0 <= predictability_of(noise[:30_000], noise[30_000:]).recalled < 9.0
    )  # and a little more, for believing in chance


def test_what_was_read_a_moment_ago_is_remembered_and_what_lies_far_back_is_not():
    draw = random.Random(2)
    train = draw.randbytes(20_000)
    passage, between = draw.randbytes(500), draw.randbytes(RECENT)
    near, far = passage * 2, passage + between + passage
    assert predictability_of(train, near).recalled < 5.0
    assert predictability_of(train, far).recalled > 7.5
    assert predictability_of(train, near).counted > 7.5


def test_a_longer_text_of_the_same_kind_tells_more():
    draw = random.Random(3)
    words = [draw.randbytes(5) for _ in range(300)]
    text = b" ".join(draw.choices(words, k=20_000))
    figures = [predictability_of(text[:length], text[-10_000:]).counted for length in (2_000, 20_000, 100_000)]
    assert figures == sorted(figures, reverse=True)
