"""What this machine is: chip, memory, system. No torch; a part that cannot be learned is left empty."""

from __future__ import annotations

import json
import math
import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psutil

MEMORY_SHARE = 0.75
"""The share of memory that training may take: a Mac's GPU is offered about this much of the unified memory."""

SW_VERS = "/usr/bin/sw_vers"
SYSCTL = "/usr/sbin/sysctl"
PROFILER = "/usr/sbin/system_profiler"

QUOTA = Path("/sys/fs/cgroup/cpu.max")
"""Where Linux says to a container how many microseconds of how many it may compute; "max" for no limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The machine, for the estimate, the recommendation and `doctor`."""

    system: str
    chip: str
    cores: int
    memory_bytes: int

    @property
    def memory_limit_bytes(self) -> int:
        """Memory that a run may take without driving the machine into swap."""
        return int(self.memory_bytes * MEMORY_SHARE)


@cache
def machine() -> Machine:
    """Return what this machine is."""
    return Machine(
        system=_system(),
        chip=_chip(),
        cores=psutil.cpu_count(logical=False) or psutil.cpu_count() or 1,
        memory_bytes=psutil.virtual_memory().total,
    )


def _system() -> str:
    """Return the system's name and version."""
    if sys.platform == "darwin":
        # platform.mac_ver() calls every macOS from 26 on 16.0 in programs built for older ones (cpython#135675)
        as_it_is = {**os.environ, "SYSTEM_VERSION_COMPAT": "0"}
        command = [SW_VERS, "-productVersion"]
        asked = subprocess.run(command, env=as_it_is, capture_output=True, text=True, check=False)
        return f"macOS {asked.stdout.strip()}"
    return f"{platform.system()} {platform.release()}"


def _chip() -> str:
    """Return the processor's name, as the system tells it."""
    if sys.platform == "darwin":
        asked = subprocess.run([SYSCTL, "-n", "machdep.cpu.brand_string"], capture_output=True, text=True, check=False)
        return asked.stdout.strip()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "")
    except OSError:
        return platform.processor()


def cores_allowed() -> int:
    """Return on how many cores this process may run: all, but where Linux keeps it to some (taskset, a container)."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def cores_worth() -> float:
    """Return how many cores' time this process may take in all; infinity where Linux sets its container no limit."""
    try:
        quota, period = QUOTA.read_text("ascii").split()
        return int(quota) / int(period)
    except (OSError, ValueError):  # ValueError: "max"
        return math.inf


def gpu_cores() -> int | None:
    """Return how many cores the GPU of a Mac has; None elsewhere, or when the system does not tell. Takes a moment."""
    try:
        asked = subprocess.run([PROFILER, "SPDisplaysDataType", "-json"], capture_output=True, text=True, check=False)
    except OSError:
        return None
    return gpu_cores_of(asked.stdout)


def gpu_cores_of(displays: str) -> int | None:
    """Return the cores of the GPU in system_profiler's JSON about displays; None when it names none."""
    try:
        displays_found = json.loads(displays)["SPDisplaysDataType"]
        return next((int(each["sppci_cores"]) for each in displays_found if "sppci_cores" in each), None)
    except (ValueError, KeyError, TypeError):
        return None
