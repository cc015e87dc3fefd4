"""Which device a model is faster on: what trials on this machine have told, and what is expected before. No torch."""

from __future__ import annotations

import json
import logging
import math
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from engine.core import typed_json
from engine.core.config import TrainConfig
from engine.core.files import write_text
from engine.core.kinds import DeviceKind, DeviceSetting
from engine.core.paths import home
from engine.core.untrusted_json import read_value
from engine.machine.hardware import machine
from engine.planning.calibration import IterationShape, calibrations, run_measurements, threads, torch_version

BEST_FIRST: tuple[DeviceKind, ...] = get_args(DeviceKind)
"""All devices by their names, without `auto`; the first one that is there is taken where nothing speaks against it."""

WORTH_IT = 1.1
"""How many times faster another device must be to be taken: a stopwatch errs by some percent."""

KEPT = 200
"""Choices that are kept; the oldest goes first."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeviceChoice:
    """What a trial told.

    Attributes:
        seconds: how long the same work took, by device; one that had no room for it is missing.
    """

    seconds: Mapping[DeviceKind, float]

    @property
    def device(self) -> DeviceKind:
        """The device to take."""
        first = min(self.seconds, key=BEST_FIRST.index)
        fastest = min(self.seconds, key=self.seconds.__getitem__)
        return fastest if WORTH_IT * self.seconds[fastest] <= self.seconds[first] else first

    @property
    def words(self) -> str:
        """The outcome in a line."""
        others = {kind: seconds for kind, seconds in self.seconds.items() if kind != self.device}
        if not others:
            return f"{self.device}: alone has room for this model"
        second = min(others, key=others.__getitem__)
        times = others[second] / self.seconds[self.device]
        how = f"{times:.1f} times as fast as" if times >= WORTH_IT else "about as fast as"
        return f"{self.device}: {how} {second} for this model"


@dataclass(frozen=True, slots=True)
class _Row:
    """A choice as it is kept on disk."""

    key: str
    seconds: Mapping[DeviceKind, float]


def training_key(config: TrainConfig, vocab_size: int) -> str:
    """Return what a choice for a run holds for: this machine, torch, and all that an update's time depends on."""
    ways = (config.bias, config.dtype, config.grad_clip > 0)
    return _key("training", *_values(IterationShape.of(config, vocab_size)), *ways)


def writing_key(args: Mapping[str, object], dtype: str) -> str:
    """Return what a choice for a reply holds for: this machine, torch, the model's shape, and the dtype."""
    return _key("writing", *(value for name, value in sorted(args.items()) if name != "dropout"), dtype)


def remembered(key: str) -> DeviceChoice | None:
    """Return what the newest trial told, or None where there was none."""
    return next((choice for name, choice in _choices() if name == key), None)


def remember(key: str, choice: DeviceChoice) -> None:
    """Keep what a trial told in place of an earlier one; what cannot be written is logged, not raised."""
    rows: list[dict[str, Any]] = [{"key": key, "seconds": dict(choice.seconds)}]
    rows += [{"key": name, "seconds": dict(one.seconds)} for name, one in _choices() if name != key]
    try:
        home().mkdir(parents=True, exist_ok=True)
        write_text(home() / "devices.json", json.dumps(rows[:KEPT], indent=1) + "\n")
    except OSError as error:
        _log.warning("The choice of the device is not kept: %s", error)


def expected_device(name: DeviceSetting, key: str = "") -> DeviceKind:
    """Return where a --device setting will run, as far as it can be told without torch.

    For auto: what a trial told of this very model; else the GPU that was measured here, Apple's GPU on Apple silicon,
    CUDA where a run has used it, else the CPU.
    """
    if name != "auto":
        return name
    if key and (choice := remembered(key)):
        return choice.device
    measured = next((one.device for one in calibrations()), None)
    tried = next((kind for _, choice in _choices() for kind in BEST_FIRST if kind in choice.seconds), None)
    for known in (measured, tried):
        if known is not None and known != "cpu":
            return known
    if measured or guessed_device() != "cpu":
        return measured or guessed_device()
    return "cuda" if any(one.device == "cuda" for one in run_measurements()) else "cpu"


def guessed_device() -> DeviceKind:
    """Return where training will run, as far as no file need be read: on the GPU of an Apple chip, else on the CPU."""
    return "mps" if sys.platform == "darwin" and platform.machine() == "arm64" else "cpu"


def _key(*parts: object) -> str:
    return " ".join(map(str, (*parts, torch_version(), threads(), machine().chip)))


def _values(shape: IterationShape) -> list[object]:
    return [getattr(shape, name) for name in sorted(IterationShape.__dataclass_fields__)]


def _choices() -> list[tuple[str, DeviceChoice]]:
    """Return all that is kept, newest first; what is no choice of this version is passed over."""
    try:
        rows = read_value(home() / "devices.json")
    except (OSError, ValueError):
        return []
    return [found for row in rows if (found := _read(row))] if isinstance(rows, list) else []


def _read(row: Any) -> tuple[str, DeviceChoice] | None:
    try:
        kept = typed_json.read(_Row, row)
    except ValueError:
        return None
    usable = kept.seconds and all(0 < each < math.inf for each in kept.seconds.values())
    return (kept.key, DeviceChoice(kept.seconds)) if usable else None
