"""The checkpoints there are to write with, without Qt."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from engine.core.errors import UnderstudyError
from engine.datasets.dataset import beginning_for
from engine.runs.folder import RunFolder
from engine.runs.run_summary import RunSummary
from engine.runs.same_weights import Mark, WeightMarks, weights_mark
from gui.kit import formats
from gui.kit.run_words import text_words


@dataclass(frozen=True, slots=True)
class CheckpointChoice:
    """One checkpoint to choose: its file, its run's name, what tells it from the others, and more about the run.

    `beginning` is what its model may be asked to go on with, empty where nothing is known of its text; `seconds` how
    long a snapshot had been trained, None for any other; `weights` is the same for checkpoints with the same weights;
    `dataset` is the name of its text, where that is known.
    """

    path: Path
    title: str
    detail: str
    about: str = ""
    beginning: str = ""
    seconds: float | None = None
    weights: Mark | None = None
    dataset: str = ""

    @property
    def label(self) -> str:
        """Return the line in the list of checkpoints."""
        return f"{self.title} – {self.detail}" if self.detail else self.title


def checkpoint_choices(runs: Iterable[RunSummary], marks: WeightMarks) -> list[CheckpointChoice]:
    """Return the checkpoints of all runs, each run's best before its latest, and its snapshots after them."""
    begin = cache(beginning_for)  # many runs are of one text
    return [
        CheckpointChoice(
            path, run.name, detail, about_run(run), begin(run.dataset), seconds, marks.of(path), run.dataset
        )
        for run in runs
        for path, detail, seconds in _checkpoints_of(run)
    ]


def _checkpoints_of(run: RunSummary) -> Iterator[tuple[Path, str, float | None]]:
    """Yield the file of each checkpoint of a run, what tells it from the others, and a snapshot's seconds."""
    folder = RunFolder(run.path)
    if os.path.exists(folder.best):
        yield folder.best, "best", None
    if os.path.exists(folder.checkpoint):
        at = f"iteration {formats.whole(run.iter_num)}" if run.iter_num is not None else ""
        yield folder.checkpoint, ", ".join(filter(None, ("latest", at))), None
    for each in run.snapshots:
        yield each.path, f"after {formats.duration(each.seconds)}", each.seconds


def opened_choice(path: Path) -> CheckpointChoice:
    """Return a checkpoint that was opened by hand."""
    text, about = dataset_of(path), str(path.parent)
    return CheckpointChoice(
        path, path.parent.name, path.name, about, beginning_for(text), weights=weights_mark(path), dataset=text
    )


def others_than(chosen: CheckpointChoice | None, choices: Iterable[CheckpointChoice]) -> list[CheckpointChoice]:
    """Return what a checkpoint can be compared with: all that write differently, each once."""
    kept: list[CheckpointChoice] = []
    seen = {chosen.path, chosen.weights} - {None} if chosen else set()
    for choice in choices:
        if choice.path not in seen and choice.weights not in seen:
            kept.append(choice)
            seen |= {choice.weights} - {None}
    return kept


def block_size_of(checkpoint: Path) -> int | None:
    """Return how many tokens the model of a run looks back, or None where its folder does not say."""
    try:
        return RunFolder(checkpoint.parent).read_config().block_size
    except UnderstudyError:
        return None


def dataset_of(checkpoint: Path) -> str:
    """Return what a run was trained on, empty where its folder does not say."""
    try:
        return RunFolder(checkpoint.parent).read_config().dataset
    except UnderstudyError:
        return ""


def about_run(run: RunSummary) -> str:
    """Return what a run is, in a line: its best loss, its size, its text if its name has it not, and when it ended."""
    loss = f"Best loss {formats.loss(run.best_val_loss)}" if run.best_val_loss is not None else ""
    size = f"{formats.count(run.parameters)} parameters" if run.parameters else ""
    text = "" if (words := text_words(run)) in run.name else words
    return "  ·  ".join(filter(None, (loss, size, text, formats.moment(run.modified.astimezone()))))
