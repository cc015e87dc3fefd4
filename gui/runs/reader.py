"""The list of runs, read anew only where a file changed: hundreds of runs cost the window next to nothing."""

from __future__ import annotations

import time
from pathlib import Path

from engine.runs.folder import RunFolder
from engine.runs.listing import run_folders, summary
from engine.runs.owner import Owner, owner_of
from engine.runs.run_summary import RunSummary

_AT_ONCE = 20  # runs looked at between two pauses
_BREATH_S = 0.0001  # a pause in which the window's thread gets its turn: Python lets only one thread run at a time
Stamp = tuple[Owner | None, frozenset[tuple[str, int, int]]]


class RunReader:
    """Reads the list of runs, and remembers each as long as its files and its owner are the same."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[Stamp, RunSummary]] = {}

    def runs(self) -> list[RunSummary]:
        """Return every run, the one last changed first."""
        known, self._known = self._known, {}
        for number, folder in enumerate(run_folders()):
            if number % _AT_ONCE == 0:
                time.sleep(_BREATH_S)
            now = _stamp(folder)
            before = known.get(folder)
            self._known[folder] = before if before and before[0] == now else (now, summary(folder))
        return sorted((run for _, run in self._known.values()), key=lambda run: run.modified, reverse=True)


def _stamp(folder: Path) -> Stamp:
    """Return what changes whenever a run does: the size and time of each of its files, and who trains it."""
    stats = set()
    for file in RunFolder(folder).files():
        try:
            stat = file.stat()
        except OSError:
            continue
        stats.add((file.name, stat.st_size, stat.st_mtime_ns))
    return owner_of(folder), frozenset(stats)
