"""The list of runs: what each one is and how far it came, read from its folder without opening a checkpoint."""

from __future__ import annotations

import logging
import math
import os
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.core.config import TrainConfig
from engine.core.errors import CheckpointError
from engine.core.events import Eval, Event, Finished, FinishReason, Paused, Sample, Started, Step
from engine.core.paths import runs_dir
from engine.core.untrusted_files import reason
from engine.runs.folder import RunFolder, remembered_folders
from engine.runs.index import RunIndex
from engine.runs.owner import owner_of
from engine.runs.record import RecordScan
from engine.runs.run_summary import RunStatus, RunSummary

_NEVER = datetime.fromtimestamp(0, UTC)
_MOST_LATE = datetime(9000, 1, 1, tzinfo=UTC)
_LONGEST_LINE, _READ = 120, 500  # characters
_UNSEEN = re.compile("[\ufffd\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_log = logging.getLogger(__name__)
_AFTER: Mapping[FinishReason, RunStatus] = {"done": "finished", "early_stop": "finished", "stopped": "stopped"}


def list_runs() -> list[RunSummary]:
    """Return every run, the one last changed first; a run that cannot be read is listed as damaged, with the reason."""
    index, folders = RunIndex(read_run), run_folders()
    found = [with_owner(index.summary(folder)) for folder in folders]
    index.keep(folders)
    return sorted(found, key=lambda run: run.modified, reverse=True)


def run_folders() -> list[Path]:
    """Return the folder of every run: those in the runs folder, and those elsewhere that are remembered."""
    try:
        with os.scandir(runs_dir()) as entries:
            own = [Path(entry.path) for entry in entries if not entry.name.startswith(".") and _is_folder(entry)]
    except FileNotFoundError:
        own = []
    elsewhere = [path for path in remembered_folders() if RunFolder(path).files() or _is_shut(path)]
    return own + elsewhere


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Return whether an entry is a folder, or a link to one."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_shut(folder: Path) -> bool:
    """Return whether a folder is there and may not be looked into."""
    try:
        with os.scandir(folder):
            return False
    except PermissionError:
        return True
    except (OSError, ValueError):
        return False


def summary(path: Path) -> RunSummary:
    """Return what is known of the run in a folder; never raises, so that one run hides no other."""
    return with_owner(read_run(path))


def with_owner(run: RunSummary) -> RunSummary:
    """Return a run with whether a living process trains it now."""
    if owner_of(run.path) is None:
        return run
    left = run.status in ("paused", "foreign", "damaged")
    return replace(run, owned=True, status=run.status if left else "running")


def read_run(path: Path) -> RunSummary:
    """Return what the files of a run say, as if nobody trained it; never raises."""
    try:
        return _read(path)
    except Exception as error:  # a bug, but one that is told of where it belongs
        _log.exception("%s cannot be read", path)
        problem = f"It cannot be read: {type(error).__name__}: {error}"
        return RunSummary(name=path.name, path=path, status="damaged", problem=problem, created=_NEVER, modified=_NEVER)


def _read(path: Path) -> RunSummary:
    run = RunFolder(path)
    if _is_shut(path):
        problem = f"{path} may not be opened: see that you may read and write it."
        return RunSummary(
            name=path.name, path=path, status="damaged", problem=problem, **_sizes_and_dates(run, created="")
        )
    card = run.card()
    common: dict[str, Any] = {
        "name": card.get("name") or path.name,
        "path": path,
        "note": card.get("note", ""),
        "has_checkpoint": run.has_checkpoint,
        "snapshots": tuple(run.snapshots()),
        **_sizes_and_dates(run, card.get("created", "")),
    }
    if not os.path.lexists(run.config_path) and run.has_checkpoint:
        return RunSummary(status="foreign", **common)
    if not run.files() and not os.path.lexists(run.config_path):  # a kill can leave the folder alone
        return RunSummary(status="empty", **common)
    try:
        config = run.read_config()
        record = RecordScan.of(run.metrics_path)
    except (CheckpointError, OSError) as error:
        problem = f"{error.message} {error.cause}" if isinstance(error, CheckpointError) else reason(error)
        return RunSummary(status="damaged", problem=problem, **common)
    return RunSummary(**common, **_progress(config, record), written=_written(run))


def _progress(config: TrainConfig, record: RecordScan) -> dict[str, Any]:
    """Return how far a run came."""
    last, started, finished = record.last_of_all(), record.last(Started), record.last(Finished)
    latest, best = record.last(Eval, lambda each: math.isfinite(each.val_loss)), record.lowest(Eval, "val_loss")
    return {
        "status": _status(last),
        "dataset": config.dataset,
        "max_iters": config.max_iters,
        "timed": config.minutes > 0,
        "iter_num": getattr(last, "iter_num", None),
        "train_loss": _finite(latest.train_loss if latest else _last_loss(record)),
        "val_loss": latest.val_loss if latest else None,
        "best_val_loss": best.val_loss if best else None,
        "bits_per_byte": _finite(best.bits_per_byte) if best else None,
        "seconds": finished.seconds if finished else None,
        "parameters": started.parameters if started else None,
    }


def _written(run: RunFolder) -> str:
    """Return how what a run wrote last begins, in a line, empty where there is none or it cannot be read."""
    try:
        sample = RecordScan.of(run.samples_path).last(Sample)
    except OSError:
        return ""
    beginning = (sample.text if sample else "").strip()[:_READ]
    return " ".join(_UNSEEN.sub(" ", beginning).split())[:_LONGEST_LINE]


def _status(last: Event | None) -> RunStatus:
    """Return the status that the last recorded event leaves a run in."""
    match last:
        case None:
            return "empty"
        case Finished():
            return _AFTER[last.reason]
        case Paused():
            return "paused"
    return "interrupted"


def _last_loss(record: RecordScan) -> float | None:
    """Return the training loss that was logged last."""
    step = record.last(Step)
    return step.loss if step else None


def _finite(value: float | None) -> float | None:
    """Return a number, or None for what is none."""
    return value if value is not None and math.isfinite(value) else None


def _sizes_and_dates(run: RunFolder, created: str) -> dict[str, Any]:
    """Return the bytes of a run's files, and when the run was begun and last changed."""
    stats = {file.name: stat for file in run.files() if (stat := _stat(file))}
    # a note or a new name is no news of the training
    times = (
        [stat.st_mtime for name, stat in stats.items() if name != "run.json"]
        or [folder.st_mtime for folder in [_stat(run.path)] if folder]
        or [0.0]
    )
    try:
        begun = datetime.fromisoformat(created).astimezone(UTC)
    except (ValueError, OverflowError):
        begun = _NEVER
    if not _NEVER < begun < _MOST_LATE:
        begun = _moment(min(times))
    return {
        # two names of one file, as the best checkpoint and the latest often are, take its room once
        "bytes_on_disk": sum({(stat.st_dev, stat.st_ino): stat.st_size for stat in stats.values()}.values()),
        "created": begun,
        "modified": _moment(max(times)),
    }


def _moment(seconds: float) -> datetime:
    """Return a time that a disk tells, as far as a calendar has it."""
    return datetime.fromtimestamp(min(max(seconds, 0.0), _MOST_LATE.timestamp()), UTC)


def _stat(path: Path) -> Any:
    """Return the size and times of a file, or None when it went away meanwhile."""
    try:
        return path.stat()
    except OSError:
        return None
