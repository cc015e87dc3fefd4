"""What surrounds a run: told when it goes wrong, once, and not before."""

import os
import shutil

import psutil
import pytest

from engine.core.errors import DataError
from engine.machine.power import Power
from engine.runs.listing import summary
from engine.training.watches import DataFile, Watch

GIGABYTE = 10**9


@pytest.fixture
def tokens(tmp_path):
    path = tmp_path / "train.bin"
    path.write_bytes(bytes(1000))
    return path


@pytest.fixture
def look(tmp_path, tokens):
    """Return a watch's codes at each look."""
    watch = Watch(Power(), tmp_path, [DataFile(tokens)], GIGABYTE, low_battery=10)
    return lambda: [finding.code for finding in watch.look()]


@pytest.fixture
def machine(monkeypatch):
    """Return a machine whose free disk and used swap a test sets."""
    state = {"free": 100 * GIGABYTE, "swap": 0}
    disk, swap = shutil.disk_usage("/"), psutil.swap_memory()
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: disk._replace(free=state["free"]))
    monkeypatch.setattr(psutil, "swap_memory", lambda: swap._replace(used=state["swap"]))
    return state


def test_nothing_is_said_when_all_is_well(machine, look):
    assert look() == look() == []


def test_a_disk_that_gets_full_is_told_once(machine, look):
    machine["free"] = GIGABYTE - 1
    assert look() == ["disk_nearly_full"]
    assert look() == []


def test_swap_that_grows_is_told_once_and_what_was_there_is_not(machine, tmp_path):
    machine["swap"] = 8 * GIGABYTE
    watch = Watch(Power(), tmp_path, [], 0, low_battery=10)
    assert watch.look() == []
    machine["swap"] += GIGABYTE
    assert [finding.code for finding in watch.look()] == ["swapping"]
    assert watch.look() == []


def test_a_file_that_is_only_read_or_moved_to_is_well(machine, look, tokens):
    tokens.read_bytes()
    DataFile(tokens).require_unchanged()
    assert look() == []


@pytest.mark.parametrize("change", [lambda path: os.truncate(path, 10), lambda path: path.write_bytes(b"x" * 1000)])
def test_bytes_that_change_are_refused(tokens, change):
    os.utime(tokens, (1, 1))
    file = DataFile(tokens)
    change(tokens)
    with pytest.raises(DataError) as told:
        file.require_unchanged()
    assert told.value.code == "data_changed"


def test_another_file_in_its_place_is_told_and_the_old_one_read_on(machine, look, tokens, tmp_path):
    file = DataFile(tokens)
    (tmp_path / "new.bin").write_bytes(bytes(10))
    (tmp_path / "new.bin").replace(tokens)
    file.require_unchanged()
    assert "replaced" in file.finding().what
    assert look() == ["data_changed"]
    tokens.unlink()
    assert "vanished" in file.finding().what
    assert look() == []


def test_a_checkpoint_with_two_names_takes_its_room_once(toy_run):
    files = {path.stat().st_ino: path.stat().st_size for path in toy_run.files()}
    assert len(files) < len(toy_run.files())
    assert summary(toy_run.path).bytes_on_disk == sum(files.values())
