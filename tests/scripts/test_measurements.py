import re
from pathlib import Path

import pytest

from scripts.measurements import PAGE, claimed, filled, known, machines, measured, pages

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(pages())


@pytest.mark.parametrize("name", PAGES)
def test_each_page_is_as_the_measurements_make_it(name):
    made = pages()[name]
    assert ROOT.joinpath(name).read_text("utf-8") == made, "python -m scripts.measurements writes it"


@pytest.mark.parametrize("name", [name for name in PAGES if name != PAGE])
def test_each_number_in_prose_was_measured_or_is_given(name):
    assert claimed(ROOT.joinpath(name).read_text("utf-8")) - known() == set()


def test_each_measurement_names_its_command_machine_and_day():
    for one in measured().values():
        assert one.command, one.id
        assert one.machine in machines(), one.id
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", one.date), one.id
        assert one.rows or one.values, one.id
        assert all(len(row) == len(one.columns) for row in one.rows), one.id


def test_each_measurement_is_shown_somewhere():
    shown = "".join(ROOT.joinpath(name).read_text("utf-8") for name in PAGES)
    assert [one.id for one in measured().values() if not one.title and f"measured: {one.id} " not in shown] == [
        "recipes-prose"
    ]


def test_a_make_command_is_one_that_there_is():
    makefile = ROOT.joinpath("Makefile").read_text("utf-8")
    for one in measured().values():
        if target := re.match(r"make ([a-z-]+)", one.command):
            assert re.search(rf"^{target[1]}:", makefile, re.MULTILINE), one.command


def test_numbers_are_found_with_a_unit_or_a_point_and_only_in_prose():
    text = "Two of 7 runs took 1,234 MB and 97 ± 3 % in 2.5 s.\n\n    make 9.9\n\n`8.8` and [7.7](6.6)"
    assert claimed(text) == {("1,234", "MB"), ("3", "%"), ("2.5", "s"), ("7.7", "")}


def test_a_number_is_known_by_the_unit_of_its_column():
    assert {("524", "ms"), ("2.02", "times as"), ("1,330", "MB"), ("2.02", "")} <= known()
    assert ("524", "MB") not in known()


def test_a_block_that_names_nothing_is_an_error():
    with pytest.raises(KeyError):
        filled("<!-- measured: nothing -->\n<!-- end -->")
