"""The list of runs for the window: the newest at once, and all of them without holding the window up."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.runs.index import RunIndex
from engine.runs.listing import read_run, run_folders, summary, with_owner
from engine.runs.run_summary import RunSummary
from gui.kit.garbage import loading

FIRST = 50
"""Runs that are shown before all others are read."""

_AT_ONCE = 20  # runs looked at between two pauses
_BREATH_S = 0.0001  # a pause in which the window's thread gets its turn: Python lets only one thread run at a time


@dataclass(frozen=True, slots=True)
class Listing:
    """Runs, the one last changed first: all of them, or the first that are shown."""

    runs: list[RunSummary]
    is_whole: bool = True


class RunReader:
    """Reads the list of runs, and remembers each as long as its files are the same."""

    def __init__(self) -> None:
        self._index: RunIndex | None = None

    def runs(self) -> list[RunSummary]:
        """Return every run, the one last changed first."""
        *_, listing = self.growing()
        return listing.runs

    def growing(self) -> Iterator[Listing]:
        """Yield the list; the very first time, where it is long, at once a list of those that changed last."""
        folders = run_folders()
        if self._index is None and len(folders) > FIRST:
            yield Listing(_in_order(map(summary, sorted(folders, key=_changed)[-FIRST:])), is_whole=False)
        if self._index is None:
            with loading():  # thousands of runs stay: to look at each for garbage would hold the window up
                self._index = RunIndex(read_run)
                found = self._found(self._index, folders)
        else:
            found = self._found(self._index, folders)
        yield Listing(_in_order(found))

    @staticmethod
    def _found(index: RunIndex, folders: list[Path]) -> list[RunSummary]:
        """Return what is known of the runs in some folders, all there are."""
        found = []
        for number, folder in enumerate(folders):
            if number % _AT_ONCE == 0:
                time.sleep(_BREATH_S)
            found.append(with_owner(index.summary(folder)))
        index.keep(folders)
        return found


def _in_order(runs: Iterable[RunSummary]) -> list[RunSummary]:
    return sorted(runs, key=lambda run: run.modified, reverse=True)


def _changed(folder: Path) -> float:
    """Return when something was last made or renamed in a folder, as each checkpoint is: seconds, 0 if it is gone."""
    try:
        return folder.stat().st_mtime
    except OSError:
        return 0.0
