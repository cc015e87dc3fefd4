"""The preset to begin with on a machine, and why. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.core.config import TrainConfig
from engine.core.kinds import DeviceKind
from engine.machine.hardware import Machine
from engine.planning.calibration import IterationTime, Measurement, iteration_time
from engine.planning.estimate import memory_estimate
from engine.planning.presets import presets

COMFORT = 0.7
"""The share of the limit up to which a run leaves other programs room."""

MINUTES = 60.0
"""How long a first run may take when nobody says otherwise."""

UNMEASURED_GPU = "medium-m4"
"""The largest preset to begin with on a GPU whose speed is not known yet: the guide's choice for an M4."""


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The name of the preset to begin with, and the reason as a sentence."""

    preset: str
    reason: str


def recommend(
    machine: Machine,
    device: DeviceKind,
    minutes: float = MINUTES,
    *,
    vocab_size: int,
    measured: Sequence[Measurement] | None = None,
    configs: Mapping[str, TrainConfig] | None = None,
) -> Recommendation:
    """Return the largest preset that leaves room in memory and is done within so many minutes.

    `configs` are what each would be trained as, where that is not as the guide has it. The times are forecasts from
    what was measured here (by default: all of it). Before anything was measured, a CPU is recommended the quickest
    preset, and a GPU none above UNMEASURED_GPU.
    """
    configs = configs or {name: each.config() for name, each in presets().items()}
    names = list(configs)
    fitting = [name for name in names if fits_well(configs[name], vocab_size, machine, device)]
    room = f"{machine.memory_limit_bytes / 2**30:.0f} GB"
    if not fitting:
        return Recommendation(names[0], "It asks least of this machine’s memory.")
    times = preset_times(vocab_size, device, measured, configs)
    if not times:
        if device == "cpu":
            return Recommendation(
                names[0], "It is the quickest way to see a model learn, until this machine’s speed is known."
            )
        cautious = [name for name in fitting if names.index(name) <= names.index(UNMEASURED_GPU)]
        return Recommendation(cautious[-1], f"It fits well in {room}, and writes good text soon.")
    totals = {name: times[name].seconds_total(configs[name]) for name in fitting}
    in_time = [name for name in fitting if totals[name] <= minutes * 60]
    if not in_time:
        quickest = min(fitting, key=lambda name: totals[name])
        return Recommendation(quickest, f"It is the quickest on this machine: {_about(totals[quickest])}.")
    best = in_time[-1]
    return Recommendation(
        best, f"It is the largest that finishes within {_span(minutes)} here: {_about(totals[best])}."
    )


def preset_times(
    vocab_size: int,
    device: DeviceKind,
    measured: Sequence[Measurement] | None = None,
    configs: Mapping[str, TrainConfig] | None = None,
) -> dict[str, IterationTime]:
    """Return the foretold time of every preset, by name; empty while nothing was measured on this device."""
    configs = configs or {name: each.config() for name, each in presets().items()}
    times = {name: iteration_time(each, vocab_size, device, measured) for name, each in configs.items()}
    return {name: one for name, one in times.items() if one is not None}


def fits_well(config: TrainConfig, vocab_size: int, machine: Machine, device: DeviceKind) -> bool:
    """Return whether a run leaves other programs room."""
    return memory_estimate(config, vocab_size, device).total <= COMFORT * machine.memory_limit_bytes


def _about(seconds: float) -> str:
    """Return a time as one would say it."""
    if seconds < 90:
        return "about a minute"
    return f"about {_span(seconds / 60)}"


def _span(minutes: float) -> str:
    """Return minutes as minutes, or as hours from one and a half on: 40 minutes, an hour, 2.5 hours."""
    whole = round(minutes)
    if whole == 60:
        return "an hour"
    return f"{whole} {'minute' if whole == 1 else 'minutes'}" if minutes < 90 else f"{minutes / 60:.2g} hours"
