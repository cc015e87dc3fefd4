"""The machine's power, heat and sleep, as far as training must know: the seam to macOS, and to tests."""

from __future__ import annotations

import sys
import time

import psutil


class Power:
    """A machine that always has power, stays cool and never sleeps; what others tell differently."""

    def stay_awake(self) -> None:
        """Keep the machine from falling asleep by itself; its display may go dark."""

    def let_sleep(self) -> None:
        """Allow it again; harmless when it was never kept awake."""

    def battery_percent(self) -> float | None:
        """Return the charge while the machine runs on its battery; None on mains, or with no battery."""
        return None

    def is_too_hot(self) -> bool:
        """Return whether the heat is critical, so that work should stop."""
        return False

    def asleep_s(self) -> float:
        """Return the seconds that the machine has slept, counted from any point in time."""
        return 0.0

    def is_about_to_sleep(self) -> bool:
        """Return whether the machine waits for us to save before it sleeps."""
        return False

    def has_saved(self) -> None:
        """Tell the machine that waits that it may sleep now."""


class ThisMachine(Power):
    """What every system tells alike: the battery, and sleep by two clocks of which one stands still meanwhile."""

    def battery_percent(self) -> float | None:
        """Return the charge while the machine runs on its battery; None on mains, or with no battery."""
        ask = getattr(psutil, "sensors_battery", None)
        battery = ask() if ask is not None else None
        return None if battery is None or battery.power_plugged is not False else float(battery.percent)

    def asleep_s(self) -> float:
        """Return the seconds that the machine has slept, counted from any point in time."""
        return time.clock_gettime(_NEVER_STOPS) - time.monotonic()


_NEVER_STOPS = time.CLOCK_MONOTONIC if sys.platform == "darwin" else time.CLOCK_BOOTTIME
"""The clock that goes on while the machine sleeps; time.monotonic stands still then, on macOS and on Linux."""
