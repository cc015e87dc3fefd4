"""Curves as they grow, along any axis, and thinned to what can be seen."""

import math

import numpy as np
import pytest

from gui.train.curves import Axis, Curves, Scale, Unit, envelope, part, thinned
from tests.gui.fake_run import started


def test_rows_that_a_crash_left_twice_are_read_once():
    rows = np.array([[n, 1.0, 0, 1, 1, 1, 1] for n in (0, 10, 20, 10, 20, 30)], dtype=float)
    made = Curves.of(rows, np.empty((0, 3)))
    assert list(made.steps.column("iter_num")) == [0, 10, 20, 30]


def test_bits_per_byte_are_those_of_the_evaluation():
    scale = Scale.of(started(val_tokens=1024, val_bytes=4096))
    assert scale.loss(np.array([math.log(2)]), Unit.BITS) == pytest.approx(0.25)
    assert np.isnan(Scale().loss(np.array([1.0]), Unit.BITS)).all()


def test_the_best_point_is_the_lowest_after_something_was_learned():
    curves = Curves()
    for n, value in ((0, 1.0), (50, 3.0), (100, 2.5), (150, 2.8)):
        curves.add_eval(n, value, value)
    assert curves.best() == (100, 2.5)


def test_the_first_evaluation_is_the_best_until_there_is_another():
    curves = Curves()
    assert curves.best() is None
    curves.add_eval(0, 4.1, 4.2)
    assert curves.best() == (0, 4.2)
    curves.add_eval(50, math.nan, math.nan)
    assert curves.best() == (0, 4.2)
    curves.add_eval(100, 4.4, 4.5)
    assert curves.best() == (100, 4.5)


def test_curves_smooth_without_lagging_behind_a_constant():
    curves = Curves()
    for n in range(100):
        curves.add_step(n, 2.0 if n != 50 else float("nan"), 0, 1, 1, 1, 1)
    assert np.allclose(curves.steps.column("smoothed"), 2.0)
    assert np.isnan(curves.steps.column("loss")[50])


def test_smoothing_calms_noise():
    random = np.random.default_rng(1)
    curves = Curves()
    for n in range(1000):
        curves.add_step(n, 2 + random.normal(), 0, 1, 1, 1, 1)
    settled = curves.steps.column("smoothed")[100:]
    assert settled.std() < 0.3
    assert abs(settled.mean() - 2) < 0.2


def test_another_model_is_smoothed_by_its_own_losses():
    curves = Curves()
    for n in range(100):
        if n == 50:
            curves.begin_model(n)
            curves.begin_model(n)  # as after a kill
        curves.add_step(n, 2.0 if n < 50 else 5.0, 0, 1, 1, 1, 1)
    assert list(curves.steps.column("smoothed")) == [2.0] * 50 + [5.0] * 50
    assert curves.turns == [50]
    assert [curves.model_of(n) for n in (0, 50, 51)] == [(-1.0, 50), (-1.0, 50), (50, math.inf)]
    curves.cut_back(50)
    assert curves.copy().turns == [50]
    curves.cut_back(49)
    assert curves.turns == []


def test_axes_are_computed_from_the_iterations():
    curves = Curves()
    for n in range(0, 50, 10):
        curves.add_step(n, 1.0, 0, 1, 600.0, 1, 1)
    at = np.array([0.0, 20.0])
    scale = Scale(tokens_per_iter=100, train_tokens=1000)
    assert list(curves.along(Axis.ITERATION, at, scale)) == [0, 20]
    assert list(curves.along(Axis.TOKENS, at, scale)) == [0, 2000]
    assert list(curves.along(Axis.EPOCH, at, scale)) == [0, 2]
    minutes = curves.along(Axis.TIME, at, scale)
    assert np.allclose(curves.steps_along(Axis.TIME, scale)[[0, 2]], minutes)
    assert minutes[1] - minutes[0] == pytest.approx(20 * 0.6 / 60)


def test_the_table_grows_past_its_first_room():
    curves = Curves()
    for n in range(1000):
        curves.add_eval(n, 1, 1)
    assert list(curves.evals.column("iter_num")) == list(range(1000))


def test_an_envelope_keeps_the_extremes_and_the_last_point():
    x, y = np.arange(100_000.0), np.random.default_rng(1).normal(size=100_000)
    y[54_321] = 99.0
    seen_x, seen_y = envelope(x, y, 300)
    assert len(seen_x) == len(seen_y) == 601
    assert seen_y.max() == 99.0
    assert seen_y.min() == y.min()
    assert (seen_x[-1], seen_y[-1]) == (x[-1], y[-1])
    assert (np.diff(seen_x) >= 0).all()


def test_a_thinned_curve_keeps_its_course():
    x = np.arange(10_001.0)
    seen_x, seen_y = thinned(x, 2 * x, 300)
    assert len(seen_x) == 301
    assert np.allclose(seen_y, 2 * seen_x)


@pytest.mark.parametrize("draw", [envelope, thinned])
@pytest.mark.parametrize("length", [0, 1, 50, 300])
def test_few_points_are_drawn_as_they_are(draw, length):
    x = np.arange(float(length))
    assert np.array_equal(draw(x, x, 300)[1], x)


def test_a_part_reaches_one_point_beyond_the_span():
    x = np.arange(10.0)
    assert list(x[part(x, 3.5, 6.5)]) == [3, 4, 5, 6, 7]
    assert list(x[part(x, -5, 100)]) == list(x)
