"""A thread that waits for another leaves the processor to it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.cli.main import main
from engine.machine.openmp import let_waiting_threads_sleep

SPINS, POLICY = "GOMP_SPINCOUNT", "OMP_WAIT_POLICY"

_ROOT = Path(__file__).parents[3]
_LOAD = "from engine.machine.openmp import let_waiting_threads_sleep as let; let(); import torch"


def set_here():
    """Return what the environment says of waiting."""
    return {name: os.environ[name] for name in (SPINS, POLICY) if name in os.environ}


def test_every_command_lets_waiting_threads_sleep(monkeypatch):
    for name in (SPINS, POLICY):
        monkeypatch.delenv(name, raising=False)
    assert main(["runs"]) == 0
    assert set_here() == {SPINS: "0"}


@pytest.mark.parametrize(("name", "value"), [(SPINS, "1000"), (POLICY, "active")])
def test_what_a_person_has_set_stays(monkeypatch, name, value):
    for each in (SPINS, POLICY):
        monkeypatch.delenv(each, raising=False)
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
