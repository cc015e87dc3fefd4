"""What a run is measured by, found out off the window's thread: its text's ladder, and at its end the verdict."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from engine.core.errors import UnderstudyError
from engine.core.events import Sample
from engine.datasets.dataset import dataset
from engine.datasets.quality import Ladder, ladder_of
from engine.datasets.wording import wording_of
from engine.runs.folder import RunFolder
from engine.runs.longer import may_teach
from engine.runs.verdict import Course, Verdict, latest, verdict
from gui.kit.background import Background
from gui.train.curves import Curves
from gui.train.state import Phase, RunState

T = TypeVar("T")


class Judge(QObject):
    """Measures a run by its text.

    Signals:
        judged(): a run's state knows more.
        failed(error): what nobody foresaw.
    """

    judged = Signal()
    failed = Signal(object)

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background

    def measure_text(self, state: RunState, name: str) -> None:
        """Find out what losses on a run's text are held against."""
        self._do(lambda: ladder_of(dataset(name)), state.measure_by)

    def look_back(self, state: RunState) -> None:
        """Say what a run that has ended has learned, unless that is known."""
        if state.phase is Phase.FINISHED and state.verdict is None:
            ended = Ended.of(state)
            self._do(ended.verdict, state.judge)

    def _do(self, work: Callable[[], T], take: Callable[[T], None]) -> None:
        self._background.do(work, lambda found: self._take(found, take), self._pass_over)

    def _take(self, found: T, take: Callable[[T], None]) -> None:
        take(found)
        self.judged.emit()

    def _pass_over(self, error: Exception) -> None:
        """Tell of an error, but for a text that is not there or damaged: that is told once it is trained on."""
        if not isinstance(error, UnderstudyError):
            self.failed.emit(error)


@dataclass(frozen=True, slots=True)
class Ended:
    """What a verdict on a run is made from, apart from the state that the window goes on changing."""

    course: Course
    samples: tuple[Sample, ...]
    ladder: Ladder | None
    dataset: str
    run_dir: str

    @classmethod
    def of(cls, state: RunState) -> Ended:
        """Return what is known of a run that has ended: of the model that best.pt is, where it trained several."""
        began, ended = _best_model(state.curves)
        samples = tuple(sample for sample in state.samples if began < sample.iter_num <= ended)
        return cls(_course(state), samples, state.ladder, state.dataset, state.run_dir)

    def verdict(self) -> Verdict:
        """Return the verdict; where the text is gone or damaged, the loss alone has the word."""
        course = replace(self.course, may_teach=self._may_teach())
        with contextlib.suppress(UnderstudyError):
            text = dataset(self.dataset or RunFolder(Path(self.run_dir)).read_config().dataset)
            return verdict(course, self.ladder or ladder_of(text), wording_of(text, latest(self.samples)))
        return verdict(course, self.ladder, None)

    def _may_teach(self) -> bool:
        with contextlib.suppress(UnderstudyError):
            return may_teach(RunFolder(Path(self.run_dir)).read_config())
        return False


def _best_model(curves: Curves) -> tuple[float, float]:
    """Return after which iteration the model began that the run is judged by, and with which it ended."""
    best = curves.best()
    return curves.model_of(best[0]) if best else (-1.0, math.inf)


def _course(state: RunState) -> Course:
    """Return how the losses of the best model went, from where it began.

    They are those of validation where they were judged twice at least, else of training.
    """
    curves, finished = state.curves, state.finished
    began, ended = _best_model(curves)
    first, made = max(0, int(began)), finished.iter_num if finished else 0
    evals, steps = (
        list(zip(*(table.column(name).tolist() for name in names), strict=True))
        for table, names in ((curves.evals, ("iter_num", "val_loss")), (curves.steps, ("iter_num", "smoothed")))
    )
    evals = [(int(at) - first, loss) for at, loss in evals if began < at <= ended]
    steps = [(int(at) - first, loss) for at, loss in steps if began <= at < ended]
    last = state.last_eval if state.last_eval and began < state.last_eval.iter_num <= ended else None
    judged = sum(at > 0 for at, _ in evals) > 1
    updates = int(min(ended, made)) - first
    return Course(
        seconds=finished.seconds * updates / max(made, 1) if finished else math.nan,
        updates=updates,
        losses=evals if judged else steps or evals,
        judged=judged,
        overfitted=finished is not None and finished.reason == "early_stop",
        stopped=finished is not None and finished.reason == "stopped",
        full_memory=last.full_memory_bits_per_byte if last else None,
    )
