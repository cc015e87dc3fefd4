"""Windows that are sent together are those that would have been sent one by one."""

import pytest
import torch

from engine.core.config import TrainConfig
from engine.machine.device import choose_device
from engine.training import ahead as ahead_module
from engine.training.ahead import MicroStepsAhead, sent_ahead
from engine.training.bench import RandomTokens
from engine.training.team import ALONE

CONFIG = TrainConfig(block_size=16, batch_size=3, gradient_accumulation_steps=2, log_interval=5)
OF_AN_UPDATE = 2 * 2 * 3 * 16 * 8
"""Bytes of the windows of an update: two micro steps, inputs and targets."""


@pytest.fixture
def tokens():
    """Return random tokens."""
    return RandomTokens(30, CONFIG.block_size)


def read_back(pieces):
    """Return what micro steps hold, on the CPU."""
    return [(piece.number, piece.share, [part.cpu().tolist() for part in piece.windows]) for piece in pieces]


def test_the_micro_steps_are_those_of_the_team(gpu, tokens):
    ahead = MicroStepsAhead(ALONE, CONFIG, choose_device("mps"))
    for number in [0, 1, 2, 7, 3, 3, 11]:
        expected = read_back(ALONE.pieces(number, tokens, CONFIG))
        assert read_back(ahead.pieces(number, tokens)) == expected


@pytest.mark.parametrize(
    ("most", "sends"), [(2**25, [0, 1, 6]), (3 * OF_AN_UPDATE, [0, 1, 4, 6, 9]), (1, list(range(11)))]
)
def test_they_are_sent_once_for_all_updates_until_the_next_reading(gpu, tokens, monkeypatch, most, sends):
    monkeypatch.setattr(ahead_module, "MOST_BYTES", most)
    ahead, sent_at = MicroStepsAhead(ALONE, CONFIG, choose_device("mps")), []
    for number in range(11):
        with gpu.counted() as record:
            ahead.pieces(number, tokens)
        if record.host_waits:
            sent_at.append(number)
            assert record.host_waits == 1 or most == 1
    assert sent_at == sends


def test_another_text_is_sent_anew(gpu, tokens):
    ahead, other = MicroStepsAhead(ALONE, CONFIG, choose_device("mps")), RandomTokens(29, CONFIG.block_size)
    ahead.pieces(1, tokens)
    assert read_back(ahead.pieces(1, other)) == read_back(ALONE.pieces(1, other, CONFIG))


@pytest.mark.parametrize("most", [2**25, 3 * 2 * 2 * 4 * 8, 1])
@pytest.mark.parametrize("device", ["cpu", "mps"])
def test_no_window_is_lost_or_changed(gpu, monkeypatch, device, most):
    monkeypatch.setattr(ahead_module, "MOST_BYTES", most)
    windows = [tuple(torch.randint(30, (2, 2, 4))) for _ in range(10)]
    found = [[part.tolist() for part in each] for each in sent_ahead(windows, choose_device(device))]
    assert found == [[part.tolist() for part in each] for each in windows]
