"""What this machine is: chip, memory, system. No torch; a part that cannot be learned is left empty."""

from __future__ import annotations

import platform
import subprocess
import sys
from dataclasses import dataclass
from functools import cache

import psutil

MEMORY_SHARE = 0.75
"""The share of memory that training may take: a Mac's GPU is offered about this much of the unified memory."""


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
    """Describe this machine."""
    system = (
        f"macOS {platform.mac_ver()[0]}" if sys.platform == "darwin" else f"{platform.system()} {platform.release()}"
    )
    return Machine(
        system=system,
        chip=_chip(),
        cores=psutil.cpu_count(logical=False) or psutil.cpu_count() or 1,
        memory_bytes=psutil.virtual_memory().total,
    )


def _chip() -> str:
    """Give the processor's name, as the system tells it."""
    if sys.platform == "darwin":
        asked = subprocess.run(
            ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"], capture_output=True, text=True, check=False
        )
        return asked.stdout.strip()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "")
    except OSError:
        return platform.processor()
