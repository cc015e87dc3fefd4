import math

import pytest
import torch

from engine.core.config import SampleConfig
from engine.generation.candidates import candidates, likeliest, skip_draws


@pytest.mark.parametrize(
    "settings",
    [{}, {"temperature": 0.5}, {"temperature": 2.0}, {"top_k": 5}, {"top_p": 0.6}, {"top_k": 6, "top_p": 0.7}],
)
def test_what_is_picked_is_distributed_as_the_settings_say(settings):
    logits = torch.tensor([2.0, 1.5, 1.0, 0.5, 0.0, -0.5, -1.0, -1.5])
    config = SampleConfig(**{"temperature": 1.0, "top_k": 0} | settings)
    generator, draws = torch.Generator().manual_seed(5), 4000
    counts = torch.bincount(
        torch.tensor([candidates(logits, None, config).draw(generator) for _ in range(draws)]), minlength=8
    )
    weights = [math.exp(value / config.temperature) for value in logits.tolist()]  # already in falling order
    weights = weights[: config.top_k or None]
    shares = [w / sum(weights) for w in weights]
    kept = [s for n, s in enumerate(shares) if sum(shares[:n]) < config.top_p]
    expected = [draws * s / sum(kept) for s in kept]
    assert int(counts[len(kept) :].sum()) == 0
    chi_square = sum((n - e) ** 2 / e for n, e in zip(counts.tolist(), expected, strict=False))
    assert chi_square < 24.3  # the 0.1 % bound of 7 degrees of freedom


def test_picking_follows_the_token_not_its_rank():
    logits = torch.tensor([-5.0, 0.0, 9.0, -2.0])
    for settings in ({"temperature": 0.0}, {"top_k": 2}, {"top_k": 0}, {"top_k": 99}):
        assert candidates(logits, None, SampleConfig(**settings)).draw(torch.Generator().manual_seed(0)) == 2


def test_min_p_keeps_what_is_likely_beside_the_likeliest():
    logits = torch.log(torch.tensor([0.5, 0.3, 0.15, 0.05]))
    kept = candidates(logits, None, SampleConfig(temperature=1.0, top_k=0, min_p=0.25))
    assert kept.ids.tolist() == [0, 1, 2]
    assert kept.probabilities.tolist() == pytest.approx([0.5 / 0.95, 0.3 / 0.95, 0.15 / 0.95])


def test_a_repetition_penalty_lowers_what_was_seen_and_nothing_else():
    logits = torch.tensor([2.0, -1.0, 1.0])
    plain = candidates(logits, None, SampleConfig(temperature=1.0, repetition_penalty=2.0))
    penalised = SampleConfig(temperature=1.0, repetition_penalty=2.0)
    once = candidates(logits, torch.tensor([True, True, False]), penalised)
    assert plain.ids.tolist() == [0, 2, 1]
    expected = torch.softmax(torch.tensor([1.0, 1.0, -2.0]), 0)  # of 0, 2 and 1
    assert once.probabilities.tolist() == pytest.approx(expected.tolist())
    assert logits.tolist() == [2.0, -1.0, 1.0]


def test_the_likeliest_stays_whatever_is_cut_off():
    logits = torch.tensor([1.0, 0.9, 0.8])
    for settings in ({"top_p": 0.0}, {"min_p": 1.0}, {"top_k": 1}, {"temperature": 0.0}):
        assert candidates(logits, None, SampleConfig(**settings)).ids.tolist() == [0]


def test_a_draw_takes_one_number_however_many_there_are_to_draw_from():
    for settings in ({"temperature": 0.0}, {"top_k": 2}, {"top_k": 0, "top_p": 0.5}, {"top_k": 0}):
        drawn, skipped = (torch.Generator().manual_seed(4) for _ in range(2))
        for _ in range(5):
            candidates(torch.linspace(0, 1, 9), None, SampleConfig(**settings)).draw(drawn)
        skip_draws(skipped, 5)
        assert torch.equal(drawn.get_state(), skipped.get_state())


@pytest.mark.parametrize("size", [3, 64, 6400, 50304, 50257])
@pytest.mark.parametrize("count", [1, 10, 200])
def test_the_likeliest_are_those_of_a_full_sort(size, count):
    logits = torch.randn(size, generator=torch.Generator().manual_seed(size))
    logits[-1] = 9.0  # also where the vocabulary is no whole number of groups
    values, ids = likeliest(logits, count)
    expected = logits.sort(descending=True)
    assert torch.equal(values, expected.values[:count])
    assert torch.equal(ids, expected.indices[:count])


def test_chances_are_those_of_the_candidates_and_else_zero():
    few = candidates(torch.tensor([0.0, 3.0, 2.0, 1.0]), None, SampleConfig(temperature=1.0, top_k=2))
    assert few.chances(torch.tensor([0, 1, 2])).tolist() == [0.0, *few.probabilities.tolist()]
