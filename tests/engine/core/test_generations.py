"""What each model of a run has of its iterations and time."""

import math

import pytest

from engine.core.config import TrainConfig
from engine.core.generations import FIRST, Generation


def test_a_run_of_one_model_is_that_model():
    config = TrainConfig(max_iters=70, lr_decay_iters=50)
    assert FIRST.settings(config) is config
    assert FIRST.is_last(config)
    assert FIRST.seconds_of(90.0, config) == 90.0


def test_what_is_left_is_shared_evenly():
    config = TrainConfig(generations=3, max_iters=70)
    assert [FIRST.settings(config).max_iters, FIRST.settings(config).lr_decay_iters] == [24, 24]
    second = FIRST.next(24, 10.0)
    assert second.settings(config).max_iters == 23
    assert second.seconds_of(90.0, config) == 40.0
    third = second.next(40, 30.0)
    assert third.settings(config).max_iters == 30
    assert third.seconds_of(90.0, config) == 60.0
    assert [each.is_last(config) for each in (FIRST, second, third)] == [False, False, True]


def test_each_draws_its_own_numbers_and_all_else_is_the_runs():
    config = TrainConfig(generations=2, dropout=0.1, min_lr=1e-5, warmup_iters=7)
    first, second = FIRST.settings(config), FIRST.next(2500, 0.0).settings(config)
    assert first.seed == config.seed
    assert second.seed == FIRST.next(9, 9.0).settings(config).seed != config.seed
    of_its_own = {"generations", "max_iters", "lr_decay_iters", "seed"}
    for part in (first, second):
        changed = {name for name, value in part.as_dict().items() if value != getattr(config, name)}
        assert changed <= of_its_own
        assert part.generations == 1


def test_a_schedule_that_is_no_longer_than_a_part_of_the_run_is_so_for_each():
    config = TrainConfig(generations=2, max_iters=1000, lr_decay_iters=600)
    assert FIRST.settings(config).lr_decay_iters == 300
    assert FIRST.next(500, 0.0).settings(config).lr_decay_iters == 300


def test_no_time_left_is_no_time_without_limit():
    late = FIRST.next(10, 60.0)
    assert 0 < late.seconds_of(60.0, TrainConfig(generations=2)) < 0.01
    assert late.seconds_of(0.0, TrainConfig(generations=2)) == 0.0


def test_one_too_many_ends_where_the_run_does():
    beyond = Generation(number=3, began=80, seconds=0.0)
    config = TrainConfig(generations=2, max_iters=70)
    assert beyond.is_last(config)
    assert beyond.settings(config).max_iters == 0


@pytest.mark.parametrize("wrong", [{"number": -1}, {"began": -1}, {"seconds": -1.0}, {"seconds": math.nan}])
def test_none_is_before_the_first(wrong):
    with pytest.raises(ValueError, match="no model of a run"):
        Generation(**wrong)
