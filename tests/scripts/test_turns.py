import os
import sys

import pytest

from scripts.turns import Program, Slice, ratio, take_turns

_PATIENT = """
import json, signal, sys

def end(*_):
    print(json.dumps({"number": int(sys.argv[1])}))
    sys.exit()

signal.signal(signal.SIGTERM, end)
print("ready", flush=True)
while True:
    signal.pause()
"""


def test_what_happens_in_a_slice_is_counted_and_nothing_else():
    part = Slice(10.0, 12.0)
    assert part.rate([9.5, 10.5, 11.0, 11.5, 12.5]) == 2.0
    assert part.rate([10.5]) == part.rate([]) == 0.0
    assert part.holds(10.0, 12.0)
    assert not part.holds(11.0, 12.1)


def test_a_ratio_is_that_of_neighbours_whatever_the_machine_does():
    slow, fast = [2.0, 20.0, 5.0], [1.0, 10.0, 2.5]
    assert ratio(slow, fast) == pytest.approx((2.0, 0.0))
    mean, error = ratio([1.0, 4.0], [2.0, 2.0])
    assert mean == pytest.approx(1.0)  # half as fast, twice as fast
    assert error == pytest.approx(0.693, abs=1e-3)


def test_a_slice_without_a_rate_is_left_out_with_its_neighbour():
    assert ratio([2.0, 0.0, 2.0, 9.0], [1.0, 1.0, 1.0, 0.0]) == pytest.approx((2.0, 0.0))
    with pytest.raises(ValueError, match="too busy"):
        ratio([1.0, 0.0], [1.0, 1.0])


def test_a_program_stands_still_but_for_its_slices_and_tells_at_the_end():
    programs = [Program([sys.executable, "-c", _PATIENT, str(n)], os.environ) for n in (1, 2)]
    take_turns(programs, rounds=2, seconds=0.0)
    first, second = ([part.ended for part in program.slices] for program in programs)
    assert second[0] < first[0] < first[1] < second[1]  # back and forth
    assert [program.end() for program in programs] == [{"number": 1}, {"number": 2}]


def test_a_program_that_fails_to_warm_up_is_told():
    with pytest.raises(RuntimeError, match="ended with 3"):
        Program([sys.executable, "-c", "raise SystemExit(3)"], os.environ)
