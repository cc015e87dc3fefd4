"""The power of the machine that this runs on: macOS’s own, or what every system tells alike."""

from __future__ import annotations

import sys

from engine.machine.power import Power, ThisMachine


def this_machine(*, keep_awake: bool = True) -> Power:
    """Return the power of the machine that this runs on; without `keep_awake` it may fall asleep by itself."""
    if sys.platform == "darwin":
        from engine.machine.mac_power import MacPower

        return MacPower(keep_awake=keep_awake)
    return ThisMachine()
