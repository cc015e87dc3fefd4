"""Programs timed by turns: all but one stand still, so that whatever slows this machine down meets each alike.

Two runs one after the other differ by a tenth where a neighbour comes and goes. Runs that are all warm, let go for
some seconds each in turn and held again (SIGSTOP, SIGCONT), differ by what they are.
"""

from __future__ import annotations

import atexit
import json
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from statistics import fmean, stdev
from typing import Any

READY = "ready"
"""What a program prints once it is warm."""

_LEAD_S = 0.4
"""At the start of a slice the caches hold another program's data, and timers are overdue: it is not counted."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Some seconds in which one program ran alone; the clock is `time.perf_counter`, alike in all processes."""

    began: float
    ended: float

    def holds(self, first: float, last: float | None = None) -> bool:
        """Return whether a moment, or all from one to another, lies within."""
        return self.began <= first and (first if last is None else last) <= self.ended

    def rate(self, moments: Sequence[float]) -> float:
        """Return how often a second something happened, by the moments when it did."""
        inside = [moment for moment in moments if self.holds(moment)]
        return (len(inside) - 1) / (inside[-1] - inside[0]) if len(inside) > 1 else 0.0


class Program:
    """A process that is warm and stands still but for its slices; SIGTERM ends it with a line of JSON."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.slices: list[Slice] = []
        self._process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        atexit.register(self._process.kill)  # one that stands still would outlive a measurement that is broken off
        assert self._process.stdout is not None
        while (line := self._process.stdout.readline()).strip() != READY:
            if not line:
                self._process.communicate()
                raise RuntimeError(f"{command} ended with {self._process.returncode}")
        self._process.send_signal(signal.SIGSTOP)

    def run(self, seconds: float) -> None:
        """Let it go for so long."""
        self._process.send_signal(signal.SIGCONT)
        began = time.perf_counter()
        time.sleep(seconds)
        self.slices.append(Slice(began + _LEAD_S, time.perf_counter()))
        self._process.send_signal(signal.SIGSTOP)

    def end(self) -> dict[str, Any]:
        """End it, and return what it printed."""
        self._process.send_signal(signal.SIGTERM)
        self._process.send_signal(signal.SIGCONT)
        result: dict[str, Any] = json.loads(self._process.communicate()[0].splitlines()[-1])
        return result


def take_turns(programs: Sequence[Program], rounds: int, seconds: float) -> None:
    """Let each run in turn, so many rounds: every second one backwards, so that a slow drift favours none."""
    for number in range(rounds):
        for program in programs if number % 2 else reversed(programs):
            program.run(seconds)


def ratio(rates: Sequence[float], others: Sequence[float]) -> tuple[float, float]:
    """Return the geometric mean of rates over those of the slices beside them, and its standard error.

    A slice too short for two iterations has no rate and is left out with its neighbour. Raises ValueError when fewer
    than two pairs are left.
    """
    logs = [log(rate / other) for rate, other in zip(rates, others, strict=True) if rate and other]
    if len(logs) < 2:
        raise ValueError("This machine is too busy to compare: hardly a slice held two iterations.")
    mean = exp(fmean(logs))
    return mean, mean * stdev(logs) / len(logs) ** 0.5
