"""Numbers as a person reads them: counts, bytes, durations, losses, moments. Pure; one place for each spelling."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

NOTHING = "–"
"""What stands where there is no value."""

_GB = 1024**3
_WEEK = 7 * 24


def count(number: float) -> str:
    """Return a count with three figures and its unit: 950, 12.3K, 30.1M, 1.24B."""
    for limit, unit in ((1e9, "B"), (1e6, "M"), (1e3, "K")):
        # what would round up to the next unit is told in that unit
        if abs(number) >= limit * 0.9995:
            return f"{_figures(number / limit)}{unit}"
    return f"{number:.0f}"


def whole(number: int) -> str:
    """Return a whole number with its thousands apart: 12,500."""
    return f"{number:,}"


def memory(size: float) -> str:
    """Return bytes as people speak of memory: 640 KB, 512 MB, 2.4 GB, 11 GB (binary, as macOS counts memory)."""
    if size >= _GB * 0.9995:
        return f"{size / _GB:.0f} GB" if size >= 9.95 * _GB else f"{size / _GB:.1f} GB"
    if size >= 1024**2 * 0.9995:
        return f"{size / 1024**2:.0f} MB"
    return f"{size / 1024:.0f} KB"


def disk(size: float) -> str:
    """Return bytes as the Finder tells a file's size: 12 KB, 4.5 MB, 1.3 GB (decimal)."""
    if size >= 1e9:
        return f"{size / 1e9:.1f} GB"
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{max(size, 0) / 1e3:.0f} KB"


def duration(seconds: float) -> str:
    """Return a duration in its two largest units, beyond a week in one: 45 s, 12 min, 1 h 05 min, 2 d 3 h, 9 d."""
    if not math.isfinite(seconds):
        return NOTHING
    if seconds < 59.5:
        return f"{max(seconds, 0):.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes:02d} min"
    if hours >= _WEEK:
        return f"{whole(round(hours / 24))} d"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h"


def clock(seconds: float) -> str:
    """Return a length of time as a clock shows it: 4:05, 1:02:09."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def loss(value: float | None) -> str:
    """Return a loss with two decimals, as it is read at a glance."""
    return NOTHING if value is None or not math.isfinite(value) else f"{value:.2f}"


def fine_loss(value: float | None) -> str:
    """Return a loss with four decimals, as nanoGPT prints it."""
    return NOTHING if value is None or not math.isfinite(value) else f"{value:.4f}"


def small(value: float) -> str:
    """Return a small setting in the spelling people type: 0.001, 6e-05, 1.5."""
    return f"{value:g}"


def power(value: float) -> str:
    """Return a very small number in the spelling of learning rates: 6.0e-4."""
    mantissa, _, exponent = f"{value:.1e}".partition("e")
    return f"{mantissa}e{int(exponent)}"


def rate(tokens_per_s: float) -> str:
    """Return a speed: 1 token/s, 850 tokens/s, 12.3K tokens/s."""
    figure = count(tokens_per_s)
    return f"{figure} {'token' if figure == '1' else 'tokens'}/s"


def percent(share: float) -> str:
    """Return a share of 1 in percent; what is not nothing is never told as 0 %."""
    return "<1%" if 0 < share < 0.005 else f"{share * 100:.0f}%"


def epochs(value: float) -> str:
    """Return how often a text is read: 0.4, 2.5, 19 epochs."""
    figure = f"{value:,.0f}" if value >= 9.95 else f"{value:.1f}"
    return f"{figure} {'epoch' if figure == '1.0' else 'epochs'}"


def moment(when: datetime, now: datetime | None = None) -> str:
    """Return a moment as a list shows it: Today at 14:05, Yesterday at 09:12, 3 Mar 2026 at 18:40."""
    today = (now or datetime.now(when.tzinfo)).date()
    time = f"{when:%H:%M}"
    if when.date() == today:
        return f"Today at {time}"
    if when.date() == today - timedelta(days=1):
        return f"Yesterday at {time}"
    return f"{when.day} {when:%b %Y} at {time}"


def plural(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun: 1 run, 1,200 runs."""
    return f"{whole(number)} {one if number == 1 else many or one + 's'}"


def _figures(value: float) -> str:
    decimals = 2 if abs(value) < 9.995 else 1 if abs(value) < 99.95 else 0
    text = f"{value:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
