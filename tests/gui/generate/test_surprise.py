"""Surprise by rank: what stands out in a text, whatever the model expects of it."""

import random

import pytest

from gui.generate.surprise import SHARES, usual_among


def shades(probabilities):
    usual = usual_among(probabilities)
    return [usual.shade_of(each) for each in probabilities]


@pytest.mark.parametrize("best", [1.0, 0.4, 0.01], ids=["a good model", "a young one", "one that knows nothing"])
def test_few_tokens_stand_out_however_good_the_model_is(best):
    draw = random.Random(1)
    found = shades([best * draw.random() for _ in range(1000)])
    for level, share in enumerate(SHARES, 1):
        assert sum(shade >= level for shade in found) == round(share * 1000)


def test_the_least_likely_have_the_strongest_shade():
    found = shades([n / 200 for n in range(100)])
    assert found[:3] == [3, 3, 3]
    assert found == sorted(found, reverse=True)


def test_tokens_that_are_all_alike_and_likely_ones_stay_pale():
    assert shades([0.001] * 50) == [0] * 50
    assert shades([0.99] * 98 + [0.6, 0.55]) == [0] * 100
    assert shades([0.99] * 99 + [0.2]) == [0] * 99 + [3]


def test_of_a_few_tokens_none_stands_out():
    assert shades([0.9, 0.001, 0.5]) == [0, 0, 0]
    assert usual_among([]).shade_of(0.0) == 0
