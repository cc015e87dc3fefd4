"""Whether a run has room in this machine's memory, asked before it begins, and what would have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from engine.core.config import TrainConfig
from engine.core.errors import DataError, Fix, SettingError
from engine.core.kinds import DeviceKind
from engine.machine.hardware import machine
from engine.planning import calibration
from engine.planning.choices import expected_device, training_key
from engine.planning.estimate import memory_estimate
from engine.planning.presets import presets
from engine.runs.start_model import vocabulary_for


@dataclass(frozen=True, slots=True)
class Room:
    """The bytes that a run needs, Python and torch included as far as they were measured, and those it may take."""

    needed: int
    limit: int

    @property
    def fits(self) -> bool:
        """Whether there is room."""
        return self.needed <= self.limit


def room_for(config: TrainConfig, vocab_size: int, device: DeviceKind) -> Room:
    """Return the room for a run: by what one of its shape held here, else by the estimate."""
    peak = calibration.measured_peak(config, vocab_size, device)
    estimate = memory_estimate(config, vocab_size, device).total + (calibration.process_bytes() or 0)
    return Room(peak or estimate, machine().memory_limit_bytes)


def require_room(config: TrainConfig) -> None:
    """Raise SettingError for a run that will not fit, saying what would; on CUDA nothing is known before torch."""
    try:
        vocab_size = vocabulary_for(config)
    except DataError:
        return  # whoever prepares it says what is missing
    device = expected_device(config.device, training_key(config, vocab_size))
    room = room_for(config, vocab_size, device)
    if room.fits or device == "cuda":
        return
    fitting = next((each for each in _smaller(config) if _fits(config, each, vocab_size, device)), None)
    flags = " ".join(f"--{name}={value}" for name, value in (fitting or {}).items())
    advice = f"It fits with {flags}. " if fitting else "Train a smaller model. "
    raise SettingError(
        f"This run will not fit: it needs about {room.needed / 2**30:,.1f} GB of memory, and training can have "
        f"{room.limit / 2**30:,.1f} GB here.",
        cause="A run that has no room drives the machine into swap, or is ended by the system.",
        fix=f"{advice}`estimate` tells what takes how much; --anyway=True begins all the same.",
        code="will_not_fit",
        problems=dict.fromkeys(fitting or ("n_embd",), "needs more memory than there is"),
        fixes=(Fix("Make It Fit", "restart", fitting),) if fitting else (),
    )


def _smaller(config: TrainConfig) -> Iterator[Mapping[str, Any]]:
    """Yield changes that take less memory, the smallest change first: the batch, for the same update; then presets."""
    stretches = config.batch_size * config.gradient_accumulation_steps
    for size in range(config.batch_size - 1, 0, -1):
        if stretches % size == 0 and stretches // size <= 4096:
            yield {"batch_size": size, "gradient_accumulation_steps": stretches // size}
    if config.init_from == "scratch":
        for preset in reversed(presets().values()):
            yield {name: preset.settings[name] for name in ("n_layer", "n_head", "n_embd", "block_size", "batch_size")}


def _fits(config: TrainConfig, changes: Mapping[str, Any], vocab_size: int, device: DeviceKind) -> bool:
    """Return whether a run has room once it is changed."""
    with suppress(SettingError):
        return room_for(config.changed(changes), vocab_size, device).fits
    return False
