"""The list of runs: what each one is and how far it came, read from its folder without opening a checkpoint."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.core.config import TrainConfig
from engine.core.errors import CheckpointError
from engine.core.paths import runs_dir
from engine.runs.folder import RunFolder, remembered_folders
from engine.runs.owner import owner_of

_STATUS_OF_REASON = {"done": "finished", "early_stop": "finished", "stopped": "stopped"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """One line in the list of runs; a None is not known.

    Attributes:
        name: the name a person gave it, else its folder's.
        status: "running" (a process has it open), "finished", "stopped", "paused", "interrupted" (it was cut off),
            "empty" (nothing recorded yet), "foreign" (a checkpoint alone, as nanoGPT leaves it) or "damaged".
        owned: whether a living process trains it, also while it rests there.
        problem: why it is damaged, else empty.
        iter_num: the last iteration recorded.
        timed: whether the clock ends it, whatever its max_iters.
        train_loss: nats per token at the last evaluation, else at the last step.
        bits_per_byte: at the best evaluation.
        seconds: time in training, once it was told at an end.
        created, modified: in UTC.
    """

    name: str
    path: Path
    status: str
    owned: bool = False
    problem: str = ""
    iter_num: int | None = None
    max_iters: int | None = None
    timed: bool = False
    train_loss: float | None = None
    val_loss: float | None = None
    best_val_loss: float | None = None
    bits_per_byte: float | None = None
    seconds: float | None = None
    bytes_on_disk: int = 0
    dataset: str = ""
    parameters: int | None = None
    created: datetime
    modified: datetime
    note: str = ""
    has_checkpoint: bool = False


def list_runs() -> list[RunSummary]:
    """Return every run, the one last changed first; a run that cannot be read is listed as damaged, with the reason."""
    return sorted(map(summary, run_folders()), key=lambda run: run.modified, reverse=True)


def run_folders() -> list[Path]:
    """Return the folder of every run: those in the runs folder, and those elsewhere that are remembered."""
    try:
        own = [entry for entry in runs_dir().iterdir() if entry.is_dir() and not entry.name.startswith(".")]
    except OSError:
        own = []
    elsewhere = [path for path in remembered_folders() if RunFolder(path).files()]
    return own + elsewhere


def summary(path: Path) -> RunSummary:
    """Return what is known of the run in a folder; never raises."""
    run = RunFolder(path)
    card = run.card()
    common: dict[str, Any] = {
        "name": card.get("name") or path.name,
        "path": path,
        "owned": owner_of(path) is not None,
        "note": card.get("note", ""),
        "has_checkpoint": run.has_checkpoint,
        **_sizes_and_dates(run, card.get("created", "")),
    }
    if not run.config_path.exists() and run.has_checkpoint:
        return RunSummary(status="foreign", **common)
    try:
        config = run.read_config()
        told = _told(run.metrics_path)
    except (CheckpointError, OSError) as error:
        problem = f"{error.message} {error.cause}" if isinstance(error, CheckpointError) else str(error)
        return RunSummary(status="damaged", problem=problem, **common)
    progress = _progress(config, told)
    if common["owned"] and progress["status"] != "paused":
        progress["status"] = "running"
    return RunSummary(**common, **progress)


def _progress(config: TrainConfig, told: _Told) -> dict[str, Any]:
    """Return how far a run came."""
    evals = [row for row in told.evals if _number(row, "val_loss") is not None]
    best = min(evals, key=lambda row: row["val_loss"], default={})
    last_eval = evals[-1] if evals else {}
    return {
        "status": _status(told.last),
        "dataset": config.dataset,
        "max_iters": config.max_iters,
        "timed": config.minutes > 0,
        "iter_num": _number(told.last, "iter_num"),
        "train_loss": _number(last_eval or told.step, "train_loss" if last_eval else "loss"),
        "val_loss": _number(last_eval, "val_loss"),
        "best_val_loss": _number(best, "val_loss"),
        "bits_per_byte": _number(best, "bits_per_byte"),
        "seconds": _number(told.finished, "seconds"),
        "parameters": _number(told.started, "parameters"),
    }


def _status(last: dict[str, Any]) -> str:
    """Return the status that the last recorded event leaves a run in."""
    match last.get("event"):
        case None:
            return "empty"
        case "finished":
            return _STATUS_OF_REASON.get(last.get("reason", ""), "stopped")
        case "paused":
            return "paused"
    return "interrupted"


@dataclass(frozen=True, slots=True)
class _Told:
    """The few recorded events that say how a run stands; {} where there is none."""

    started: dict[str, Any]
    step: dict[str, Any]
    evals: list[dict[str, Any]]
    finished: dict[str, Any]
    last: dict[str, Any]


def _told(metrics: Path) -> _Told:
    """Find those events without parsing the others: a record of 20,000 lines takes milliseconds."""
    data = metrics.read_bytes() if metrics.exists() else b""
    return _Told(
        started=_last_of(data, "started"),
        step=_last_of(data, "step"),
        evals=_all_of(data, "eval"),
        finished=_last_of(data, "finished"),
        last=_last_line(data),
    )


def _start_of(event: str) -> bytes:
    """Return how the line of an event begins, as RunFolder writes it."""
    return json.dumps({"event": event})[:-1].encode()


def _all_of(data: bytes, event: str) -> list[dict[str, Any]]:
    """Return every event of one kind."""
    rows, at, start = [], 0, _start_of(event)
    while (at := data.find(start, at)) >= 0:
        if row := _line_at(data, at):
            rows.append(row)
        at += len(start)
    return rows


def _last_of(data: bytes, event: str) -> dict[str, Any]:
    """Return the last event of one kind that can be read."""
    at, start = len(data), _start_of(event)
    while (at := data.rfind(start, 0, at)) >= 0:
        if row := _line_at(data, at):
            return row
    return {}


def _last_line(data: bytes) -> dict[str, Any]:
    """Return the last event that can be read."""
    end = len(data)
    while end > 0:
        start = data.rfind(b"\n", 0, end) + 1
        if row := _line_at(data, start):
            return row
        end = start - 1
    return {}


def _line_at(data: bytes, at: int) -> dict[str, Any]:
    """Return the event whose line begins at an offset, or {} when there is none whole."""
    if at and data[at - 1 : at] != b"\n":
        return {}
    end = data.find(b"\n", at)
    try:
        row = json.loads(data[at : end if end >= 0 else len(data)])
    except (ValueError, RecursionError):
        return {}
    return row if isinstance(row, dict) and isinstance(row.get("event"), str) else {}


def _number(row: dict[str, Any], name: str) -> Any:
    """Return a number of an event, or None when it tells none."""
    value = row.get(name)
    return value if isinstance(value, (int, float)) else None


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
    except ValueError:
        begun = datetime.fromtimestamp(min(times), UTC)
    return {
        # two names of one file, as the best checkpoint and the latest often are, take its room once
        "bytes_on_disk": sum({(stat.st_dev, stat.st_ino): stat.st_size for stat in stats.values()}.values()),
        "created": begun,
        "modified": datetime.fromtimestamp(max(times), UTC),
    }


def _stat(path: Path) -> Any:
    """Return the size and times of a file, or None when it went away meanwhile."""
    try:
        return path.stat()
    except OSError:
        return None
