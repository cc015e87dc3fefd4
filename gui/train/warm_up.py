"""What is made ready once the window stands, so that a first run writes soon: torch, this machine's speed, the text."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial

from PySide6.QtCore import QObject, Slot

from engine.core.config import TrainConfig
from engine.core.errors import SettingError
from engine.core.events import Event, Progress, Turn
from engine.core.jobs import Control
from engine.datasets.beginning import pieces_of
from engine.planning.presets import presets
from gui.kit.engine_thread import EngineThread
from gui.train.jobs import (
    DeviceFound,
    JobMaker,
    Measured,
    Pieces,
    calibration_job,
    device_job,
    in_pieces,
    measured_job,
    ready_job,
)
from gui.train.setup_pane import SetupPane


class WarmUp(QObject):
    """Finds the device, measures this machine where its speed is unknown, and prepares the text that is set up.

    Only a text that needs no network and no question is prepared, and only the one that stands there at first.
    """

    def __init__(self, engine: EngineThread, setup: SetupPane, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine, self._setup = engine, setup
        self._ready = threading.Event()
        self._ready.set()

    def begin(self) -> None:
        """Ask torch, on the engine's thread, where training will run; the window is up by then."""
        job = self._engine.submit(lambda _: device_job())
        job.told.connect(self._take)
        job.ended.connect(lambda _: self._calibrate_or_prepare())

    def look_how_fast(self) -> None:
        """Learn how fast this machine has been, now that more was measured."""
        self._engine.submit(lambda _: measured_job()).told.connect(self._take)

    def before(self, make_job: JobMaker) -> JobMaker:
        """Return a maker of jobs that begin once the text is ready, so that it is prepared once; a stop is heeded."""
        return partial(self._job_after, make_job)

    def _job_after(self, make_job: JobMaker, config: TrainConfig, control: Control) -> Iterator[Event | Turn]:
        if not self._ready.is_set():
            yield Pieces(pieces=pieces_of(config.dataset))
            yield Progress(what="Making the text ready", done=0, total=0, unit="")
        while not self._ready.is_set() and not control.stopping:
            yield Turn.IDLE
        yield from in_pieces(config.dataset, make_job(config, control))

    @Slot(object)
    def _take(self, event: Event) -> None:
        """Take what was found out about this machine."""
        if isinstance(event, DeviceFound):
            self._setup.use_device(event.device, event.rate)
        elif isinstance(event, Measured):
            self._setup.use_measurements(event.measured)

    def _calibrate_or_prepare(self) -> None:
        """Measure this machine for three seconds with the smallest preset: the times of the others follow."""
        if self._setup.knows_time:
            self._prepare()
            return
        job = self._engine.submit(partial(calibration_job, presets()["tiny"].config()))
        job.ended.connect(self._look_and_prepare)

    @Slot(object)
    def _look_and_prepare(self, error: BaseException | None) -> None:
        if error is None:
            job = self._engine.submit(lambda _: measured_job())
            job.told.connect(self._take)
            job.ended.connect(lambda _: self._prepare())

    def _prepare(self) -> None:
        """Prepare the text that is set up, unless somebody is faster."""
        try:
            name = self._setup.config().dataset
        except SettingError:
            return
        if self._engine.busy:
            return
        self._ready.clear()
        self._engine.submit(partial(ready_job, name)).ended.connect(self._tell_ready)

    @Slot(object)
    def _tell_ready(self, _error: BaseException | None) -> None:
        """Let go on what waits for the text; what is wrong with it is told to who trains on it."""
        self._ready.set()
        self._engine.wake()
