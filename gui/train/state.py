"""What the window shows of a run now: events and requests in, a frozen view out. Pure; widgets copy the view."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from engine.core.codes import AdviceCode
from engine.core.events import (
    Advice,
    Checkpoint,
    Eval,
    Event,
    Finished,
    FinishReason,
    Forecast,
    Paused,
    Progress,
    Resumed,
    Sample,
    Started,
    Step,
)
from engine.core.log_lines import log_line
from engine.core.pace import Elapsed, MeasuredPace
from engine.datasets.quality import Ladder, Rung, standing
from engine.runs.verdict import Verdict
from gui.kit import formats
from gui.kit.run_words import device_words
from gui.train import outlook
from gui.train.clarity import clarity
from gui.train.curves import Curves, Scale
from gui.train.notes import Note, note_from, note_of
from gui.train.record import RunRecord, RunTrace


class Phase(Enum):
    """Where a run is."""

    EMPTY = "empty"
    STARTING = "starting"
    TRAINING = "training"
    PAUSING = "pausing"
    PAUSED = "paused"
    STOPPING = "stopping"
    FINISHED = "finished"
    FAILED = "failed"


RUNNING = (Phase.STARTING, Phase.TRAINING, Phase.PAUSING, Phase.PAUSED, Phase.STOPPING)

_WORDS = {
    Phase.EMPTY: "Ready",
    Phase.STARTING: "Starting",
    Phase.TRAINING: "Training",
    Phase.PAUSING: "Pausing after this iteration",
    Phase.PAUSED: "Paused",
    Phase.STOPPING: "Saving",
    Phase.FAILED: "Stopped by a problem",
}
_ENDINGS: Mapping[FinishReason, str] = {
    "done": "Finished",
    "stopped": "Stopped and saved",
    "early_stop": "Stopped early",
}


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure above the plot: what it is, its value, and a remark."""

    label: str
    value: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """All that the window shows of a run, but the curves."""

    phase: Phase
    title: str
    status: str
    header: str
    progress: float
    busy: bool
    can_start: bool
    can_pause: bool
    can_stop: bool
    pause_label: str
    metrics: tuple[Metric, ...]
    standing: str
    expected: str
    generate_from: str
    can_resume: bool
    verdict: Verdict | None
    clarity: float


@dataclass(slots=True)
class RunState:
    """What is known of the run that is shown, told by its events.

    Attributes:
        name: what the run is called, when it is not its folder's name.
        dataset: the name of the text it learns from, when that is known.
        prepares: whether a text is made ready first; that can be stopped, not paused.
        saved: the iteration and the file of each kind of checkpoint, "latest" and "best".
        ladder: what losses on this text are held against, once it is known.
        verdict: what an ended run has learned, once it is known.
        revision: counts what changed the curves, so that a plot knows when to draw.
    """

    phase: Phase = Phase.EMPTY
    run_dir: str = ""
    name: str = ""
    dataset: str = ""
    prepares: bool = False
    started: Started | None = None
    finished: Finished | None = None
    step: Step | None = None
    last_eval: Eval | None = None
    forecast: Forecast | None = None
    preparing: Progress | None = None
    checkpoint: str = ""
    saved: dict[str, tuple[int, str]] = field(default_factory=dict)
    curves: Curves = field(default_factory=Curves)
    samples: list[Sample] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    ladder: Ladder | None = None
    verdict: Verdict | None = None
    lines: list[str] = field(default_factory=list)
    revision: int = 0
    _pace: MeasuredPace = field(default_factory=MeasuredPace)
    _elapsed: Elapsed = field(default_factory=Elapsed)

    # what people ask for

    def start(self) -> None:
        """Take note that a run was asked for."""
        self.phase = Phase.STARTING

    def pause(self) -> None:
        """Take note that a pause was asked for."""
        if self.phase in (Phase.STARTING, Phase.TRAINING):
            self.phase = Phase.PAUSING

    def resume(self) -> None:
        """Take note that the run should go on."""
        if self.phase in (Phase.PAUSED, Phase.PAUSING):
            self.phase = Phase.STARTING if self.started is None else Phase.TRAINING

    def stop(self) -> None:
        """Take note that the run should save and end."""
        if self.running:
            self.phase = Phase.STOPPING

    @property
    def running(self) -> bool:
        """Whether a run is under way, paused or not."""
        return self.phase in RUNNING

    # what the engine tells

    def take(self, event: Event, now: float) -> None:
        """Take in an event; `now` is a clock in seconds that never goes back."""
        self._elapsed.reach(now)
        match event:
            case Progress():
                self.preparing = event
            case Started():
                self._take_started(event)
            case Step():
                self._take_step(event, now)
            case Eval():
                self.last_eval = event
                self.curves.add_eval(event.iter_num, event.train_loss, event.val_loss)
                if event.is_best:
                    self._drop("next_generation")
                self._say(log_line(event))
            case Forecast():
                self.forecast = event
                self.revision += 1
            case Sample():
                self.samples.append(event)
                self.revision += 1
            case Checkpoint():
                self.checkpoint = event.path
                self.saved[event.kind] = (event.iter_num, event.path)
                self.revision += 1
                if event.kind == "latest":
                    self._say(log_line(event))
            case Advice():
                self.notes.insert(0, note_from(event))
                if event.code == "early_stop":
                    self._drop("overfitting")  # it says the same, and more
                if event.code == "next_generation":
                    self.curves.begin_model(event.iter_num)
                    self.forecast = None  # it was of the model before
                self.revision += 1
            case Paused():
                self._rest(Phase.PAUSED)
                self._say(f"paused before iteration {event.iter_num}")
            case Resumed():
                self._go_on()
                self._say(f"resumed at iteration {event.iter_num}")
            case Finished():
                self.finished, self.forecast = event, None
                if event.reason != "stopped":
                    self._drop("next_generation")
                self._say(f"{_ENDINGS[event.reason].lower()} at iteration {event.iter_num}")

    def _drop(self, code: AdviceCode) -> None:
        """Take back what was said and is no longer so."""
        self.notes = [note for note in self.notes if note.code != code]

    def end(self, error: BaseException | None) -> None:
        """Take note that the job is over; with an error it failed."""
        self.preparing = None
        if error is None:
            self.phase = Phase.FINISHED if self.finished is not None else Phase.EMPTY
            return
        self.phase = Phase.FAILED
        self.notes.insert(0, note_of(error))
        self.revision += 1

    def load(self, record: RunRecord) -> None:
        """Take in what a run recorded earlier, before it goes on."""
        self.name, self.curves, self.samples = record.trace.name, record.trace.curves, list(record.samples)
        self.last_eval = record.trace.last_eval
        self.saved = {"best": record.best} if record.best else {}
        self.checkpoint = record.latest
        self.revision += 1

    def measure_by(self, ladder: Ladder) -> None:
        """Take note of what losses on this text are held against."""
        self.ladder = ladder
        self.revision += 1

    def judge(self, verdict: Verdict) -> None:
        """Take note of what the run has learned, now that it has ended."""
        self.verdict = verdict

    def _take_started(self, event: Started) -> None:
        self.started, self.run_dir, self.preparing, self.forecast = event, event.run_dir, None, None
        self._elapsed.seconds = event.seconds
        self.curves.cut_back(event.iter_num)
        self.last_eval = self.trace.last_eval
        # the evaluation at the checkpoint's own iteration is not made again
        self.samples = [sample for sample in self.samples if sample.iter_num <= event.iter_num]
        if self.phase is Phase.STARTING:
            self.phase = Phase.TRAINING
        self._say(f"tokens per iteration will be: {event.tokens_per_iter:,}")
        self._say(f"number of parameters: {event.parameters / 1e6:.2f}M")
        self._say(f"device: {event.device}, {event.dtype}")

    def _take_step(self, event: Step, now: float) -> None:
        self.step = event
        self._pace.reach(event.iter_num, now)
        self.curves.add_step(
            event.iter_num,
            event.loss,
            event.lr,
            event.grad_norm,
            event.step_ms,
            event.tokens_per_s,
            event.memory_bytes,
        )
        self._say(log_line(event))

    def _rest(self, phase: Phase) -> None:
        self._pace.rest()
        self._elapsed.rest()
        if self.phase is not Phase.STOPPING:
            self.phase = phase

    def _go_on(self) -> None:
        if self.phase in (Phase.PAUSED, Phase.PAUSING):
            self.phase = Phase.TRAINING

    def _say(self, line: str) -> None:
        self.lines.append(line)
        self.revision += 1

    # what is shown

    @property
    def time_left(self) -> float | None:
        """Seconds until max_iters at the pace measured so far, or until the time is up; None while it is not known."""
        if self.started is None or self.step is None or self.phase not in (Phase.TRAINING, Phase.PAUSING):
            return None
        left = self._pace.seconds_for(max(self.started.max_iters - self.step.iter_num - 1, 0))
        if not self.started.time_limit:
            return left
        by_clock = max(0.0, self.started.time_limit - self._elapsed.seconds)
        return by_clock if left is None else min(left, by_clock)

    def checkpoint_at(self, iter_num: int) -> str:
        """Return the checkpoint that was saved at an iteration and is still there, or an empty text."""
        return next((path for at, path in self.saved.values() if at == iter_num), "")

    @property
    def saved_at(self) -> dict[int, str]:
        """Which checkpoint there is of an iteration: "best" or "latest"."""
        return {self.saved[kind][0]: kind for kind in ("latest", "best") if kind in self.saved}

    @property
    def baseline(self) -> float | None:
        """The loss of guessing at random: ln of the vocabulary's size."""
        return math.log(self.started.vocab_size) if self.started else None

    @property
    def trace(self) -> RunTrace:
        """The run as it is plotted."""
        return RunTrace(self._title(), self.curves, Scale.of(self.started), self.forecast)

    @property
    def rungs(self) -> tuple[Rung, ...]:
        """What the losses are held against: at least guessing at random."""
        if self.ladder is not None:
            return self.ladder.rungs
        return () if self.baseline is None else (Rung("random", "", self.baseline, 0.0),)

    def view(self) -> View:
        """Return all that the window shows now."""
        return View(
            phase=self.phase,
            title=self._title(),
            status=" · ".join(self._status_parts()),
            header=" · ".join(self._header_parts()),
            progress=self._progress(),
            busy=self.phase is Phase.STARTING and not (self.preparing and self.preparing.total),
            can_start=not self.running,
            can_pause=self.running and self.phase is not Phase.STOPPING and not self.prepares,
            can_stop=self.running and self.phase is not Phase.STOPPING,
            pause_label="Resume" if self.phase in (Phase.PAUSED, Phase.PAUSING) else "Pause",
            metrics=self._metrics(),
            standing=self._standing(),
            expected=self._expected(),
            generate_from=self.checkpoint if self.phase is Phase.FINISHED else "",
            can_resume=self._was_stopped(),
            verdict=self.verdict,
            clarity=clarity(self.baseline, self.curves, self.ladder),
        )

    def _standing(self) -> str:
        """Return what the loss says on the way; an ended run has its verdict."""
        if self.ladder is None or self.last_eval is None or self.phase is Phase.FINISHED:
            return ""
        # it writes words long before it is judged for the second time
        since = [] if self.last_eval.iter_num else self.curves.steps.column("loss")[-1:].tolist()
        return standing(self.ladder, min([self.last_eval.val_loss, *since]))

    def _was_stopped(self) -> bool:
        """Return whether the run ended because a person stopped it, with a checkpoint to go on from."""
        ended = self.finished if self.phase is Phase.FINISHED else None
        return ended is not None and ended.reason == "stopped" and bool(self.checkpoint and self.run_dir)

    def _expected(self) -> str:
        """Return what is expected of the run while it trains; at its end the coach has the word."""
        if not self.running or self.last_eval is None:
            return ""
        seconds = None
        if self.forecast is not None and self.step is not None:
            seconds = self._pace.seconds_for(max(self.forecast.best_iter - self.step.iter_num - 1, 0))
        expected = outlook.words(self.forecast, seconds)
        return f"Model {self._model}: {expected[0].lower()}{expected[1:]}" if self._model else expected

    @property
    def _model(self) -> int:
        """Which of its models a run trains, from 1; 0 where it has only one."""
        several = self.started is not None and self.started.generations > 1
        return len(self.curves.turns) + 1 if several else 0

    def _title(self) -> str:
        return self.name or (Path(self.run_dir).name if self.run_dir else "New run")

    def _status_parts(self) -> list[str]:
        if self.phase is Phase.STARTING and self.preparing is not None:
            total = self.preparing.total
            return [self.preparing.what, *([formats.percent(self.preparing.done / total)] if total else [])]
        parts = [self._phase_words()]
        if self.started is not None:
            parts.append(device_words(self.started.device))
            aim = "" if self.started.time_limit else f" of {formats.whole(self.started.max_iters)}"
            parts.append(f"iteration {formats.whole(self._iteration())}{aim}")
            if self._model:
                parts.append(f"model {self._model} of {self.started.generations}")
        return parts

    def _header_parts(self) -> list[str]:
        if self.phase is Phase.EMPTY:
            return []
        parts = [self._phase_words()]
        if (left := self.time_left) is not None:
            parts.append(f"{formats.duration(left)} left")
        if self.started is not None:
            parts.append(device_words(self.started.device))
        return parts

    def _phase_words(self) -> str:
        if self.phase is Phase.FINISHED and self.finished is not None:
            return _ENDINGS[self.finished.reason]
        return _WORDS.get(self.phase, "Ready")

    def _iteration(self) -> int:
        if self.finished is not None:
            return self.finished.iter_num
        if self.step is not None:
            return self.step.iter_num
        return self.started.iter_num if self.started else 0

    def _progress(self) -> float:
        if self.preparing is not None and self.preparing.total:
            return self.preparing.done / self.preparing.total
        if self.started is None or not self.started.max_iters:
            return 0.0
        if self.finished is not None and self.finished.reason == "done":
            return 1.0
        share = self._iteration() / self.started.max_iters
        if self.started.time_limit:
            share = max(share, self._elapsed.seconds / self.started.time_limit)
        return min(share, 1.0)

    def _metrics(self) -> tuple[Metric, ...]:
        best = self.curves.best()
        at = f"at {formats.whole(round(best[0]))}" if best else ""
        step = self.step
        validation = self.last_eval
        return (
            Metric("Training loss", formats.loss(step.loss if step else None)),
            Metric(
                "Validation loss",
                formats.loss(validation.val_loss if validation else None),
                f"{validation.bits_per_byte:.2f} bits/byte"
                if validation and math.isfinite(validation.bits_per_byte)
                else "",
            ),
            Metric("Best", formats.loss(best[1] if best else None), at),
            Metric("Tokens/s", formats.count(step.tokens_per_s) if step else formats.NOTHING),
            self._time_metric(),
        )

    def _time_metric(self) -> Metric:
        if self.finished is not None:
            return Metric("Time", formats.duration(self.finished.seconds))
        if self.phase is Phase.FAILED and len(self.curves.steps):
            return Metric("Time", formats.duration(float(self.curves.steps.column("seconds")[-1])))
        left = self.time_left
        return Metric("Time left", formats.NOTHING if left is None else formats.duration(left))
