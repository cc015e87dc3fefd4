"""A run as others see it: its words, its size, its time and its machine, and nobody's name."""

import math

import pytest

from engine.core.events import Sample
from gui.train.curves import Curves
from gui.train.shared_run import Moment, curve_of, machine_words, read_shared_run, readable, spelled_out
from tests.fake_events import finished, started, step
from tests.gui.fake_run import recorded


def test_a_run_is_told_by_its_record(tmp_path):
    told = [started(chip="Apple M4", device="mps", parameters=672_000), step(0, 4.0), step(99, 2.0, step_ms=1000)]
    samples = [Sample(iter_num=n, prompt="\n", text=f"\nwords of {n}\x00") for n in (0, 50, 100)]
    run = read_shared_run(recorded(tmp_path / "run", *told, *samples, finished()).path)
    assert run.title == "Complete Shakespeare"
    assert run.facts == ("672K parameters", "12 s", "Apple M4")
    assert [each.words for each in run.moments] == ["words of 0·", "words of 50·", "words of 100·"]
    assert run.moments[0].seconds == 0
    assert run.moments[1].seconds < run.moments[2].seconds
    assert run.curve[0][0] < run.curve[-1][0] == 1.0


def test_the_name_that_a_person_gave_it_stands_over_its_text(tmp_path):
    run = recorded(tmp_path / "run", started(), step(0), name="Complete Shakespeare, Saturday 04:28")
    assert read_shared_run(run.path).title == "Complete Shakespeare"
    run.rename("My first play")
    assert read_shared_run(run.path).title == "My first play"
    assert read_shared_run(run.path).facts[0] == "Complete Shakespeare"
    run.rename("Complete Shakespeare")
    assert "Complete Shakespeare" not in read_shared_run(run.path).facts, "it is said once"


def test_of_a_run_that_is_on_the_time_so_far_is_told(tmp_path):
    run = read_shared_run(recorded(tmp_path / "run", started(), step(0), step(59, step_ms=1000)).path)
    assert run.facts == ("6.85M parameters", "59 s")
    assert run.moments == ()


def test_a_folder_without_a_record_has_no_words_and_no_facts(tmp_path):
    run = read_shared_run(tmp_path / "gone")
    assert (run.moments, run.facts, run.curve) == ((), (), ())


@pytest.mark.parametrize(
    ("chip", "device", "words"),
    [
        ("Apple M4 Pro", "mps", "Apple M4 Pro"),
        ("Intel(R) Xeon(R) CPU @ 2.20GHz", "cpu", "Intel Xeon"),
        ("AMD EPYC 7763 64-Core Processor", "cpu", "AMD EPYC 7763"),
        ("AMD EPYC 7763 64-Core Processor", "cuda:0", "NVIDIA GPU"),
        ("", "cpu", ""),
    ],
)
def test_a_machine_is_told_as_people_call_it(chip, device, words):
    assert machine_words(chip, device) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 second"), (12, "12 seconds"), (59.7, "1 minute"), (300, "5 minutes"), (7800, "2 h 10 min")],
)
def test_a_moment_is_told_in_words(seconds, words):
    assert spelled_out(seconds) == words
    assert Moment("", seconds).when == f"After {words}"


def test_what_breaks_lines_in_any_script_breaks_them():
    assert readable("\n\na\u2028b\r\nc\n\n\n\nd  \n") == "a\nb\nc\n\nd"


def test_noise_that_begins_with_a_space_does_not_stand_in_and_code_does():
    assert readable(" \n  King\nof men") == "King\nof men"
    assert readable("\n    return 1", in_lines=True) == "    return 1"


def test_a_curve_has_few_points_and_only_numbers():
    curves = Curves()
    for n in range(2000):
        curves.add_step(n, math.inf if n == 0 else 4 - n / 1000, 1e-3, 1.0, 10.0, 1e5, 1e8)
    points = curve_of(curves)
    assert len(points) <= 300
    assert all(math.isfinite(loss) and 0 <= at <= 1 for at, loss in points)
    assert points[-1][0] == 1.0
