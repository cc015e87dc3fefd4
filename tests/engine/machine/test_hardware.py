"""What this machine is."""

import json
import math
import os
import platform
import sys

import pytest

from engine.machine import hardware
from engine.machine.hardware import cores_allowed, cores_worth, gpu_cores, gpu_cores_of, machine


def test_this_machine_is_described():
    here = machine()
    assert here.cores >= 1
    assert 0 < here.memory_limit_bytes < here.memory_bytes
    assert here.system


@pytest.mark.parametrize(
    ("told", "cores"), [("150000 100000\n", 1.5), ("max 100000\n", math.inf), ("", math.inf), (None, math.inf)]
)
def test_a_container_may_be_worth_less_than_its_cores(monkeypatch, tmp_path, told, cores):
    monkeypatch.setattr(hardware, "QUOTA", tmp_path / "cpu.max")
    if told is not None:
        hardware.QUOTA.write_text(told)
    assert cores_worth() == cores


def test_a_process_is_allowed_on_a_core_at_least():
    assert 1 <= cores_allowed() <= os.cpu_count()


def test_a_mac_is_asked_for_its_version_and_python_is_not(monkeypatch, tmp_path):
    """Python calls macOS 26 and 27 16.0."""
    for name, answer in (("SW_VERS", "27.0.1 $SYSTEM_VERSION_COMPAT"), ("SYSCTL", "Apple M4")):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\necho {answer}\n")
        program.chmod(0o755)
        monkeypatch.setattr(f"engine.machine.hardware.{name}", str(program))
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(platform, "mac_ver", lambda: ("16.0", ("", "", ""), "arm64"))
    there = machine.__wrapped__()
    assert (there.system, there.chip) == ("macOS 27.0.1 0", "Apple M4")


@pytest.mark.parametrize(
    ("told", "cores"),
    [
        (json.dumps({"SPDisplaysDataType": [{"_name": "Apple M4", "sppci_cores": "10"}]}), 10),
        (json.dumps({"SPDisplaysDataType": [{"_name": "a display"}, {"sppci_cores": "38"}]}), 38),
        (json.dumps({"SPDisplaysDataType": []}), None),
        (json.dumps({"SPDisplaysDataType": [{"sppci_cores": "many"}]}), None),
        ("{}", None),
        ("", None),
    ],
)
def test_the_cores_of_the_gpu_are_read_from_what_the_system_tells(told, cores):
    assert gpu_cores_of(told) == cores


@pytest.mark.skipif(sys.platform == "darwin", reason="a Mac has a GPU with cores to tell of")
def test_elsewhere_no_gpu_is_claimed():
    assert gpu_cores() is None
