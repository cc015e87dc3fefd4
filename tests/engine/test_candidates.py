import math

import pytest
import torch

from engine.candidates import candidates
from engine.config import SampleConfig


@pytest.mark.parametrize(
    "settings",
    [{}, {"temperature": 0.5}, {"temperature": 2.0}, {"top_k": 5}, {"top_p": 0.6}, {"top_k": 6, "top_p": 0.7}],
)
def test_what_is_picked_is_distributed_as_the_settings_say(settings):
    logits = torch.tensor([2.0, 1.5, 1.0, 0.5, 0.0, -0.5, -1.0, -1.5])
    config = SampleConfig(**{"temperature": 1.0, "top_k": 0} | settings)
    generator, draws = torch.Generator().manual_seed(5), 4000
    counts = torch.bincount(
        torch.tensor([candidates(logits, (), config).draw(generator) for _ in range(draws)]), minlength=8
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
        assert candidates(logits, (), SampleConfig(**settings)).draw(torch.Generator().manual_seed(0)) == 2


def test_min_p_keeps_what_is_likely_beside_the_likeliest():
    logits = torch.log(torch.tensor([0.5, 0.3, 0.15, 0.05]))
    kept = candidates(logits, (), SampleConfig(temperature=1.0, top_k=0, min_p=0.25))
    assert kept.ids.tolist() == [0, 1, 2]
    assert kept.probabilities.tolist() == pytest.approx([0.5 / 0.95, 0.3 / 0.95, 0.15 / 0.95])


def test_a_repetition_penalty_lowers_what_was_seen_once_and_nothing_else():
    logits = torch.tensor([2.0, -1.0, 1.0])
    plain = candidates(logits, (), SampleConfig(temperature=1.0, repetition_penalty=2.0))
    once, twice = (
        candidates(logits, seen, SampleConfig(temperature=1.0, repetition_penalty=2.0)) for seen in ([0, 1], [0, 1, 0])
    )
    assert plain.ids.tolist() == [0, 2, 1]
    expected = torch.softmax(torch.tensor([1.0, 1.0, -2.0]), 0)  # of 0, 2 and 1
    assert once.probabilities.tolist() == pytest.approx(expected.tolist())
    assert torch.equal(once.probabilities, twice.probabilities)
    assert logits.tolist() == [2.0, -1.0, 1.0]


def test_the_likeliest_stays_whatever_is_cut_off():
    logits = torch.tensor([1.0, 0.9, 0.8])
    for settings in ({"top_p": 0.0}, {"min_p": 1.0}, {"top_k": 1}, {"temperature": 0.0}):
        assert candidates(logits, (), SampleConfig(**settings)).ids.tolist() == [0]
