import pytest

from engine.core.config import TrainConfig
from engine.runs.longer import may_teach, minutes_longer, second_model
from tests.fake_events import finished


def ended(iter_num, seconds):
    return finished(iter_num=iter_num, seconds=seconds)


def test_a_run_with_a_time_gets_more_of_it():
    config = TrainConfig.of({"minutes": 5.0, "recipe": "quick", "max_iters": 1000})
    longer = {"minutes": 10.0, "max_iters": 2000, "lr_decay_iters": 2000}
    assert minutes_longer(config, ended(800, 300.0), 5) == longer


def test_a_run_that_took_longer_than_it_was_given_still_gets_all_of_them():
    """Its last update and what came after may have ended late."""
    assert minutes_longer(TrainConfig.of({"minutes": 1.0}), ended(3, 90.0), 5) == {"minutes": 6.5}


def test_a_run_with_a_number_of_iterations_gets_as_many_as_take_that_long():
    config = TrainConfig.of({"max_iters": 2000})
    assert minutes_longer(config, ended(2000, 600.0), 5) == {"max_iters": 3000, "lr_decay_iters": 3000}


def test_a_run_without_an_update_goes_on_all_the_same():
    assert minutes_longer(TrainConfig.of({"max_iters": 1}), ended(0, 0.0), 5)["max_iters"] > 1


def test_a_second_model_gets_as_many_iterations_as_the_first_made_before_it_ended():
    config = TrainConfig.of({"minutes": 5.0, "recipe": "quick", "max_iters": 9000, "lr_decay_iters": 6000})
    changes = {"generations": 2, "minutes": 0.0, "max_iters": 1600, "lr_decay_iters": 1600}
    assert second_model(config, ended(800, 200.0)) == changes


@pytest.mark.parametrize(
    ("settings", "may"),
    [({}, True), ({"generations": 2}, False), ({"init_from": "gpt2"}, False), ({"init_from": "resume"}, True)],
)
def test_a_second_model_is_for_runs_of_one_that_began_anew(settings, may):
    assert may_teach(TrainConfig.of(settings)) is may
