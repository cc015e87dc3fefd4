"""How torch's threads wait for one another on a processor.

Loads no torch: its OpenMP reads this once, when it is loaded.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

RUNNING = Path("/proc/loadavg")
"""Where Linux says how many threads want a core at this moment, this one among them."""

_SPINS, _POLICY = "GOMP_SPINCOUNT", "OMP_WAIT_POLICY"

_BUSY = 0.5
"""Of the cores, how many others use from which on waiting threads are in their way."""

_LOOKS, _APART_S = 5, 0.002
"""What wants a core each time is at work; what does so once only came by."""


def let_waiting_threads_sleep() -> None:
    """Where others use this processor too, have GNU's OpenMP put a thread to sleep that waits for another.

    By itself it turns in circles for milliseconds, and those are what the thread waited for needs where another
    program has its core: on two cores, one of them taken, an iteration of a small model took 39 ms asleep and 52
    turning, and writing went from 15 to 500 tokens a second on a machine with many programs at work. Where nobody
    else is, turning is better: 36 ms against 48. What is computed stays the same. Torch brings GNU's OpenMP along on
    Linux; others do not read this, and what a person has set in the environment stays.
    """
    if _SPINS in os.environ or _POLICY in os.environ:
        return
    if others_at_work() >= _BUSY * (os.cpu_count() or 1):
        os.environ[_SPINS] = "0"


def others_at_work() -> int:
    """Return how many other threads of this machine want a core now, about; 0 where nothing tells."""
    found = []
    for _ in range(_LOOKS):
        try:
            found.append(int(RUNNING.read_text("ascii").split()[3].split("/")[0]) - 1)
        except (OSError, ValueError, IndexError):
            return 0
        time.sleep(_APART_S)
    return max(0, min(found))
