"""A run on disk: one folder that holds its checkpoints, configuration, metrics and samples.

Everything that is rewritten is written so that a kill at any moment leaves the previous whole file.
Knows nothing of torch: what is inside a checkpoint is engine/runs/checkpoint.py's matter.
"""

from __future__ import annotations

import json
import logging
import os
import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from engine.core.config import TrainConfig
from engine.core.disk import disk_full
from engine.core.errors import CheckpointError, Fix, SettingError, TrainingError
from engine.core.events import Eval, Event, Prepared, Progress, Reply, Sample, Step, Token
from engine.core.files import unique_folder, write_text
from engine.core.leftovers import clear_leftovers
from engine.core.paths import expanded, runs_dir
from engine.core.settings import setting_fields
from engine.core.untrusted_files import read_bytes, reason
from engine.core.untrusted_json import parsed, read_object, why_unread
from engine.runs.record import RecordWriter, cut_back, read_events
from engine.runs.snapshots import SUFFIX, Snapshot, is_snapshot, snapshots_in

_ALWAYS_TOLD = {"dataset", "n_layer", "block_size", "max_iters"}
"""Settings by which the config.json of a run is told from another program's."""

_RUN_FILES = ("ckpt.pt", "best.pt", "config.json", "metrics.jsonl", "samples.jsonl", "run.json")
SUFFIXES = (".pt", SUFFIX)
"""How the names of files end that are opened as checkpoints."""

_TEMPORARY = re.compile(r"\.(?:(.+?)(?:\.\d+)?|chosen)\.tmp")
"""What a file of a run is written under before it has its name; a snapshot's is engine/core/leftovers.py's."""

_NOT_RECORDED = (Token, Reply, Progress, Prepared)
_log = logging.getLogger(__name__)


class RunFolder:
    """One run's folder: where its files are, and its record of events.

    Making one touches nothing on disk; `RunFolder.new` makes the folder of a new run.
    """

    CHECKPOINT = "ckpt.pt"
    BEST = "best.pt"
    TEACHER = "teacher.pt"

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._metrics = RecordWriter(self.metrics_path)
        self._samples = RecordWriter(self.samples_path)

    @classmethod
    def new(cls, config: TrainConfig) -> Self:
        """Return the folder of a new run, made here with its configuration in it.

        Without an out_dir the run gets a folder of its own in `paths.runs_dir()`. Raises CheckpointError: code
        "run_exists" when the out_dir holds a checkpoint and `overwrite` is off, "out_dir_foreign" when it holds files
        of the same names that are no run's, "bad_out_dir" when it cannot be written. What stood there before is moved
        to a sibling folder, so that nothing is ever lost.
        """
        try:
            run = cls._claim(config)
            run.write_config(config)
            run._write_card({"created": datetime.now(UTC).isoformat(timespec="seconds")})
        except OSError as error:
            raise bad_out_dir(error) from error
        return run

    @classmethod
    def _claim(cls, config: TrainConfig) -> Self:
        """Return the empty folder of a new run, made here."""
        if not config.out_dir:
            return cls(unique_folder(runs_dir(), default_name(config)))
        run = cls(expanded(config.out_dir).absolute())
        if run.has_checkpoint and not config.overwrite:
            raise _run_exists(config.out_dir)
        run._require_own_files()
        run._set_aside()
        run.path.mkdir(parents=True, exist_ok=True)
        remember_folder(run.path)
        return run

    @property
    def checkpoint(self) -> Path:
        """The latest checkpoint."""
        return self.path / self.CHECKPOINT

    @property
    def best(self) -> Path:
        """The checkpoint with the lowest validation loss."""
        return self.path / self.BEST

    @property
    def teacher(self) -> Path:
        """The checkpoint of the model that teaches the one in training, where the run trains several."""
        return self.path / self.TEACHER

    @property
    def config_path(self) -> Path:
        """The configuration, as JSON."""
        return self.path / "config.json"

    @property
    def metrics_path(self) -> Path:
        """One line for each event but the samples."""
        return self.path / "metrics.jsonl"

    @property
    def samples_path(self) -> Path:
        """One line for each text the model wrote at an evaluation."""
        return self.path / "samples.jsonl"

    @property
    def has_checkpoint(self) -> bool:
        """Whether there is a checkpoint that could be lost."""
        return os.path.lexists(self.checkpoint) or os.path.lexists(self.best)

    def no_room(self, path: Path, needed: int) -> TrainingError:
        """Return the error for a file of the run that does not fit on the disk, and for how it can go on then."""
        resume = f"go on with --init_from=resume --out_dir={shlex.quote(str(self.path))}"
        then = f"{resume}: {self.kept}" if self.has_checkpoint else f"start again: {self.kept}"
        return disk_full(path, needed, f"Make room on the disk, then {then}.")

    @property
    def kept(self) -> str:
        """What stays of the run where no checkpoint can be written."""
        return "the checkpoint before is whole" if self.has_checkpoint else "no checkpoint of this run exists yet"

    # configuration and card

    def write_config(self, config: TrainConfig) -> None:
        """Write the configuration in force, as a whole or not at all."""
        write_text(self.config_path, json.dumps(config.as_dict(), indent=2) + "\n")

    def read_config(self) -> TrainConfig:
        """Return the configuration with out_dir naming this folder; settings of other versions are left out and logged.

        Raises CheckpointError when it is missing, unreadable or out of range.
        """
        try:
            values = read_object(self.config_path)
        except (OSError, ValueError) as error:
            raise CheckpointError(
                f"The configuration of the run {self.path.name!r} cannot be read.",
                cause=f"{why_unread(self.config_path, error)}.",
                fix="Its checkpoint, if there is one, can still be opened in Generate.",
                code="bad_config",
            ) from error
        known = setting_fields(TrainConfig)
        if foreign := sorted(set(values) - set(known)):
            _log.warning("%s: settings unknown to this version are left out: %s", self.config_path, ", ".join(foreign))
        try:
            return TrainConfig.of({k: v for k, v in values.items() if k in known}, {"out_dir": str(self.path)})
        except SettingError as error:
            raise CheckpointError(
                f"The configuration of the run {self.path.name!r} cannot be used.",
                cause=error.message,
                fix=f"Correct it in {self.config_path}.",
                code="bad_config",
            ) from error

    def card(self) -> dict[str, str]:
        """Return what people say of the run: "name", "note" and "created" (ISO 8601), each only if it is known."""
        return {k: v for k, v in _object_in(self.path / "run.json").items() if isinstance(v, str)}

    def rename(self, name: str) -> None:
        """Give the run another name on screen; its folder stays where it is. An empty name is the folder's."""
        self._write_card({"name": name.strip()})

    def write_note(self, note: str) -> None:
        """Keep a person's note on the run."""
        self._write_card({"note": note.strip()})

    def _write_card(self, changes: dict[str, str]) -> None:
        write_text(self.path / "run.json", json.dumps(self.card() | changes, indent=2, ensure_ascii=False) + "\n")

    # events

    def append(self, event: Event) -> None:
        """Record an event as one line, on disk when this returns; pieces of replies and progress are not recorded."""
        if not isinstance(event, _NOT_RECORDED):
            (self._samples if isinstance(event, Sample) else self._metrics).append(event)

    def events(self) -> Iterator[Event]:
        """Yield the recorded events in order, but the samples; unreadable lines are passed over."""
        return read_events(self.metrics_path)

    def samples(self) -> Iterator[Sample]:
        """Yield the recorded samples in order; unreadable lines are passed over."""
        return (event for event in read_events(self.samples_path) if isinstance(event, Sample))

    def cut_back(self, iter_num: int, evaluated: int) -> None:
        """Drop what happened after a checkpoint that is resumed from, so that no iteration stands twice.

        `iter_num` is the iteration that comes next and `evaluated` the one last evaluated before it.
        """
        self.close()
        for path in (self.metrics_path, self.samples_path):
            cut_back(path, {Step: iter_num - 1, Eval: evaluated, Sample: evaluated}, others=iter_num)
        for snapshot in self.snapshots():
            if snapshot.iter_num > iter_num:
                snapshot.path.unlink(missing_ok=True)

    def remove_leftovers(self) -> None:
        """Remove what a killed process had only half written; to be called by the run's owner."""
        clear_leftovers(self.path)
        for path in self.path.glob(".*.tmp"):
            file = _TEMPORARY.fullmatch(path.name)
            if file and is_run_file(file[1] or self.CHECKPOINT):
                path.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the record; a later append opens it again."""
        self._metrics.close()
        self._samples.close()

    # what belongs to it

    def snapshots(self) -> list[Snapshot]:
        """Return the snapshots of its weights, the earliest first."""
        return snapshots_in(self.path)

    def files(self) -> list[Path]:
        """Return the files of the run that exist."""
        try:
            with os.scandir(self.path) as entries:
                return [Path(entry.path) for entry in entries if is_run_file(entry.name) and entry.is_file()]
        except OSError:
            return []

    def belongings(self) -> list[Path]:
        """Return what goes to the Trash with the run: its folder, or only its files where the folder holds more."""
        own = set(self.files())
        try:
            more = [entry for entry in self.path.iterdir() if entry not in own]
        except OSError:
            more = []
        ours = self.path.parent == runs_dir()
        return [self.path] if ours or not more else sorted(own)

    def _require_own_files(self) -> None:
        """Raise CheckpointError where files stand that a run would move away and that none has written."""
        names = sorted(file.name for file in self.files())
        settings = _object_in(self.config_path)
        ours = "created" in self.card() or settings.keys() >= _ALWAYS_TOLD
        nanogpts = bool(names) and all(name.endswith(".pt") for name in names)
        if names and not ours and not nanogpts:
            raise CheckpointError(
                f"{self.path} holds files that no run has written: {', '.join(names)}.",
                cause="A run writes files of these names, and nothing is moved away that may belong to something else.",
                fix="Name another folder with --out_dir.",
                code="out_dir_foreign",
                fixes=(Fix("Use a New Folder", "restart", {"out_dir": ""}),),
            )

    def _set_aside(self) -> None:
        """Move the files of an earlier run to a sibling folder."""
        if files := self.files():
            aside = unique_folder(self.path.parent, f"{self.path.name} (replaced)")
            for file in files:
                file.rename(aside / file.name)
            remember_folder(aside)


def is_run_file(name: str) -> bool:
    """Return whether a run has files of this name."""
    return name in _RUN_FILES or name.endswith(".pt") or is_snapshot(name)


def default_name(config: TrainConfig) -> str:
    """Return the name of a run that got none: its dataset, layers x width, and today's date."""
    dataset = re.sub(r"[^\w.-]+", "-", config.dataset).strip("-.")[:80] or "run"
    return f"{dataset}-{config.n_layer}x{config.n_embd}-{datetime.now().date().isoformat()}"


def remember_folder(path: Path) -> None:
    """Let the list of runs know a run outside `paths.runs_dir()`, so that every run is listed."""
    path = path.absolute()
    if path.parent == runs_dir() or path in remembered_folders():
        return
    try:
        runs_dir().mkdir(parents=True, exist_ok=True)
        with (runs_dir() / "elsewhere.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(str(path)) + "\n")
    except OSError as error:  # the run itself matters more than its place in the list
        _log.warning("%s will not be listed among the runs: %s", path, error)


def remembered_folders() -> list[Path]:
    """Return the folders outside `paths.runs_dir()` that hold or held a run; a line that tells of none is logged."""
    known = runs_dir() / "elsewhere.jsonl"
    try:
        lines = read_bytes(known).splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        _log.warning("runs in other folders are not listed: %s", reason(error))
        return []
    return list(dict.fromkeys(path for line in lines if (path := _folder_on(line, known))))


def _folder_on(line: bytes, known: Path) -> Path | None:
    """Return the folder that a line names, or None."""
    try:
        name = parsed(line)
    except ValueError as error:
        _log.warning("%s: a line is passed over: %s", known, error)
        return None
    return Path(name) if isinstance(name, str) and os.path.isabs(name) and "\0" not in name else None


# files


def _object_in(path: Path) -> dict[str, Any]:
    """Return the JSON object in a file, an empty one when there is none."""
    try:
        return read_object(path)
    except (OSError, ValueError):
        return {}


def _run_exists(out_dir: str) -> CheckpointError:
    """Return the error for an out_dir that holds another run."""
    return CheckpointError(
        f"{out_dir} already holds a run.",
        cause="A checkpoint in it would be replaced, and a night of training is never overwritten unasked.",
        fix=f"Go on with it: --init_from=resume --out_dir={shlex.quote(out_dir)}. Or name another --out_dir. "
        "Or replace it with --overwrite=True.",
        code="run_exists",
        fixes=(
            Fix("Resume It", "resume", {"out_dir": out_dir}),
            Fix("Use a New Folder", "restart", {"out_dir": ""}),
            Fix("Replace It", "restart", {"overwrite": True}),
        ),
    )


def bad_out_dir(error: OSError) -> CheckpointError:
    """Return the error for a folder that cannot be made or written."""
    return CheckpointError(
        "The folder of the run cannot be written.",
        cause=f"{error.strerror or error}: {error.filename}" if error.filename else str(error),
        fix="Name another folder with --out_dir, or make room on the disk.",
        code="bad_out_dir",
        fixes=(Fix("Use a New Folder", "restart", {"out_dir": ""}),),
    )


def checkpoint_at(path: Path) -> Path | None:
    """Return the checkpoint that a path names: a .pt file or a snapshot, or the latest of a run's folder, else None."""
    if path.suffix in SUFFIXES:
        return path
    return next((each for each in (path / RunFolder.CHECKPOINT, path / RunFolder.BEST) if os.path.isfile(each)), None)
