"""Watches over what surrounds a run: disk, swap, data files, battery, heat and sleep. Looked at now and then."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from engine.core.codes import AdviceCode
from engine.core.errors import DataError
from engine.core.events import Advice, Severity
from engine.machine.power import Power

SWAP_BYTES = 512 * 2**20
"""Growth of the swap file during a run that says memory is too short."""

SLEPT_S = 30.0
"""Sleep that is worth a word."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a watch tells: a code, a sentence each for what and why, and whether the run must rest meanwhile."""

    code: AdviceCode
    what: str
    why: str
    severity: Severity = "warning"
    rest: bool = False

    def advice(self, iter_num: int) -> Advice:
        """Return it as an event."""
        return Advice(iter_num=iter_num, code=self.code, severity=self.severity, what=self.what, why=self.why)


class DataFile:
    """A file of tokens, as it was when the run opened it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._was = os.stat(path)

    def require_unchanged(self) -> None:
        """Raise DataError when the file's own bytes were changed: what is left of it cannot be trusted."""
        now = self._now()
        if now is not None and self._is_same_file(now) and self._changed(now):
            raise DataError(
                f"{self._path} was changed while it was being read.",
                cause="A run learns from one text from its beginning to its end.",
                fix="Put the file back as it was, or prepare the text under a new name; then resume.",
                code="data_changed",
            )

    def finding(self) -> Finding | None:
        """Return a finding when another file, or none, has taken its place: the run still reads the one it opened."""
        now = self._now()
        if now is not None and self._is_same_file(now):
            return None
        what = f"{self._path} has vanished." if now is None else f"{self._path} was replaced by another file."
        return Finding("data_changed", what, "This run goes on with the file it opened; resuming it needs that file.")

    def _now(self) -> os.stat_result | None:
        try:
            return os.stat(self._path)
        except OSError:
            return None

    def _is_same_file(self, now: os.stat_result) -> bool:
        return os.path.samestat(now, self._was)

    def _changed(self, now: os.stat_result) -> bool:
        return (now.st_size, now.st_mtime_ns) != (self._was.st_size, self._was.st_mtime_ns)


class Watch:
    """All watches of a run. Each tells once; battery and heat again when they were well in between.

    Attributes:
        files: the data that the run reads.
    """

    def __init__(self, power: Power, run_dir: Path, files: list[DataFile], needed: int, low_battery: int) -> None:
        self.files = files
        self._power = power
        self._run_dir = run_dir
        self._needed = needed
        self._low_battery = low_battery
        self._swap = psutil.swap_memory().used
        self._asleep_s = power.asleep_s()
        self._told: set[str] = set()

    def look(self) -> list[Finding]:
        """Return what is new."""
        found = list(self._found())
        codes = {finding.code for finding in found}
        self._told -= {"low_battery", "too_hot", "slept"} - codes
        new = [finding for finding in found if finding.code not in self._told]
        self._told |= codes
        return new

    def must_rest(self) -> bool:
        """Return whether battery or heat still ask for rest."""
        return self._is_low() or self._power.is_too_hot()

    def _found(self) -> Iterator[Finding]:
        yield from filter(None, (file.finding() for file in self.files))
        yield from self._sleep()
        yield from self._disk()
        yield from self._swapping()
        if self._is_low():
            yield Finding(
                "low_battery",
                f"The battery is down to {self._power.battery_percent():.0f} %: the run is saved and rests.",
                "It goes on by itself on mains power; low_battery_percent sets the limit.",
                rest=True,
            )
        if self._power.is_too_hot():
            what = "This machine is critically hot: the run is saved and rests."
            yield Finding("too_hot", what, "It goes on by itself once the machine has cooled down.", rest=True)

    def _is_low(self) -> bool:
        charge = self._power.battery_percent()
        return charge is not None and charge < self._low_battery

    def _sleep(self) -> Iterator[Finding]:
        slept = self._power.asleep_s() - self._asleep_s
        self._asleep_s += slept
        if slept > SLEPT_S:
            hours, minutes = divmod(round(slept / 60), 60)
            what = f"The machine slept for {hours} h {minutes} min; training goes on where it was."
            yield Finding("slept", what, "That time counts neither in the run’s time nor in its speed.", "info")

    def _disk(self) -> Iterator[Finding]:
        try:
            free = shutil.disk_usage(self._run_dir).free
        except OSError:
            return
        if free < self._needed:
            yield Finding(
                "disk_nearly_full",
                f"The disk is nearly full: {free / 1e6:,.0f} MB are free, "
                f"this run’s checkpoints may take {self._needed / 1e6:,.0f} MB.",
                "When a checkpoint does not fit, training rests until there is room; the one before stays whole.",
            )

    def _swapping(self) -> Iterator[Finding]:
        grown = psutil.swap_memory().used - self._swap
        if grown > SWAP_BYTES:
            yield Finding(
                "swapping",
                f"The machine has begun to swap: {grown / 1e9:.1f} GB since this run began.",
                "Memory is short, and training is many times slower from the disk; close other programs or halve "
                "batch_size.",
            )
