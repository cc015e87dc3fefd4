"""How torch's threads wait for one another on a processor.

Loads no torch: its OpenMP reads this once, when it is loaded.
"""

from __future__ import annotations

import os

_SPINS, _POLICY = "GOMP_SPINCOUNT", "OMP_WAIT_POLICY"

_BUSY = 0.5
"""Of the processor, what others use of it from which on waiting threads are in their way."""


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
    if os.getloadavg()[0] >= _BUSY * (os.cpu_count() or 1):
        os.environ[_SPINS] = "0"
