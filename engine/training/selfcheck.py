"""A short comparison of a GPU with the processor, from one seed and at the run's own shapes.

GPU kernels have computed wrongly before, silently, and only at some shapes. What passed is remembered for as long as
torch, the system, the device and the shapes stay the same.
"""

from __future__ import annotations

import json
import logging
import platform

import torch

from engine.core.config import TrainConfig
from engine.core.errors import DeviceError, Fix, FixAction, OutOfMemoryError
from engine.core.events import Progress
from engine.core.files import write_text
from engine.core.jobs import Job
from engine.core.paths import home
from engine.core.untrusted_json import read_value
from engine.datasets.dataset import Dataset
from engine.machine.device import Device
from engine.machine.hardware import machine
from engine.planning.estimate import memory_estimate
from engine.tokens.batches import TokenFile
from engine.training.trace import TOLERANCE, difference, trace

LAYERS = 2
"""Layers that are checked: the shapes of all are the same."""

CHECK = 2
"""Counts up when more is checked, so that what passed before is checked again."""

_WHAT = "Checking the GPU against the processor"
_log = logging.getLogger(__name__)


def require_sound(config: TrainConfig, data: Dataset, device: Device) -> Job:
    """Compare a GPU with the processor, unless that was done for these shapes before; does nothing on the CPU.

    Raises DeviceError, code "device_wrong", when the GPU computes something else.
    """
    if device.kind == "cpu" or (key := _key(config, data, device)) in _passed():
        return
    yield Progress(what=_WHAT, done=0, total=1, unit="")
    small = TrainConfig.of(
        config.as_dict(),
        {"n_layer": min(LAYERS, config.n_layer), "gradient_accumulation_steps": 1},
        {"decay_lr": False, "learning_rate": 1e-3, "min_lr": 1e-4, "compile": False, "seed": 1337},
    )
    tokens = TokenFile(data.train_path, data.vocab_size)
    needs = memory_estimate(config, data.vocab_size, device.kind).total
    try:
        with device.translating(needs):
            expected = yield from trace(small.changed({"dtype": "float32"}), tokens, Device())
            found = yield from trace(small, tokens, device)
    except OutOfMemoryError as error:  # the run itself will tell, with what mends it
        _log.warning("the self-check did not fit: %s", error.message)
        return
    if problem := difference(expected, found, TOLERANCE[_dtype(device, config)]):
        raise _wrong(problem, config, device)
    _remember(key)
    yield Progress(what=_WHAT, done=1, total=1, unit="")


def _dtype(device: Device, config: TrainConfig) -> str:
    return str(device.dtype(config.dtype)).removeprefix("torch.")


def _key(config: TrainConfig, data: Dataset, device: Device) -> str:
    """Return the name of what a check holds for."""
    shapes = (config.batch_size, config.block_size, config.n_head, config.n_embd, data.vocab_size)
    ways = (config.bias, config.dropout, config.dropout_at, config.optimizer)
    versions = (CHECK, torch.__version__, machine().system, platform.machine(), machine().chip)
    return " ".join(map(str, (*versions, device.kind, _dtype(device, config), *shapes, *ways)))


def _passed() -> list[str]:
    """Return what was checked before and is sound."""
    try:
        passed = read_value(home() / "selfcheck.json")
    except (OSError, ValueError):
        return []
    return [key for key in passed if isinstance(key, str)] if isinstance(passed, list) else []


def _remember(key: str) -> None:
    try:
        home().mkdir(parents=True, exist_ok=True)
        write_text(home() / "selfcheck.json", json.dumps([*_passed(), key][-100:], indent=1))
    except OSError as error:  # then it is checked again next time
        _log.warning("the self-check is not remembered: %s", error)


def _wrong(problem: str, config: TrainConfig, device: Device) -> DeviceError:
    action: FixAction = "resume" if config.init_from == "resume" else "restart"
    return DeviceError(
        f"The GPU ({device.kind}) computes wrongly: {problem}.",
        cause="Some versions of macOS and PyTorch do at some shapes; what it learned would be worth nothing.",
        fix="Run on the processor: --device=cpu. Or update macOS and Understudy, and try again.",
        code="device_wrong",
        fixes=(Fix("Run on the CPU", action, {"device": "cpu"}),),
    )
