"""What this machine is."""

import json
import sys

import pytest

from engine.machine import gpu_cores, gpu_cores_of, machine


def test_this_machine_is_described():
    here = machine()
    assert here.cores >= 1
    assert 0 < here.memory_limit_bytes < here.memory_bytes
    assert here.system


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
