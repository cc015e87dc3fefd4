"""A thread that waits for another leaves the processor to others, where there are any."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.cli.main import main
from engine.machine.openmp import let_waiting_threads_sleep

SPINS, POLICY = "GOMP_SPINCOUNT", "OMP_WAIT_POLICY"

_ROOT = Path(__file__).parents[3]
_LOAD = (
    "import os; os.getloadavg = lambda: (99.0,) * 3; "
    "from engine.machine.openmp import let_waiting_threads_sleep as let; let(); import torch"
)


def set_here():
    """Return what the environment says of waiting."""
    return {name: os.environ[name] for name in (SPINS, POLICY) if name in os.environ}


@pytest.fixture(autouse=True)
def processor(monkeypatch):
    """A processor of two cores, of which others use as many as are said, and an environment that says nothing."""

    def used(cores):
        monkeypatch.setattr(os, "getloadavg", lambda: (cores, 0.0, 0.0))

    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    for name in (SPINS, POLICY):
        monkeypatch.delenv(name, raising=False)
    used(2.0)
    return used


@pytest.mark.parametrize(("cores", "sleeps"), [(0.0, False), (0.9, False), (1.0, True), (7.0, True)])
def test_every_command_lets_waiting_threads_sleep_where_others_work(processor, cores, sleeps):
    processor(cores)
    assert main(["runs"]) == 0
    assert set_here() == ({SPINS: "0"} if sleeps else {})


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
