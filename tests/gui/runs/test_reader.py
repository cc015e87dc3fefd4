import os

import pytest

from engine.core.paths import runs_dir
from gui.runs import reader
from gui.runs.reader import RunReader
from tests.gui.fake_run import evaluation, finished, recorded, started

LONG_AGO = 10**9


@pytest.fixture
def runs(monkeypatch):
    """Return five runs, each begun later than the one before, two of which are shown at first."""
    monkeypatch.setattr(reader, "FIRST", 2)
    made = [recorded(runs_dir() / name, started(), evaluation(5, 2.0), finished("done", 10)) for name in "abcde"]
    for at, run in enumerate(made):
        for path in (*run.files(), run.path):
            os.utime(path, (LONG_AGO + at, LONG_AGO + at))
    return made


def names(listing):
    return "".join(run.name for run in listing.runs)


def test_those_that_changed_last_come_before_all_others_are_read(runs, monkeypatch):
    read, really = [], reader.summary
    monkeypatch.setattr(reader, "summary", lambda folder: read.append(folder.name) or really(folder))
    growing = RunReader().growing()
    first = next(growing)
    assert (names(first), first.is_whole, sorted(read)) == ("ed", False, ["d", "e"])
    assert [(names(each), each.is_whole) for each in growing] == [("edcba", True)]


def test_later_the_list_comes_whole_at_once(runs):
    reads = RunReader()
    assert [names(each) for each in reads.growing()] == ["ed", "edcba"]
    assert [names(each) for each in reads.growing()] == ["edcba"]
    assert [run.name for run in reads.runs()] == [*"edcba"]


def test_a_run_that_changed_is_told_anew_and_one_that_is_gone_no_more(runs, monkeypatch):
    read, really = [], reader.read_run
    monkeypatch.setattr(reader, "read_run", lambda folder: read.append(folder.name) or really(folder))
    reads = RunReader()
    reads.runs()
    assert sorted(read) == [*"abcde"]
    read.clear()
    runs[0].rename("z")
    for file in runs[1].files():
        file.unlink()
    runs[1].path.rmdir()
    assert {run.name for run in reads.runs()} == {*"cdez"}
    assert read == ["a"]


def test_no_runs_are_an_empty_list():
    assert RunReader().runs() == []
