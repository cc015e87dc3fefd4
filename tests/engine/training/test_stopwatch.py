import pytest

from engine.training.stopwatch import Stopwatch


@pytest.fixture
def watch(clock):
    clock.tick = 0.0
    return Stopwatch()


def test_it_counts_from_its_start_on_and_is_started_once(watch, clock):
    clock.now += 100.0
    watch.rest(50.0)
    assert watch.seconds == watch.whole == 0.0
    watch.start()
    clock.now += 3.0
    watch.start()
    clock.now += 4.0
    assert watch.seconds == 7.0


def test_pauses_are_left_out_and_what_a_run_had_before_counts(watch, clock):
    watch.go_on_from(20.0)
    assert watch.whole == 20.0
    watch.start()
    clock.now += 10.0
    watch.rest(4.0)
    assert watch.seconds == 6.0
    assert watch.whole == 26.0
