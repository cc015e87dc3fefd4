"""What counts as the same model: every logit within rounding, and every likeliest token, but for ties."""

import pytest

from engine.exports.comparison import GELU, TOLERANCES, Probe, compared


@pytest.fixture
def probe(toy_model):
    made = Probe(toy_model(), 30)
    for _ in made.take(0):
        pass
    return made


def swapped(probe, at, by):
    """Return the probe's logits with the second likeliest token of a position lifted above the likeliest."""
    logits = probe.logits.clone()
    first, second = logits[0, at].topk(2)[0]
    logits[0, at, logits[0, at].topk(2)[1][1]] += float(first - second) + by
    return logits, float(first - second)


def test_the_model_itself_is_the_same(probe):
    found = compared(probe, probe.logits, probe.logits, "f32")
    assert found.is_sound
    assert (found.tokens_equal, found.gap) == (found.tokens, 0.0)


@pytest.mark.parametrize("at", [3, 9])
def test_another_token_that_was_clearly_less_likely_is_refused(probe, at):
    as_read, gap = swapped(probe, at, 1e-4)
    found = compared(probe, probe.logits, probe.logits, "f32")
    assert gap > 100 * found.tolerance
    found = compared(probe, as_read, as_read, "f32")
    assert not found.is_sound
    assert found.tokens_equal == at
    assert found.gap == pytest.approx(gap, rel=1e-4)


def test_a_tie_may_fall_either_way(probe):
    first, second = probe.logits[0, 5].topk(2)[1]
    small = TOLERANCES["f32"] * probe.logits.abs().max()
    probe.logits = probe.logits.clone()
    probe.logits[0, 5, second] = probe.logits[0, 5, first] - small
    as_read = probe.logits.clone()
    as_read[0, 5, second] += 1.01 * small
    as_read[0, 5, first] -= 0.5 * small
    found = compared(probe, probe.logits, as_read, "f32")
    assert found.tokens_equal == 5
    assert found.is_sound


def test_the_programs_own_gelu_explains_a_tie_but_not_another_model(probe):
    near, gap = swapped(probe, 4, 1e-4)
    scale = float(probe.logits.abs().max())
    assert gap > GELU * scale
    assert not compared(probe, probe.logits, near, "f32").is_sound
    probe.logits = probe.logits.clone()
    first, second = probe.logits[0, 4].topk(2)[1]
    probe.logits[0, 4, second] = probe.logits[0, 4, first] - GELU * scale / 2
    near, _ = swapped(probe, 4, 1e-4)
    found = compared(probe, probe.logits, near, "f32")
    assert found.is_sound
    assert found.tokens_equal == 4
