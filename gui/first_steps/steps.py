"""The steps of the checklist, and what shows that one was done: an event, or what stands on disk. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from engine.core.errors import DataError
from engine.core.events import Event, Finished, Prepared, Reply, Sample, Step
from engine.core.paths import shipped
from engine.datasets.dataset import Dataset, open_dataset, prepared
from engine.runs.folder import RunFolder
from engine.runs.listing import list_runs
from engine.text.catalogue import catalogue

COMPARE = "compare"
"""The step that is done in the window alone."""
SAMPLE, FINISH = "sample", "finish"
"""The steps of watching a run."""


@dataclass(frozen=True, slots=True)
class FirstStep:
    """A step: what to do, where (the name of a tab), and the preset that is meant, if one is."""

    key: str
    title: str
    text: str
    tab: str
    preset: str = ""


@cache
def first_steps() -> tuple[FirstStep, ...]:
    """Return the steps in their order."""
    rows = json.loads(shipped("resources", "first_steps.json").read_text("utf-8"))
    return tuple(FirstStep(**row) for row in rows)


_SHOWN_BY: dict[str, Callable[[Event], bool]] = {
    "train": lambda event: isinstance(event, Step),
    SAMPLE: lambda event: isinstance(event, Sample) and event.iter_num > 0,
    FINISH: lambda event: isinstance(event, Finished),
    "generate": lambda event: isinstance(event, Reply),
    "text": lambda event: isinstance(event, Prepared) and _is_own_folder(Path(event.folder)),
}


def done_by(event: Event) -> str:
    """Return the key of the step that an event shows to be done, "" where it shows none."""
    return next((key for key, shows in _SHOWN_BY.items() if shows(event)), "")


def done_on_disk() -> frozenset[str]:
    """Return the steps that runs and texts on disk show to be done; what cannot be read shows nothing."""
    runs = list_runs()
    found = {
        "train": any(run.iter_num for run in runs),
        SAMPLE: any(sample.iter_num for run in runs for sample in RunFolder(run.path).samples()),
        FINISH: any(run.status in ("finished", "stopped") for run in runs),
        "text": any(map(_is_own, prepared())),
    }
    return frozenset(key for key, done in found.items() if done)


def _is_own_folder(folder: Path) -> bool:
    """Return whether the text in a folder, if there is one still, was made from files of this computer."""
    try:
        return _is_own(open_dataset(folder))
    except DataError:
        return False


def _is_own(text: Dataset) -> bool:
    """Return whether a text was made from files of this computer, not from the catalogue's."""
    return text.source not in {entry.title for entry in catalogue().values()}
