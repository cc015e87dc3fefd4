"""The jobs that the Train tab gives to the engine's thread; each is made there, where torch may be imported."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from engine.core.config import TrainConfig
from engine.core.events import Event, Prepared
from engine.core.jobs import Control, Job
from engine.core.kinds import DeviceKind
from engine.datasets.beginning import pieces_of
from engine.planning.calibration import Measurement, measurements
from engine.planning.pace import rate_here
from engine.runs.start_model import model_shape
from gui.kit import preferences
from gui.kit.garbage import loading

JobMaker = Callable[[TrainConfig, Control], Job]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFound(Event):
    """The device that training will run on, once torch has been asked, and the operations a second to plan with."""

    device: DeviceKind
    rate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured(Event):
    """How fast this machine was so far: in runs and in calibrations."""

    measured: tuple[Measurement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces(Event):
    """The beginning of the text that is made ready, in the pieces that are known by now."""

    pieces: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapeFound(Event):
    """The shape of a model to start from, as `engine.runs.start_model.model_shape` gives it."""

    init_from: str
    shape: dict[str, Any]


def train_job(config: TrainConfig, control: Control) -> Job:
    """Return the job that trains; the machine stays awake meanwhile unless a person chose otherwise."""
    from engine.machine.this_machine import this_machine
    from engine.training.trainer import Trainer

    control.watch()
    return Trainer(config, control, this_machine(keep_awake=preferences.keeps_awake())).steps()


def prepare_job(name: str, control: Control) -> Job:
    """Return the job that prepares a text."""
    from engine.datasets.folder import order_again
    from engine.datasets.prepare import prepare_job

    return prepare_job(order_again(name), control)


def ready_job(name: str, control: Control) -> Job:
    """Return the job that prepares a text where that needs neither a network nor a question."""
    from engine.datasets.refit import ensure_ready

    return ensure_ready(name, control)


def in_pieces(name: str, job: Job) -> Job:
    """Do a job on a text, and tell in which pieces the text is: before it, and once it was prepared."""
    yield Pieces(pieces=pieces_of(name))
    for item in job:
        yield item
        if isinstance(item, Prepared):
            yield Pieces(pieces=pieces_of(name))


def calibration_job(config: TrainConfig, control: Control) -> Job:
    """Return the job that measures this machine for three seconds."""
    from engine.training.bench import calibrate_job

    return calibrate_job(config, control)


def device_job() -> Iterator[Event]:
    """Yield how fast this machine was, and where training will run."""
    yield from measured_job()
    with loading():
        from engine.machine.device import choose_device

    device = choose_device("auto").kind
    yield DeviceFound(device=device, rate=rate_here(device))


def measured_job() -> Iterator[Event]:
    """Yield how fast this machine was."""
    yield Measured(measured=tuple(measurements()))


def shape_job(init_from: str) -> Iterator[Event]:
    """Yield the shape of a model that only its checkpoint knows."""
    yield ShapeFound(init_from=init_from, shape=model_shape(init_from))
