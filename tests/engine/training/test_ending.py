"""When a run ends, and each of its models: by its iterations, and by the clock."""

import pytest

from engine.core.events import Advice, Eval, Finished
from engine.core.generations import Generation
from engine.datasets.dataset import dataset
from engine.machine.device import Device
from engine.runs import checkpoint
from engine.runs.folder import RunFolder
from engine.training.ending import Ending
from engine.training.schedule import learning_rate_at
from engine.training.session import Session
from engine.training.stopwatch import Stopwatch
from tests.engine.training.hands import resume, train


class Clock(Stopwatch):
    """A stopwatch that shows what the test says."""

    whole = 0.0


@pytest.fixture
def ending_of(monkeypatch):
    """Return a maker of the ending of an open run, and of its clock."""
    sessions = []

    def make(config, generation=None):
        session = Session(config, dataset("toy"), Device())
        sessions.append(session)
        if generation is not None:
            session.generation, session.part = generation, generation.settings(config)
        clock = Clock()
        return Ending(session, clock), session, clock

    yield make
    for session in sessions:
        session.close()


def evals_of(events):
    return [event for event in events if isinstance(event, Eval)]


def begins(event):
    return isinstance(event, Advice) and event.code == "next_generation"


def test_a_model_ends_by_its_iterations_where_no_clock_runs(ending_of, toy_config):
    ending, session, clock = ending_of(toy_config(generations=2, max_iters=20))
    clock.whole = 1e6
    for iterations, over in ((0, False), (9, False), (10, True)):
        session.iter_num = iterations
        assert ending.is_here() is over
    assert ending.last_iter() == 0


def test_a_model_ends_by_its_part_of_the_time_and_that_stays_so(ending_of, toy_config):
    ending, session, clock = ending_of(toy_config(generations=2, max_iters=20_000, minutes=1.0))
    session.iter_num, clock.whole = 100, 0.9 * ending.limit / 2
    assert not ending.is_here()
    clock.whole = ending.limit / 2
    assert ending.is_here()
    clock.whole /= 2  # as if the evaluation that follows had been shorter than the one before
    assert ending.is_here()


def test_the_rate_falls_with_whatever_is_ahead_of_iterations_and_clock(ending_of, toy_config):
    config = toy_config(generations=2, max_iters=2000, minutes=1.0, warmup_iters=0)
    second = Generation(number=1, began=1000, seconds=30.0)
    ending, session, clock = ending_of(config, second)
    session.iter_num = 1250
    left = ending.limit - 30.0
    clock.whole = 30.0 + left / 8
    assert ending.learning_rate() == pytest.approx(learning_rate_at(250, session.part))
    clock.whole = 30.0 + left / 2
    assert ending.learning_rate() == pytest.approx(learning_rate_at(500, session.part))
    assert ending.last_iter() == pytest.approx(1500, abs=1)


@pytest.mark.parametrize(
    ("iterations", "seconds", "number", "comes"),
    [(10, 9.0, 0, True), (20, 9.0, 0, False), (10, 61.0, 0, False), (15, 9.0, 1, False)],
)
def test_another_model_comes_where_iterations_and_time_are_left(
    ending_of, toy_config, iterations, seconds, number, comes
):
    config = toy_config(generations=2, max_iters=20, minutes=1.0)
    ending, session, clock = ending_of(config, Generation(number=number))
    session.iter_num, clock.whole = iterations, seconds
    assert ending.another_comes is comes


def test_half_of_the_minutes_are_for_each(toy_config):
    config = toy_config(generations=2, max_iters=10_000_000, eval_interval=1_000_000, minutes=0.05, eval_iters=1)
    events = train(config)
    turn = checkpoint.load(RunFolder(config.out_dir).checkpoint).generation
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert 1.0 < turn.seconds < 2.0
    assert 0 < turn.began < finished.iter_num
    assert finished.seconds == pytest.approx(3.0, abs=0.9)
    assert [event.iter_num for event in evals_of(events)] == [0, turn.began, finished.iter_num]


def test_an_evaluation_alone_begins_no_model(toy_config):
    config = toy_config(max_iters=6)
    train(config)
    events = resume(config, generations=2, max_iters=12, eval_only=True)
    assert not list(filter(begins, events))
    assert not RunFolder(config.out_dir).teacher.exists()


def test_a_run_too_short_for_two_trains_one(toy_config):
    events = train(toy_config(generations=2, max_iters=1))
    assert not list(filter(begins, events))
    assert events[-1].iter_num == 1
