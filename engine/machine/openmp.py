"""How torch's threads wait for one another on a processor.

Loads no torch: its OpenMP reads this once, when it is loaded.
"""

from __future__ import annotations

import os

_SPINS, _POLICY = "GOMP_SPINCOUNT", "OMP_WAIT_POLICY"


def let_waiting_threads_sleep() -> None:
    """Have GNU's OpenMP, which torch brings along on Linux, put a thread to sleep that waits for another.

    By itself it turns in circles for milliseconds. Where another program has one of the cores, those are the
    milliseconds that the thread waited for needs: a small model wrote at 15 tokens a second so, and at 500 asleep.
    What is computed stays the same. Other OpenMPs do not read it, and what a person has set in the environment stays.
    """
    if _SPINS not in os.environ and _POLICY not in os.environ:
        os.environ[_SPINS] = "0"
