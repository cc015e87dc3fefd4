"""How much of a plot is seen: all there is, with air, and it moves seldom."""

import math

import numpy as np
import pytest

from gui.train.sight import AIR, extent, heights, widths


def test_the_extent_is_of_all_numbers_that_there_are():
    assert extent(np.array([3.0, np.nan, 1.0]), None, np.array([]), np.array([7.0, np.inf])) == (1.0, 7.0)
    assert extent(None, np.array([np.nan])) is None
    assert extent() is None


def test_a_width_stays_while_it_holds_what_there_is_and_is_well_filled():
    now = widths((0.0, 100.0), None)
    assert now == pytest.approx((-2.0, 102.0))
    assert widths((0.0, 101.0), now) == now
    grown = widths((0.0, 103.0), now)
    assert grown == pytest.approx((-0.02 * 103, 103 + 0.1 * 103))
    assert widths((0.0, 110.0), grown) == grown
    assert widths((0.0, 20.0), grown) != grown  # hardly filled any more


def test_of_a_single_point_a_whole_unit_is_seen():
    shown = widths((0.0, 0.0), None)
    assert shown == pytest.approx((-0.02, 1.02))
    assert widths((0.0, 0.0), shown) == shown
    assert widths((0.0, 3.0), None, 100.0)[1] > 100
    assert widths((0.0, 300.0), None, 100.0) == widths((0.0, 300.0), None)


def test_a_height_has_air_above_and_below():
    assert heights((1.0, 3.0), (0.0, 1.0)) == pytest.approx((1 - 2 * AIR, 3 + 2 * AIR))
    assert heights((1.0, 3.0), (0.9, 3.1)) == (0.9, 3.1)
    assert heights((2.0, 2.0), (0.0, 1.0)) == pytest.approx((1.96, 2.04))
    assert heights((7.61, 7.62), (0.0, 1.0)) == pytest.approx((7.4576, 7.7724)), "its values have two figures"
    assert heights((0.0, 0.0), (5.0, 6.0)) == pytest.approx((-AIR, AIR))


def test_where_nothing_is_wanted_what_is_shown_stays():
    assert widths(None, None) == (0.0, 1.0)
    assert widths(None, (3.0, 4.0)) == heights(None, (3.0, 4.0)) == (3.0, 4.0)


def test_what_is_seen_of_x_moves_seldom_while_a_curve_grows():
    shown, moves = None, 0
    for last in range(1, 400):
        before, shown = shown, widths((0.0, float(last)), shown)
        moves += shown != before
        assert shown[0] <= 0
        assert last <= shown[1] <= 1.2 * last
    assert moves < 60
    assert widths((0.0, 40.0), shown)[1] < 45  # another run, much shorter
    assert widths(None, None) == (0.0, 1.0)


def test_what_is_seen_of_y_holds_the_curve_and_little_more():
    wide = heights((2.0, 4.0), (0.0, 1.0))
    assert 1.8 < wide[0] < 2 < 4 < wide[1] < 4.2
    assert heights((2.2, 4.0), wide) == wide
    assert heights((2.0, 3.0), wide)[1] < 3.2
    assert heights((2.0, 5.0), wide)[1] > 5
    assert heights(None, wide) == wide
    low, high = heights((3.0, 3.0), (0.0, 1.0))
    assert low < 3 < high


def test_what_is_no_number_has_no_extent():
    assert extent(None, np.array([math.nan, math.inf])) is None
    assert extent(np.array([1.0, math.nan]), np.array([-2.0])) == (-2, 1)
