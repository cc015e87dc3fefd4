"""Snapshots of a run: its weights as they were now and then while it trained, each a small file of its own.

What is in such a file is engine/runs/snapshot_file.py's matter; its name tells when it was taken. Knows nothing of
torch.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

SUFFIX = ".safetensors"
"""How the name of a snapshot ends."""

RUNGS = (5.0, 20.0, 60.0, 300.0)
"""Seconds of training that people ask for: what a model wrote then."""

_NAME = re.compile(r"snapshot-(?P<iter_num>\d{1,12})-(?P<seconds>\d{1,9}\.\d\d)s\.safetensors")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot on disk: its file, the iteration that came next, the seconds trained until then, and its bytes."""

    path: Path
    iter_num: int
    seconds: float
    bytes: int

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values of JSON."""
        return {"file": self.path.name, "iter_num": self.iter_num, "seconds": self.seconds, "bytes": self.bytes}

    @classmethod
    def of_json(cls, folder: Path, values: dict[str, Any]) -> Self:
        """Return what `as_json` wrote of a file in a folder; raises KeyError or TypeError for anything else."""
        return cls(folder / values["file"], values["iter_num"], values["seconds"], values["bytes"])


def snapshot_name(iter_num: int, seconds: float) -> str:
    """Return the name of the file of a snapshot."""
    return f"snapshot-{iter_num}-{seconds:.2f}s{SUFFIX}"


def is_snapshot(name: str) -> bool:
    """Return whether a file of this name is a snapshot of a run."""
    return _NAME.fullmatch(name) is not None


def snapshots_in(folder: Path) -> list[Snapshot]:
    """Return the snapshots in a folder, the earliest first; none where it cannot be read."""
    try:
        with os.scandir(folder) as entries:
            found = list(filter(None, map(_snapshot, entries)))
    except OSError:
        return []
    return sorted(found, key=lambda each: (each.iter_num, each.seconds))


def _snapshot(entry: os.DirEntry[str]) -> Snapshot | None:
    """Return the snapshot that an entry of a folder is, None for anything else, or one that is gone meanwhile."""
    match = _NAME.fullmatch(entry.name)
    try:
        if match is None or not entry.is_file():
            return None
        return Snapshot(Path(entry.path), int(match["iter_num"]), float(match["seconds"]), entry.stat().st_size)
    except OSError:
        return None


def nearest(snapshots: Sequence[Snapshot], seconds: float) -> Snapshot | None:
    """Return the snapshot taken nearest to so many seconds of training, by their ratio; None where there is none."""
    return min(snapshots, key=lambda each: how_far(each.seconds, seconds), default=None)


def how_far(one: float, other: float) -> float:
    """Return how far two times of training are from one another: the greater by the smaller, 1.0 where they are one."""
    small, great = sorted((one, other))
    return great / small if small > 0 else math.inf if great > 0 else 1.0
