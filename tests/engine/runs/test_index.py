"""Runs that did not change are listed without a look into their files; a bad index costs time only."""

import os
from collections import Counter

import pytest

from engine.core import untrusted_files
from engine.core.paths import runs_dir
from engine.runs import index
from engine.runs.folder import RunFolder, remember_folder
from engine.runs.index import FILE, RunIndex, stamp_of
from engine.runs.listing import list_runs, read_run, run_folders
from engine.runs.owner import RunLock
from tests.as_anyone import as_anyone
from tests.fake_events import evaluation, finished, started
from tests.gui.fake_run import recorded

LONG_AGO = 10**9


def rest(*runs):
    """Let the files of runs be as they are for a long time."""
    for run in runs:
        for file in run.files():
            os.utime(file, (LONG_AGO, LONG_AGO))


@pytest.fixture
def runs():
    """Return three runs that ended long ago."""
    made = [recorded(runs_dir() / name, started(), evaluation(5, 2.0), finished("done", 10)) for name in "abc"]
    made[0].checkpoint.write_bytes(b"weights")
    rest(*made)
    return made


@pytest.fixture
def opened(monkeypatch):
    """Return how often each file was opened by its name."""
    count, really = Counter(), untrusted_files.os.open

    def counting(path, *how, **more):
        count[os.path.basename(path)] += 1
        return really(path, *how, **more)

    monkeypatch.setattr(os, "open", counting)
    return count


def test_what_did_not_change_is_not_read_again(runs, opened):
    first = list_runs()
    assert opened["config.json"] == opened["metrics.jsonl"] == 3
    opened.clear()
    assert list_runs() == first
    assert not {*opened} & {"config.json", "metrics.jsonl", "run.json"}


def test_only_a_run_that_changed_is_read_again(runs, opened):
    list_runs()
    runs[1].append(evaluation(15, 1.5))
    runs[1].close()
    runs[2].rename("another name")
    opened.clear()
    told = {run.path.name: run for run in list_runs()}
    assert opened["config.json"] == 2
    assert told["b"].best_val_loss == 1.5
    assert told["c"].name == "another name"


def test_a_file_in_the_place_of_another_of_its_size_and_time_is_seen(runs):
    list_runs()
    other = runs[0].config_path.read_bytes().replace(b'"max_iters": 5000', b'"max_iters": 4000')
    beside = runs[0].path / "beside it, so that both have numbers of their own on the disk"
    beside.write_bytes(other)
    beside.replace(runs[0].config_path)
    rest(runs[0])
    assert {run.max_iters for run in list_runs()} == {4000, 5000}


def test_a_run_that_has_just_changed_is_not_trusted(runs, opened):
    os.utime(runs[0].metrics_path)
    list_runs()
    opened.clear()
    list_runs()
    assert opened["metrics.jsonl"] == 1


def test_a_run_is_running_as_long_as_its_lock_is_held(runs):
    list_runs()
    lock = RunLock(runs[0].path)
    assert [run.status for run in list_runs() if run.owned] == ["running"]
    lock.release()
    assert {run.status for run in list_runs()} == {"finished"}


def test_a_run_that_is_gone_is_gone_and_one_elsewhere_is_known(runs, tmp_path, opened):
    elsewhere = recorded(tmp_path / "elsewhere", started(), finished("done", 10))
    rest(elsewhere)
    remember_folder(elsewhere.path)
    assert len(list_runs()) == 4
    for file in runs[0].files():
        file.unlink()
    runs[0].path.rmdir()
    opened.clear()
    assert {run.path.name for run in list_runs()} == {"b", "c", "elsewhere"}
    assert not opened["config.json"]


def damage(content):
    yield b""
    yield b"\0" * 1000
    yield content[: len(content) // 2]
    yield content.replace(b"as Understudy", b"as Another", 1)
    for at in range(0, len(content), 97):
        yield content[:at] + bytes([content[at] ^ 4]) + content[at + 1 :]


def test_a_damaged_index_is_passed_over_and_written_anew(runs):
    first, file = list_runs(), runs_dir() / FILE
    whole = file.read_bytes()
    for content in damage(whole):
        file.write_bytes(content)
        assert list_runs() == first
    file.write_bytes(b"")
    list_runs()
    assert sorted(file.read_bytes().splitlines()) == sorted(whole.splitlines())


def test_a_line_that_is_whole_and_means_nothing_is_passed_over(runs):
    first, file = list_runs(), runs_dir() / FILE
    for content in (b"[]", b"[1, 2]", b"[[], {}]", b"[" * 100_000, b'[[[1]], {"path": 1}]', b"9" * 5000):
        file.write_bytes(index._HEAD + b"%08x %s\n" % (index.zlib.crc32(content), content))
        assert list_runs() == first


def test_two_that_write_at_once_leave_one_whole_index(runs):
    folders = run_folders()
    writers = [RunIndex(read_run), RunIndex(read_run)]
    for writer in writers:
        for folder in folders:
            writer.summary(folder)
    for writer in writers:
        writer.keep(folders)
    assert [file.name for file in runs_dir().iterdir() if file.is_file()] == [FILE]
    assert {*RunIndex(read_run)._entries} == {*folders}


def test_a_home_that_takes_no_index_lists_its_runs(runs):
    runs_dir().chmod(0o500)
    with as_anyone():
        assert len(list_runs()) == 3
    runs_dir().chmod(0o700)
    assert not (runs_dir() / FILE).exists()
    (runs_dir() / FILE).mkdir()
    assert len(list_runs()) == 3
    assert {each.name for each in runs_dir().iterdir()} == {FILE, "a", "b", "c"}


def test_a_damaged_run_is_looked_at_each_time(runs, opened):
    runs[0].config_path.write_text("{")
    rest(runs[0])
    list_runs()
    opened.clear()
    assert [run.status for run in list_runs()].count("damaged") == 1
    assert opened["config.json"] == 1


def test_the_state_of_a_folder_that_cannot_be_known_is_none(tmp_path):
    assert stamp_of(tmp_path / "nowhere") is None
    (tmp_path / "best.pt").symlink_to(tmp_path / "nowhere")
    assert stamp_of(tmp_path) is None
    assert RunFolder(tmp_path).files() == []


def test_an_index_of_another_version_is_not_believed(runs, opened):
    list_runs()
    file = runs_dir() / FILE
    file.write_bytes(file.read_bytes().replace(b"as Understudy", b"as Another", 1))
    opened.clear()
    list_runs()
    assert opened["config.json"] == 3
