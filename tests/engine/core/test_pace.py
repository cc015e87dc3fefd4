"""How fast a run goes: by what was measured, pauses left out."""

import pytest

from engine.core.pace import Elapsed, MeasuredPace


def test_nothing_is_foretold_before_something_was_measured():
    pace = MeasuredPace()
    assert pace.seconds_for(10) is None
    pace.reach(0, 100.0)
    assert pace.seconds_for(10) is None
    pace.reach(5, 100.0)  # a clock that did not move tells nothing
    assert pace.seconds_for(10) is None


def test_the_pace_is_that_of_all_iterations_but_for_the_rests():
    pace = MeasuredPace()
    for iter_num, now in ((0, 10.0), (10, 12.0), (20, 18.0)):
        pace.reach(iter_num, now)
    assert pace.seconds_for(5) == pytest.approx(5 * 8 / 20)
    pace.rest()
    pace.reach(21, 1000.0)
    assert pace.seconds_for(5) == pytest.approx(5 * 8 / 20)
    pace.reach(41, 1004.0)
    assert pace.seconds_for(5) == pytest.approx(5 * 12 / 40)


def test_what_has_passed_leaves_out_the_rests():
    elapsed = Elapsed(seconds=5.0)
    elapsed.reach(100.0)
    elapsed.reach(103.0)
    elapsed.rest()
    elapsed.reach(500.0)
    elapsed.reach(501.0)
    assert elapsed.seconds == pytest.approx(5 + 3 + 1)
