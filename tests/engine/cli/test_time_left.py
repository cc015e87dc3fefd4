import pytest

from engine.cli import time_left
from engine.cli.console import Console
from engine.core.config import TrainConfig
from tests.fake_events import started, step
from tests.stand_in_clock import Clock


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(time_left, "time", made)
    return made


def lines(capsys):
    return [line for line in capsys.readouterr().out.splitlines() if line.startswith("time left")]


def run(clock, start, steps, seconds):
    """Show a run of so many logged steps, with ten iterations and some seconds between two of them."""
    console = Console(TrainConfig())
    console.show(start)
    for number in range(steps):
        clock.sleep(seconds)
        console.show(step(10 * number))


def test_it_is_said_after_a_minute_and_then_now_and_then(clock, capsys):
    run(clock, started(max_iters=1000), steps=91, seconds=10)
    told = lines(capsys)
    assert told == ["time left: about 16 minutes", "time left: about 11 minutes", "time left: about 6 minutes"]


def test_of_a_short_run_nothing_is_said(clock, capsys):
    run(clock, started(max_iters=50), steps=5, seconds=1)
    assert lines(capsys) == []


def test_a_run_with_a_time_limit_ends_by_the_clock(clock, capsys):
    run(clock, started(max_iters=10**6, time_limit=300.0, seconds=60.0), steps=10, seconds=10)
    assert lines(capsys) == ["time left: about 3 minutes"]
