"""The small plots of a run."""

import math

import numpy as np
import pytest

from gui.train.small_plots import Sparkline


def test_a_small_plot_begins_at_zero_and_shows_the_span_asked_for(qtbot):
    small = Sparkline("speed", "Speed")
    qtbot.addWidget(small)
    small.resize(101, small.height())
    small.show_points(np.array([0.0, 50, 100]), np.array([2.0, math.nan, 4.0]), (0.0, 200.0))
    first, last = small.places()
    assert (first.x(), last.x()) == (0, 50)
    foot = small.height() - 1
    assert foot - first.y() == pytest.approx((foot - last.y()) / 2)
    assert 0 < last.y() < foot / 4
    small.show_points(np.empty(0), np.empty(0), None)
    assert small.places() == []
