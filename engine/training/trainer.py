"""One run from its configuration to its last event: opened, trained, and when a fault breaks in, mended.

A fault carries what mends it as settings to resume with. With on_fault=fix the run is opened again with just those,
as it would be by the button; else it is raised, everything saved.
"""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from engine.core.config import TrainConfig
from engine.core.errors import DeviceError, Fix, OutOfMemoryError, UnderstudyError
from engine.core.events import Advice, Event, Turn
from engine.core.jobs import Control, Job, events_of
from engine.datasets.dataset import dataset
from engine.datasets.folder import require_as_written
from engine.datasets.refit import ensure_ready, retokenise_job
from engine.machine.device import Device, choose_device
from engine.machine.power import Power
from engine.machine.this_machine import this_machine
from engine.runs.continuation import kept_tokenizer
from engine.runs.hub import ensure_here
from engine.training.device_trial import faster_device, is_worth_a_trial
from engine.training.faults import Doctor
from engine.training.interrupts import saved_on_interrupt
from engine.training.loop import Loop
from engine.training.repairs import MAX_REPAIRS, as_flags, out_of_memory_in, repair_of
from engine.training.selfcheck import require_sound
from engine.training.session import Session
from engine.training.stopwatch import Stopwatch
from engine.training.team import ALONE, Team

_UNSOUND = ("nan_loss", "diverging", "work_lost")
"""Faults after which the weights are not worth a checkpoint."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """How a run is opened: the first time as it was asked for, later with what mends the fault before.

    Attributes:
        config: the settings in force.
        fault: what was mended; None at the first attempt.
        changes: the settings that mended it.
        given: the codes of all advice that was given so far.
    """

    config: TrainConfig
    fault: UnderstudyError | None = None
    changes: dict[str, Any] = field(default_factory=dict)
    given: frozenset[str] = frozenset()

    def opening(self, iter_num: int) -> list[Advice]:
        """Return advice that says what was mended, and how."""
        if self.fault is None:
            return []
        settings = ", ".join(f"{name} {value}" for name, value in self.changes.items() if name != "resume_from")
        why = f"It goes on from iteration {iter_num}{' with ' if settings else ''}{settings}."
        return [Advice(iter_num=iter_num, code=self.fault.code, severity="warning", what=self.fault.message, why=why)]


class Trainer:
    """One run, from its configuration to its last event. Use once."""

    def __init__(
        self,
        config: TrainConfig,
        control: Control | None = None,
        power: Power | None = None,
        team: Team = ALONE,
    ) -> None:
        self.config = config
        self.control = control or Control()
        self.power = power or this_machine()
        self.team = team
        self._stopwatch = Stopwatch()
        self._repairs = 0

    def run(self) -> Iterator[Event]:
        """Train on the calling thread, and yield its events in order. A pause blocks until the control resumes.

        Raises SettingError, DataError, DeviceError or CheckpointError before anything is written; TrainingError and
        OutOfMemoryError later, with everything saved that is sound.
        """
        return events_of(saved_on_interrupt(self.steps()), self.control)

    def steps(self) -> Job:
        """Yield the run as a job: the events of `run`, with a turn after each piece of work."""
        yield from ensure_here(self.config.init_from, self.control)
        yield from self._have_text()
        if self.control.stopping:
            return
        self.power.stay_awake()
        try:
            device = yield from self._sound_device()
            attempt: Attempt | None = Attempt(config=self.config)
            while attempt is not None:
                attempt = yield from self._make(attempt, device)
                gc.collect()  # what a failed step held hangs on its traceback
                device.release()
        finally:
            self.team.close()
            self.power.let_sleep()

    def _have_text(self) -> Job:
        """Have the text ready, in the tokens of the model where there is one before the run begins."""
        if self.control.stopping:
            return
        tokenizer = kept_tokenizer(self.config)
        if tokenizer is None:
            yield from ensure_ready(self.config.dataset, self.control)
        elif name := (yield from retokenise_job(self.config.dataset, tokenizer, self.control)):
            self.config = replace(self.config, dataset=name)
        if not self.control.stopping:
            yield from require_as_written(dataset(self.config.dataset), self.control)

    def _sound_device(self) -> Generator[Event | Turn, None, Device]:
        """Yield the device that was asked for, once it is known to compute right; raises DeviceError."""
        device = yield from self._device()
        try:
            yield from require_sound(self.config, dataset(self.config.dataset), device)
        except DeviceError as error:
            if self.config.on_fault != "fix":
                raise
            device = choose_device("cpu")
            device.notice = f"{error.message} This run computes on the processor."
        return device

    def _device(self) -> Generator[Event | Turn, None, Device]:
        """Yield the device that was asked for; where that is left open, the one that is faster for this model."""
        config, vocab_size = self.config, dataset(self.config.dataset).vocab_size
        if config.eval_only or self.team.size > 1 or not is_worth_a_trial(config, vocab_size):
            return choose_device(config.device)
        return (yield from faster_device(config, vocab_size))

    def _make(self, attempt: Attempt, device: Device) -> Generator[Event | Turn, None, Attempt | None]:
        """Train until the run ends, and return None, or until a fault that is to be mended, and return how."""
        session = Session(attempt.config, dataset(attempt.config.dataset), device, self.team)
        try:
            if attempt.fault is None:
                self._stopwatch.go_on_from(session.seconds)
            doctor = Doctor(attempt.config, expects_gpu=_expects_gpu(attempt.config, device), given=attempt.given)
            loop = Loop(session, doctor, self.control, self.power, self._stopwatch)
            yield from loop.run(attempt.opening(session.iter_num))
            return None
        except UnderstudyError as error:
            self._save_what_is_sound(session, error)
            fault = _with_repairs(error, session, doctor)
            repair = repair_of(fault) if self._may_mend(fault) else None
            if repair is None:
                raise fault from error.__cause__
            return Attempt(
                config=session.config.going_on(str(session.run.path), repair.changes),
                fault=fault,
                changes=dict(repair.changes),
                given=frozenset(doctor.given),
            )
        except BaseException as error:  # not foreseen, Ctrl-C, or closed: what was learned until then is kept
            self._save_what_is_sound(session, error)
            raise
        finally:
            session.close()

    def _may_mend(self, fault: UnderstudyError) -> bool:
        """Return whether a fault is to be mended by itself. Memory can only be halved so often; the rest is counted."""
        if not isinstance(fault, OutOfMemoryError):
            self._repairs += 1
        return self.config.on_fault == "fix" and self._repairs <= MAX_REPAIRS

    def _save_what_is_sound(self, session: Session, error: BaseException) -> None:
        """Save the run as far as it came, where its weights are worth it; a save that fails does not hide the fault."""
        session.settle()
        unsound = isinstance(error, UnderstudyError) and error.code in _UNSOUND
        if unsound or not session.learner.is_whole or session.config.eval_only or session.saved_at == session.iter_num:
            return
        session.seconds = self._stopwatch.whole
        try:
            session.save()
        except UnderstudyError as failure:
            if failure.code != getattr(error, "code", ""):  # else it is told already, with what was free then
                _log.warning("The run is not saved as far as it came. %s", failure.message)


def _with_repairs(error: UnderstudyError, session: Session, doctor: Doctor) -> UnderstudyError:
    """Return a fault with all ways out of it for this run."""
    if isinstance(error, OutOfMemoryError):
        return out_of_memory_in(error, session.config, session.run.path)
    if error.code == "worker_lost":
        error.fix = f"The run is saved as far as it came. Go on with {as_flags(session.run.path, {})}"
    if error.code == "work_lost":
        error.fix = f"Go on from the last checkpoint: {as_flags(session.run.path, {})}"
    repair = repair_of(error)
    if error.code in ("nan_loss", "diverging") and repair is not None:
        good = "latest" if error.code == "nan_loss" else session.checkpoint_before(doctor.good_at)
        changes = dict(repair.changes) | ({"resume_from": good} if good != "latest" else {})
        error.fix = f"Go back to the last good state and halve the rate: {as_flags(session.run.path, changes)}"
        error.fixes = (Fix(repair.label, "resume", changes),)
    return error


def _expects_gpu(config: TrainConfig, device: Device) -> bool:
    """Return whether this machine should have a GPU for the run: a Mac whose device was not chosen to be the CPU."""
    return sys.platform == "darwin" and config.device in ("auto", "mps") and not device.reason
