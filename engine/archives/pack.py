"""Packing a run: its folder and its dataset in one archive, written under a temporary name until it is whole."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import IO, Any

from engine.archives.layout import (
    DATASET_FILES,
    DATASETS,
    FORMAT,
    MANIFEST,
    RUN,
    RUN_FILES,
    SUFFIX,
    is_archive,
    lines,
    requirements,
    safe_name,
)
from engine.core.config import TrainConfig
from engine.core.disk import cannot_write, require_room
from engine.core.errors import CheckpointError, SettingError
from engine.core.events import Packed, Progress, Turn
from engine.core.files import put_in_place
from engine.core.jobs import Control, Job
from engine.core.leftovers import clear_leftovers, part_of, remove
from engine.core.paths import expanded, shipped
from engine.core.untrusted_json import read_object
from engine.core.version import __version__
from engine.datasets.dataset import Dataset, dataset
from engine.datasets.refit import retokenise_job
from engine.planning.calibration import of_run
from engine.runs.continuation import kept_tokenizer, resumed_config
from engine.runs.folder import RunFolder
from engine.runs.listing import summary
from engine.runs.owner import owner_of

_PROGRAM = {"engine": "**/*.py", "resources": "*.json", "data": "*.json"}
"""What of the program goes along, by folder."""


NEARLY = 0.9
"""Share of its iterations from which a run is as good as at its end."""


class _Stopped(Exception):  # noqa: N818  (nothing went wrong)
    """Somebody asked for a stop."""


def pack_job(run_dir: Path, dest: Path, *, gpus: int = 0, overwrite: bool = False, control: Control) -> Job:
    """Write a run and its text, in its tokens, into the archive `dest`: Progress events, and at the end Packed.

    A stop leaves nothing behind and ends the job without Packed. With `overwrite` a file at `dest` is replaced, once
    the new one is whole. Raises CheckpointError for a folder without a checkpoint or a run under way, DataError when
    its dataset is not here, SettingError when `dest` is taken, TrainingError when the disk has no room.
    """
    run = RunFolder(expanded(run_dir).absolute())
    config = _settings_of(run)
    top = safe_name(run.card().get("name") or run.path.name)
    dest = _whole(dest, top, overwrite)
    tokenizer = kept_tokenizer(config)
    name = (yield from retokenise_job(config.dataset, tokenizer, control)) if tokenizer else config.dataset
    if control.stopping:
        return
    data = dataset(name)
    files = list(_files(run, data))
    total = sum(path.stat().st_size for _, path in files)
    clear_leftovers(dest.parent)
    part = part_of(dest)
    try:
        dest.parent.mkdir(parents=True, exist_ok=True)
        require_room(dest, total)
        with tarfile.open(part, "x:gz", compresslevel=1) as archive:
            sums = {}
            for name, text in _texts(run, config, data):
                sums[name] = _add(archive, f"{top}/{name}", _Read(io.BytesIO(text), control), len(text))
            done = 0
            for name, path in files:
                with path.open("rb") as file:
                    size = os.fstat(file.fileno()).st_size
                    sums[name] = _add(archive, f"{top}/{name}", _Read(file, control), size)
                done += size
                yield Progress(what=f"Packing {top}", done=done, total=total, unit="bytes")
                yield Turn.NEXT
            manifest = _manifest(data, sums)
            _add(archive, f"{top}/{MANIFEST}", _Read(io.BytesIO(manifest), control), len(manifest))
        put_in_place(part, dest)
    except _Stopped:
        return
    except OSError as error:
        raise cannot_write(dest, error, total) from error
    finally:
        remove(part)
    instructions = lines(dest, top, data.tokenizer["kind"], gpus, _bound(run, config))
    yield Packed(path=str(dest), bytes=dest.stat().st_size, **asdict(instructions))


def _settings_of(run: RunFolder) -> TrainConfig:
    """Return the settings that a run goes on with, or say why it cannot leave."""
    if not run.has_checkpoint:
        raise CheckpointError(
            f"{run.path} holds no checkpoint to go on from.",
            fix="Name a run’s folder: `python -m engine runs` lists them.",
            code="no_checkpoint",
        )
    owner = owner_of(run.path)
    if owner is not None:
        raise CheckpointError(
            f"The run {run.path.name!r} is being trained by process {owner.pid} on {owner.host}.",
            cause="What is packed while it goes on would be left behind at once.",
            fix="Stop it first: it saves, and goes on elsewhere from there.",
            code="run_in_use",
        )
    return resumed_config(str(run.path), {})


def _bound(run: RunFolder, config: TrainConfig) -> dict[str, Any]:
    """Return what ends the run elsewhere: its iterations.

    Its minutes were those of this machine, where they may be over: there it makes as many as they held here, or, where
    it has made those, as many again.
    """
    if not config.minutes:
        return {"max_iters": config.max_iters}
    pace, known = of_run(run), summary(run.path)
    made = known.iter_num or 0
    held = round(config.minutes * 60 / pace.seconds_per_iter) if pace is not None else config.max_iters
    held = min(held, config.max_iters)
    had = (known.seconds or 0.0) >= NEARLY * config.minutes * 60
    is_over = made > 0 and (had or made >= NEARLY * held)
    return {"max_iters": 2 * made if is_over else held, "minutes": 0}


def _files(run: RunFolder, data: Dataset) -> Iterator[tuple[str, Path]]:
    """Yield the large files and their names in the archive."""
    for name in RUN_FILES:
        if name.endswith((".pt", ".jsonl")) and os.path.isfile(run.path / name):
            yield f"{RUN}/{name}", run.path / name
    for path in (data.train_path, data.val_path):
        yield f"{DATASETS}/{safe_name(data.name)}/{path.name}", path


def _texts(run: RunFolder, config: TrainConfig, data: Dataset) -> Iterator[tuple[str, bytes]]:
    """Yield the small files, in which no place of this machine stands, and their names in the archive."""
    name = safe_name(data.name)
    settings = replace(config, out_dir="", init_from="resume", dataset=name).as_dict()
    yield f"{RUN}/config.json", _json(settings)
    yield f"{RUN}/run.json", _json({"name": run.path.name} | run.card())
    yield f"{DATASETS}/{name}/{DATASET_FILES[0]}", _json(_meta(data))
    yield "requirements.txt", requirements().encode()
    package = Path(__file__).resolve().parents[1]
    for folder, pattern in _PROGRAM.items():
        place = package if folder == package.name else shipped(folder)
        for path in sorted(place.glob(pattern)):
            yield f"{folder}/{path.relative_to(place)}", path.read_bytes()


def _manifest(data: Dataset, sums: dict[str, str]) -> bytes:
    """Return what the archive says of itself, with the SHA-256 of each file; it comes last, when they are known."""
    made_by = f"Understudy {__version__}"
    return _json({"format": FORMAT, "made_by": made_by, "dataset": safe_name(data.name), "sums": sums})


def _meta(data: Dataset) -> dict[str, object]:
    """Return meta.json of a dataset, also of one that nanoGPT's own scripts prepared."""
    try:
        meta: dict[str, object] = read_object(data.folder / DATASET_FILES[0])
    except FileNotFoundError:
        meta = {name: value for name, value in asdict(data).items() if name not in ("name", "folder")}
    return meta


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


class _Read(io.RawIOBase):
    """A file that is read until somebody asks for a stop, and the SHA-256 of what was read."""

    def __init__(self, file: IO[bytes], control: Control) -> None:
        self._file = file
        self._control = control
        self._digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes; raises when a stop was asked for."""
        if self._control.stopping:
            raise _Stopped
        piece = self._file.read(size)
        self._digest.update(piece)
        return piece

    @property
    def sha256(self) -> str:
        """The sum of all that was read, in hexadecimal."""
        return self._digest.hexdigest()


def _add(archive: tarfile.TarFile, name: str, file: _Read, size: int) -> str:
    """Add a plain file: no links, no owner, nothing of this machine. Return its SHA-256."""
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o644
    archive.addfile(info, file)
    return file.sha256


def _whole(dest: Path, top: str, overwrite: bool) -> Path:
    """Return the whole path of an archive; raises SettingError where something stands that must not be replaced."""
    dest = Path(os.path.abspath(expanded(dest)))
    if os.path.isdir(dest):
        dest = dest / f"{top}{SUFFIX}"
    elif not is_archive(dest):
        dest = dest.with_name(dest.name + SUFFIX)
    replaced = overwrite and os.path.isfile(dest) and not dest.is_symlink()
    if os.path.lexists(dest) and not replaced:
        raise SettingError(
            f"There is already something at {dest}.",
            cause="Nothing is replaced unasked.",
            fix=f"Name another file, {dest.parent / f'{top}-2{SUFFIX}'} for one.",
            code="dest_exists",
            problems={"dest": "taken"},
        )
    return dest
