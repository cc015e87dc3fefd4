"""What surrounds a run: told when it goes wrong, once, and not before."""

import os
import shutil

import psutil
import pytest

from engine.core.errors import DataError
from engine.machine.power import Power
from engine.runs.listing import summary
from engine.training.watches import SLEPT_S, DataFile, Watch

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


class Machine(Power):
    """A machine whose charge, heat and sleep a test sets."""

    charge, hot, slept = None, False, 0.0

    def battery_percent(self):
        return self.charge

    def is_too_hot(self):
        return self.hot

    def asleep_s(self):
        return self.slept


@pytest.fixture
def power():
    return Machine()


@pytest.fixture
def watch(machine, power, tmp_path):
    return Watch(power, tmp_path, [], 0, low_battery=10)


@pytest.mark.parametrize(("charge", "low"), [(None, False), (10.0, False), (9.9, True)])
def test_a_battery_is_low_below_its_limit(watch, power, charge, low):
    power.charge = charge
    found = watch.look()
    assert [(finding.code, finding.rest) for finding in found] == ([("low_battery", True)] if low else [])
    assert watch.must_rest() is low


def test_battery_and_heat_are_told_again_when_they_were_well_in_between(watch, power):
    def codes():
        return [finding.code for finding in watch.look()]

    power.hot = True
    assert (codes(), codes(), watch.must_rest()) == (["too_hot"], [], True)
    power.hot = False
    assert (codes(), watch.must_rest()) == ([], False)
    power.hot = True
    assert codes() == ["too_hot"]


def test_a_nap_is_not_worth_a_word_and_each_sleep_is_told_by_itself(watch, power):
    power.slept += SLEPT_S
    assert watch.look() == []
    power.slept += 3 * 3600 + 25 * 60
    (slept,) = watch.look()
    assert (slept.severity, slept.rest) == ("info", False)
    assert "slept for 3 h 25 min" in slept.what
    assert watch.look() == []
    power.slept += 60
    assert "slept for 0 h 1 min" in watch.look()[0].what


def test_a_disk_is_nearly_full_when_it_holds_less_than_is_needed(machine, power, tmp_path):
    machine["free"] = 5
    assert [finding.code for finding in Watch(power, tmp_path, [], 6, low_battery=10).look()] == ["disk_nearly_full"]
    assert Watch(power, tmp_path, [], 5, low_battery=10).look() == []
