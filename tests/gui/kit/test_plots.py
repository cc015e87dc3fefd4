"""Plots: ticks that are round, lines as wide on every screen."""

from types import SimpleNamespace

import pytest

from gui.kit.plots import log_ticks, pen, series_pen
from gui.kit.theme import Size


@pytest.mark.parametrize(("low", "high"), [(4.1, 10.9), (4.91, 4.97), (0.02, 300.0), (6.3, 6.9)])
def test_a_logarithmic_axis_has_round_values_in_sight(low, high):
    ticks = log_ticks(low, high)
    assert 2 <= len(ticks) < 40
    assert all(low <= value <= high for value in ticks)


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_a_line_is_as_wide_on_every_screen(qapp, monkeypatch, ratio):
    screen = SimpleNamespace(devicePixelRatio=lambda: ratio)
    monkeypatch.setattr("gui.kit.plots.QGuiApplication", SimpleNamespace(primaryScreen=lambda: screen))
    for width in (1, Size.STROKE):
        assert [made.widthF() for made in (pen("train", width=width), series_pen(3, width=width))] == [
            width * ratio
        ] * 2
