"""One job of the engine thread at a time, and the jobs of the Generate tab."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from engine.core.config import SampleConfig
from engine.core.jobs import Control, Job
from engine.generation.model_cache import Shelf
from engine.text.script import Scene, Speech
from gui.generate.attention import Question
from gui.kit.engine_thread import EngineThread, JobHandle

if TYPE_CHECKING:
    from engine.generation.surprise import Place

MakeJob = Callable[[Control], Job]


class Errand(QObject):
    """Runs one job, and tells of it alone.

    Signals:
        told(event): what the job tells.
        over(error): it has ended; `error` is None or what went wrong.
    """

    told = Signal(object)
    over = Signal(object)

    def __init__(self, engine: EngineThread, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._job: JobHandle | None = None

    @property
    def under_way(self) -> bool:
        """Whether a job goes on."""
        return self._job is not None

    def start(self, make_job: MakeJob) -> None:
        """Submit a job; one that goes on is left alone, and told of no more."""
        self.forget()
        self._job = self._engine.submit(make_job)
        self._job.told.connect(self.told)
        self._job.ended.connect(self._end)

    def stop(self) -> None:
        """Ask the job to end."""
        if self._job is not None:
            self._job.stop()

    def forget(self) -> None:
        """Ask the job to end, and hear nothing more of it."""
        if self._job is not None:
            self._job.forget()
        self._job = None

    @Slot(object)
    def _end(self, error: BaseException | None) -> None:
        self._job = None
        self.over.emit(error)


# the jobs are made on the engine's thread, where torch may be imported


def sample(path: Path, config: SampleConfig, written: Sequence[int], control: Control, shelf: Shelf) -> Job:
    """Write."""
    from engine.generation.sampler import sample_job

    return sample_job(path, config, control, shelf, written)


def speak(
    path: Path,
    scene: Scene,
    speeches: Sequence[Speech],
    speaker: str,
    config: SampleConfig,
    control: Control,
    shelf: Shelf,
    begun: Sequence[int],
) -> Job:
    """Speak one turn of a scene."""
    from engine.generation.scene import turn_job

    return turn_job(path, scene, speeches, speaker, config, control, shelf, begun)


def load(path: Path, shelf: Shelf) -> Job:
    """Read a model ahead."""
    from engine.generation.sampler import load_job

    return load_job(path, SampleConfig(), shelf)


def score(path: Path, text: str, control: Control, shelf: Shelf) -> Job:
    """Read a text, and tell where it surprises."""
    from engine.generation.surprise import score_job

    return score_job(path, text, control, shelf)


def score_passage(path: Path, part: str, share: float, tokens: int, control: Control, shelf: Shelf) -> Job:
    """Read a stretch of the text that a checkpoint was trained on, `share` of the way into its train or val part.

    Raises DataError when the dataset is not there any more.
    """
    from engine.generation.surprise import score_passage_job

    return score_passage_job(path, _place(path, part, share, tokens, shelf), control, shelf)


def attention(path: Path, asked: Question, control: Control, shelf: Shelf) -> Job:
    """Tell where a checkpoint looks when it writes what comes after what stood there; raises as `score_passage`."""
    from engine.generation.attention_job import Before, attention_job

    place = _place(path, *asked.passage, shelf) if asked.passage is not None else None
    return attention_job(path, Before(asked.ids, asked.start, place), control, shelf)


def _place(path: Path, part: str, share: float, tokens: int, shelf: Shelf) -> Place:
    """Return the stretch of a part of the training text that is `share` of the way into it."""
    from engine.generation.surprise import Place

    data = shelf.model(path).training_text()
    there = data.val_tokens if part == "val" else data.train_tokens
    length = min(tokens, there)
    return Place(part, round(share * (there - length)), length)


def find_quotations(path: Path, texts: Sequence[str], control: Control, shelf: Shelf) -> Job:
    """Find what stands in the training text word for word."""
    from engine.generation.memorisation import memorisation_job

    return memorisation_job(path, texts, control, shelf)
