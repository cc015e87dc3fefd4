from engine.core.config import TrainConfig
from engine.runs.longer import minutes_longer


def test_a_run_with_a_time_gets_more_of_it():
    config = TrainConfig.of({"minutes": 5.0, "recipe": "quick", "max_iters": 1000})
    assert minutes_longer(config, 5, 800, 300.0) == {"minutes": 10.0, "max_iters": 2000, "lr_decay_iters": 2000}


def test_a_run_that_took_longer_than_it_was_given_still_gets_all_of_them():
    """Its last update and what came after may have ended late."""
    assert minutes_longer(TrainConfig.of({"minutes": 1.0}), 5, 3, 90.0) == {"minutes": 6.5}


def test_a_run_with_a_number_of_iterations_gets_as_many_as_take_that_long():
    config = TrainConfig.of({"max_iters": 2000})
    assert minutes_longer(config, 5, 2000, 600.0) == {"max_iters": 3000, "lr_decay_iters": 3000}


def test_a_run_without_an_update_goes_on_all_the_same():
    assert minutes_longer(TrainConfig.of({"max_iters": 1}), 5, 0, 0.0)["max_iters"] > 1
