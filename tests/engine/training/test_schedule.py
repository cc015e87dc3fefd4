import math

import pytest

from engine.core.config import TrainConfig
from engine.training.schedule import learning_rate_at, learning_rate_due

CONFIG = TrainConfig(learning_rate=8e-4, min_lr=2e-4, warmup_iters=100, lr_decay_iters=900, max_iters=1000)


@pytest.mark.parametrize(
    ("iter_num", "rate"),
    [
        (0, 8e-4 / 101),
        (49, 8e-4 * 50 / 101),
        (99, 8e-4 * 100 / 101),
        (100, 8e-4),
        (300, 2e-4 + 6e-4 * (1 + math.sqrt(0.5)) / 2),
        (500, 5e-4),
        (700, 2e-4 + 6e-4 * (1 - math.sqrt(0.5)) / 2),
        (900, 2e-4),
        (901, 2e-4),
        (10**9, 2e-4),
    ],
)
def test_the_rate_is_nanogpts(iter_num, rate):
    assert learning_rate_at(iter_num, CONFIG) == pytest.approx(rate, rel=1e-12)


def test_it_rises_then_falls_and_stays_within_its_bounds():
    rates = [learning_rate_at(n, CONFIG) for n in range(1100)]
    assert rates[:101] == sorted(rates[:101])
    assert rates[100:] == sorted(rates[100:], reverse=True)
    assert 0 < min(rates) <= max(rates) == CONFIG.learning_rate
    assert min(rates[100:]) == CONFIG.min_lr


def test_without_decay_it_is_constant():
    config = TrainConfig.of(CONFIG.as_dict(), {"decay_lr": False})
    assert {learning_rate_at(n, config) for n in (0, 50, 500, 5000)} == {8e-4}


def test_without_warm_up_it_begins_at_the_top():
    config = TrainConfig.of(CONFIG.as_dict(), {"warmup_iters": 0})
    assert learning_rate_at(0, config) == 8e-4


@pytest.mark.parametrize("decay", [0, 50, 100])
def test_a_decay_that_ends_in_the_warm_up_leaves_the_lowest_rate(decay):
    config = TrainConfig.of(CONFIG.as_dict(), {"lr_decay_iters": decay})
    assert learning_rate_at(99, config) == pytest.approx(8e-4 * 100 / 101)
    assert [learning_rate_at(n, config) for n in (100, 101)] == [2e-4, 2e-4]


def test_a_straight_line_falls_evenly():
    config = TrainConfig.of(CONFIG.as_dict(), {"decay_form": "linear"})
    assert [learning_rate_at(n, config) for n in (100, 300, 500, 900)] == pytest.approx([8e-4, 6.5e-4, 5e-4, 2e-4])
    assert learning_rate_at(49, config) == learning_rate_at(49, CONFIG)


def test_without_a_limit_a_clock_moves_nothing():
    assert [learning_rate_due(n, 1e6, 0.0, CONFIG) for n in (7, 500)] == [learning_rate_at(n, CONFIG) for n in (7, 500)]


@pytest.mark.parametrize(
    ("iter_num", "seconds", "place"), [(500, 10, 500), (500, 80, 800), (900, 80, 900), (100, 0, 100), (100, 200, 1000)]
)
def test_whichever_is_ahead_of_iterations_and_time_sets_the_decay(iter_num, seconds, place):
    assert learning_rate_due(iter_num, seconds, 100.0, CONFIG) == learning_rate_at(place, CONFIG)


@pytest.mark.parametrize("seconds", [0.0, 7.0, 10.0])
def test_a_clock_does_not_shorten_the_warm_up(seconds):
    rates = [learning_rate_due(n, seconds, 100.0, CONFIG) for n in range(0, 100, 11)]
    assert rates == [learning_rate_at(n, CONFIG) for n in range(0, 100, 11)]


def test_a_run_that_is_too_slow_ends_at_the_lowest_rate():
    config = TrainConfig.of(CONFIG.as_dict(), {"lr_decay_iters": 1000, "warmup_iters": 2})
    rates = [learning_rate_due(n, 10.0 * n, 100.0, config) for n in range(11)]
    assert rates[2:] == sorted(rates[2:], reverse=True)
    assert rates[-1] == config.min_lr


def test_one_that_does_not_outlive_its_warm_up_does_too():
    config = TrainConfig.of(CONFIG.as_dict(), {"warmup_iters": 12, "lr_decay_iters": 1000, "min_lr": 0.0})
    rates = [learning_rate_due(n, 10.0 * n, 100.0, config) for n in range(11)]
    highest = rates.index(max(rates))
    assert 0 < highest < 10
    assert rates == sorted(rates[:highest]) + sorted(rates[highest:], reverse=True)
    assert rates[-1] == 0.0
