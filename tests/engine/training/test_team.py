"""A process alone: its micro steps are the update's text in its order, and it scores batch after batch."""

import numpy as np
import pytest
import torch

from engine.core.config import TrainConfig
from engine.tokens.batches import TokenFile
from engine.training.team import ALONE

CONFIG = TrainConfig(block_size=8, batch_size=3, gradient_accumulation_steps=4, n_embd=16, n_head=2, seed=5)


@pytest.fixture
def tokens(tmp_path):
    np.random.default_rng(2).integers(0, 30, 1000).astype("<u2").tofile(tmp_path / "train.bin")
    return TokenFile(tmp_path / "train.bin", 30)


def test_micro_steps_are_the_parts_of_one_update(tokens):
    pieces = list(ALONE.pieces(7, tokens, CONFIG))
    assert [piece.number for piece in pieces] == [0, 1, 2, 3]
    assert [piece.share for piece in pieces] == [0.25] * 4
    whole = tokens.random_windows(12, 8, 5, 7)
    for part, expected in enumerate(whole):
        assert torch.equal(torch.cat([piece.windows[part] for piece in pieces]), expected)


def test_another_update_reads_other_text(tokens):
    one, other = (next(ALONE.pieces(iter_num, tokens, CONFIG)) for iter_num in (0, 1))
    assert not torch.equal(one.windows[0], other.windows[0])


def test_each_batch_is_scored_by_itself():
    class Learner:
        def score(self, windows):
            return windows[0].float().mean()

    batches = [(torch.full((2, 4), number), torch.zeros(2, 4)) for number in (3, 5)]
    assert ALONE.losses(Learner(), batches).tolist() == [3.0, 5.0]
    assert ALONE.size == 1
