"""Torch as it is on a Mac, for tests that know of no GPU: importing this module does it, for the whole process.

Whoever asks the engine for the processor gets the strict stand-in for a Mac's GPU. As a plugin, before any test is
collected:

    PYTEST_PLUGINS=tests.as_mac_gpu python -m pytest tests/engine/test_life_of_a_run.py
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # as conftest.py, which comes later

from engine.machine import device
from tests.mps.stand_in import mps

_presence = mps()
_gpu = _presence.__enter__()
device.Device = device.MpsDevice
device.DEVICES["cpu"] = device.MpsDevice


def pytest_sessionfinish(session):
    """Take it away; tests that asked nothing of it have proved nothing."""
    if not _gpu.record.launches or _gpu.record.problems:
        session.exitstatus = 1
    _presence.__exit__(None, None, None)
