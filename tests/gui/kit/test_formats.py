"""Numbers as a person reads them."""

import math
from datetime import datetime

import pytest

from gui.kit import formats


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (950, "950"), (999.6, "1K"), (1000, "1K"), (12_345, "12.3K"), (999_999, "1M"), (30_142_848, "30.1M"),
     (1_240_000_000, "1.24B")],
)  # fmt: skip
def test_count(number, text):
    assert formats.count(number) == text


@pytest.mark.parametrize(
    ("size", "text"), [(640 << 10, "640 KB"), (512 << 20, "512 MB"), (1 << 30, "1.0 GB"), (11 << 30, "11 GB")]
)
def test_memory_is_binary(size, text):
    assert formats.memory(size) == text


@pytest.mark.parametrize(("size", "text"), [(12_000, "12 KB"), (4_500_000, "4.5 MB"), (1_300_000_000, "1.3 GB")])
def test_disk_is_decimal(size, text):
    assert formats.disk(size) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59.4, "59 s"), (59.6, "1 min"), (3599, "1 h 00 min"), (3900, "1 h 05 min"), (183_600, "2 d 3 h"),
     (math.inf, "–")],
)  # fmt: skip
def test_duration(seconds, text):
    assert formats.duration(seconds) == text


def test_clock():
    assert formats.clock(245) == "4:05"
    assert formats.clock(3729) == "1:02:09"


def test_losses():
    assert formats.loss(4.916) == "4.92"
    assert formats.fine_loss(4.91641) == "4.9164"
    assert formats.loss(None) == formats.loss(math.nan) == formats.NOTHING


@pytest.mark.parametrize(("share", "text"), [(0, "0%"), (0.001, "<1%"), (0.641, "64%"), (1, "100%")])
def test_percent_never_calls_something_nothing(share, text):
    assert formats.percent(share) == text


@pytest.mark.parametrize(("value", "text"), [(0.42, "0.4 epochs"), (1, "1.0 epoch"), (19.2, "19 epochs")])
def test_epochs(value, text):
    assert formats.epochs(value) == text


def test_moments():
    now = datetime(2026, 3, 4, 15, 0)
    assert formats.moment(datetime(2026, 3, 4, 14, 5), now) == "Today at 14:05"
    assert formats.moment(datetime(2026, 3, 3, 9, 12), now) == "Yesterday at 09:12"
    assert formats.moment(datetime(2025, 3, 3, 18, 40), now) == "3 Mar 2025 at 18:40"


def test_plural():
    assert formats.plural(1, "run") == "1 run"
    assert formats.plural(1200, "run") == "1,200 runs"
    assert formats.plural(2, "entry", "entries") == "2 entries"


@pytest.mark.parametrize(
    ("speed", "text"), [(0, "0 tokens/s"), (0.6, "1 token/s"), (1.4, "1 token/s"), (850, "850 tokens/s")]
)
def test_rate(speed, text):
    assert formats.rate(speed) == text
