"""What was read of each run, kept in a file beside the runs: thousands are listed without being read.

It only saves time. An entry counts while each file of its run is the same to the system; an index that is damaged or of
another version, a run that has just changed, and one that cannot be read well are read from the runs themselves.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.core.leftovers import clear_leftovers, part_of, remove
from engine.core.paths import runs_dir
from engine.core.untrusted_files import read_bytes
from engine.core.version import __version__
from engine.runs.folder import is_run_file
from engine.runs.run_summary import RunSummary

FILE = ".index"
"""The name of the index in the folder of runs."""

_HEAD = f"runs as Understudy {__version__} reads them, each with a line of its writing\n".encode()
_LONGEST = 2**28
_SETTLED_NS = 2 * 10**9
"""How long ago a run must have changed: a file that changes twice within a tick of the disk's clock shows it once."""

Stamp = tuple[tuple[str, int, int, int], ...]
"""Of each file of a run: its name, bytes, time of change in nanoseconds, and number on the disk."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A run as it was read, and the state of its files before."""

    stamp: Stamp
    summary: RunSummary


class RunIndex:
    """Says what is known of runs, and reads only those of which nothing is, or that changed."""

    def __init__(self, read: Callable[[Path], RunSummary]) -> None:
        """Take `read` for runs that are not in the index."""
        self._read = read
        self._entries = _entries(runs_dir() / FILE)
        self._is_old = False

    def summary(self, folder: Path) -> RunSummary:
        """Return what is known of the run in a folder, but who trains it."""
        stamp, entry = stamp_of(folder), self._entries.get(folder)
        if entry is not None and stamp == entry.stamp:
            return entry.summary
        found = self._read(folder)
        if stamp and found.status != "damaged" and _is_settled(stamp):
            self._entries[folder] = Entry(stamp, found)
            self._is_old = True
        return found

    def keep(self, folders: list[Path]) -> None:
        """Write down what is known of these runs, all there are, if anything is new; a folder may take none."""
        if not self._is_old:
            return
        self._is_old = False
        self._entries = {folder: self._entries[folder] for folder in folders if folder in self._entries}
        file = runs_dir() / FILE
        clear_leftovers(file.parent)
        part = part_of(file)
        with contextlib.suppress(OSError):
            part.write_bytes(_HEAD + b"".join(map(_line_of, self._entries.values())))
            part.replace(file)
        remove(part)


def stamp_of(folder: Path) -> Stamp | None:
    """Return the state of a run's files, or None when it cannot be known."""
    try:
        with os.scandir(folder) as entries:
            stats = [(entry.name, entry.stat()) for entry in entries if is_run_file(entry.name)]
    except (OSError, ValueError):
        return None
    return tuple(sorted((name, stat.st_size, stat.st_mtime_ns, stat.st_ino) for name, stat in stats))


def _is_settled(stamp: Stamp) -> bool:
    return max(changed for _, _, changed, _ in stamp) < time.time_ns() - _SETTLED_NS


def _line_of(entry: Entry) -> bytes:
    """Return an entry as a line that tells whether it is whole."""
    content = json.dumps([entry.stamp, entry.summary.as_json()]).encode()
    return b"%08x %s\n" % (zlib.crc32(content), content)


def _entries(file: Path) -> dict[Path, Entry]:
    """Return what an index holds; whatever is not as it was written is left out."""
    try:
        head, *lines = read_bytes(file, _LONGEST).splitlines(keepends=True)
    except (OSError, ValueError):
        return {}
    known = (_entry(line) for line in lines) if head == _HEAD else ()
    return {entry.summary.path: entry for entry in known if entry is not None}


def _entry(line: bytes) -> Entry | None:
    check, _, content = line.rstrip(b"\n").partition(b" ")
    try:
        if int(check, 16) != zlib.crc32(content):
            return None
        stamp, summary = json.loads(content)
        return Entry(_as_stamp(stamp), RunSummary.of_json(summary))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _as_stamp(rows: Any) -> Stamp:
    return tuple((name, size, changed, number) for name, size, changed, number in rows)
