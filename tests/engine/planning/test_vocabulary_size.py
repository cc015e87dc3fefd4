"""How many tokens a text is worth, and how long they are."""

import pytest

from engine.planning.vocabulary_size import LONG_MINUTES, bytes_per_token, vocabulary_size

LENGTHS = [1_000, 30_000, 400_000, 1_000_000, 5_000_000, 50_000_000]


def test_a_vocabulary_grows_with_the_text_within_its_bounds():
    sizes = [vocabulary_size(length) for length in LENGTHS]
    assert sizes == sorted(sizes)
    assert (sizes[0], sizes[-1]) == (256, 4096)


def test_a_short_time_leaves_less_to_score():
    assert vocabulary_size(50_000_000, LONG_MINUTES / 2) < vocabulary_size(50_000_000, LONG_MINUTES)


@pytest.mark.parametrize(("kind", "size"), [("char", 65), ("bpe", 256), ("bpe", 1024), ("gpt2", 50_257)])
def test_a_larger_vocabulary_has_longer_tokens(kind, size):
    assert bytes_per_token(kind, size) >= 1.0
    assert bytes_per_token("bpe", 4096) > bytes_per_token("bpe", 1024) > bytes_per_token("char", 1024)
