"""A thread that waits for another leaves the processor to others, where there are any."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.cli.main import main
from engine.machine import openmp
from engine.machine.openmp import let_waiting_threads_sleep

SPINS, POLICY = "GOMP_SPINCOUNT", "OMP_WAIT_POLICY"

_RUNNING = openmp.RUNNING
_ROOT = Path(__file__).parents[3]
_LOAD = (
    "from engine.machine import openmp; openmp.others_at_work = lambda: 99; "
    "openmp.let_waiting_threads_sleep(); import torch"
)


def set_here():
    """Return what the environment says of waiting."""
    return {name: os.environ[name] for name in (SPINS, POLICY) if name in os.environ}


@pytest.fixture(autouse=True)
def processor(monkeypatch, tmp_path):
    """A processor of two cores that as many others want as are said, and an environment that says nothing."""
    told = tmp_path / "loadavg"

    def wanted(others):
        told.write_text(f"0.00 9.00 9.00 {1 + others}/345 4711\n", "ascii")

    monkeypatch.setattr(openmp, "RUNNING", told)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    for name in (SPINS, POLICY):
        monkeypatch.delenv(name, raising=False)
    wanted(2)
    return wanted


@pytest.mark.parametrize(("others", "sleeps"), [(0, False), (1, True), (7, True)])
def test_every_command_lets_waiting_threads_sleep_where_others_work(processor, others, sleeps):
    processor(others)
    assert main(["runs"]) == 0
    assert set_here() == ({SPINS: "0"} if sleeps else {})


def test_what_wants_a_core_once_only_came_by(processor, monkeypatch):
    processor(3)
    monkeypatch.setattr(openmp.time, "sleep", lambda _: processor(0))
    assert openmp.others_at_work() == 0


@pytest.mark.parametrize("told", ["", "nothing of the kind", None])
def test_where_nothing_tells_nobody_is_there(monkeypatch, tmp_path, told):
    if told is not None:
        (tmp_path / "told").write_text(told, "ascii")
    monkeypatch.setattr(openmp, "RUNNING", tmp_path / "told")
    assert openmp.others_at_work() == 0


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not say it there")
def test_linux_says_it_there():
    assert int(_RUNNING.read_text("ascii").split()[3].split("/")[0]) >= 1


@pytest.mark.parametrize(("name", "value"), [(SPINS, "1000"), (POLICY, "active")])
def test_what_a_person_has_set_stays(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    let_waiting_threads_sleep()
    assert set_here() == {name: value}


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform != "linux", reason="torch brings GNU's OpenMP along on Linux")
def test_torch_heeds_it():
    clean = {name: value for name, value in os.environ.items() if name not in (SPINS, POLICY)}
    command = [sys.executable, "-c", _LOAD]
    loaded = subprocess.run(
        command, env=clean | {"OMP_DISPLAY_ENV": "verbose"}, check=True, capture_output=True, text=True, cwd=_ROOT
    )
    assert "GOMP_SPINCOUNT = '0'" in loaded.stderr
