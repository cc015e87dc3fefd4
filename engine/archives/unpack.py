"""Taking in an archive: every name and size is judged before a byte is written, and nothing in it is run.

Only a run's and a dataset's own files are taken, each copied as plain bytes into a hidden folder, opened there as
they will be used, and put in place when both are sound.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import pickle
import shutil
import tarfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from engine.archives.layout import DATASET_FILES, DATASETS, FORMAT, MANIFEST, RUN, RUN_FILES, safe_name
from engine.core.config import TrainConfig
from engine.core.disk import cannot_write, disk_full
from engine.core.errors import CheckpointError, DataError
from engine.core.events import Event, Progress, Turn, Unpacked
from engine.core.files import sync_folder, unique_folder
from engine.core.jobs import Control, Job
from engine.core.leftovers import clear_leftovers, part_of
from engine.core.paths import datasets_dir, expanded, home, runs_dir
from engine.core.untrusted_archives import OverBudgetError, StoppedError, opened_archive
from engine.core.untrusted_files import LONGEST, opened, reason
from engine.core.untrusted_json import read_object
from engine.datasets.dataset import Dataset, open_dataset, prepared
from engine.datasets.nanogpt import nanogpt_vocabulary
from engine.runs import checkpoint
from engine.runs.folder import RunFolder
from engine.tokens.tokenizer import GPT2Tokenizer

_TEXTS = (MANIFEST, "config.json", "run.json")


def unpack_job(archive: Path, *, control: Control) -> Job:
    """Make the run in an archive a run here: Progress events, and at the end Unpacked.

    A dataset that is here already, by the fingerprint of its text, is used again. A stop leaves nothing behind.
    Raises DataError for a file that is no such archive, or not a safe one, CheckpointError for a run that cannot be
    opened, TrainingError when the disk has no room.
    """
    archive = expanded(archive).absolute()
    part = part_of(home() / "unpacked")
    size = 0
    _require_file(archive)
    clear_leftovers(home())
    try:
        with _reading(archive):
            names, size = yield from _survey(archive, control)
            _require_room(archive, size)
            part.mkdir(parents=True)
            sums = yield from _extract(archive, names, size, part, control)
        if not control.stopping:
            with _named_after(archive, part):
                yield _settle(part, archive, sums)
    except StoppedError:
        return
    except OSError as error:
        raise cannot_write(home() / archive.name, error, size) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


# what is in it


def _survey(archive: Path, control: Control) -> Generator[Event | Turn, None, tuple[dict[str, str], int]]:
    """Return where each member that is wanted goes, and the bytes of all; raises DataError for what is not safe."""
    names: dict[str, str] = {}
    total = 0
    with opened_archive(archive, lambda: control.stopping) as content:
        for member in content:
            if place := _place_of(archive, member):
                if place in names.values():
                    raise _unsafe(archive, f"It holds {place} twice.")
                if PurePosixPath(place).name in (*_TEXTS, DATASET_FILES[0]) and member.size > LONGEST:
                    raise _unsafe(archive, f"{place} is {member.size:,} bytes long.")
                names[member.name] = place
                total += member.size
            for _ in content.pieces(member):
                yield Turn.NEXT
        content.require_end()
    if MANIFEST not in names.values():
        raise _not_ours(archive, f"There is no {MANIFEST} in it.")
    return names, total


def _place_of(archive: Path, member: tarfile.TarInfo) -> str:
    """Return where a member goes in the folder, or an empty text for what is not wanted; raises DataError."""
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts or "\\" in member.name or "\0" in member.name:
        raise _unsafe(archive, f"A name in it leads outside: {member.name!r}.")
    if member.isdir():
        return ""
    if not member.isreg() or member.issparse():
        raise _unsafe(archive, f"{member.name!r} is a link or a device, not a plain file.")
    match path.parts[1:]:
        case (name,) if name == MANIFEST:
            return name
        case (folder, name) if folder == RUN and name in RUN_FILES:
            return f"{folder}/{name}"
        case (folder, text, name) if folder == DATASETS and name in DATASET_FILES and text == safe_name(text):
            return f"{folder}/{text}/{name}"
    return ""


def _extract(
    archive: Path, names: dict[str, str], total: int, part: Path, control: Control
) -> Generator[Event | Turn, None, dict[str, str]]:
    """Copy the wanted members' bytes; return the SHA-256 of each by its place in the folder."""
    done, sums = 0, dict[str, str]()
    with opened_archive(archive, lambda: control.stopping) as content:
        for member in content:
            if member.name not in names or not member.isreg():
                continue
            target = part / names[member.name]
            target.parent.mkdir(parents=True, exist_ok=True)
            digest = hashlib.sha256()
            with target.open("xb") as file:
                for piece in content.pieces(member):
                    file.write(piece)
                    digest.update(piece)
                    done += len(piece)
                    yield Progress(what=f"Unpacking {archive.name}", done=done, total=total, unit="bytes")
                    yield Turn.NEXT
                file.flush()
                os.fsync(file.fileno())
            sums[names[member.name]] = digest.hexdigest()
        content.require_end()
    return sums


# what becomes of it


def _settle(part: Path, archive: Path, sums: dict[str, str]) -> Unpacked:
    """Open what was copied, give it its places, and tell."""
    manifest = _manifest(archive, part)
    _require_sums(archive, manifest, sums)
    text = safe_name(str(manifest.get("dataset", "")))
    brought = open_dataset(part / DATASETS / text)
    run = RunFolder(part / RUN)
    config = run.read_config()
    saved = checkpoint.load(run.checkpoint if os.path.exists(run.checkpoint) else run.best)
    here = _same_here(text, brought)
    name = here.name if here else _place_dataset(brought, text)
    folder = unique_folder(runs_dir(), safe_name(run.card().get("name", RUN)))
    run.write_config(TrainConfig.of(config.as_dict(), {"dataset": name, "out_dir": str(folder)}))
    run.path.replace(folder)
    placed = RunFolder(folder)
    sync_folder(runs_dir())
    return Unpacked(
        run_dir=str(folder),
        name=placed.card().get("name") or folder.name,
        dataset=name,
        reused=here is not None,
        iter_num=saved.iter_num,
    )


def _manifest(archive: Path, part: Path) -> dict[str, Any]:
    """Return what the archive says it is; raises DataError when this version does not know it."""
    try:
        manifest = read_object(part / MANIFEST)
        known = manifest["format"] == FORMAT
    except (ValueError, KeyError) as error:
        raise _not_ours(archive, f"{MANIFEST} cannot be read: {error}.") from error
    if not known:
        raise _not_ours(archive, f"It is of format {manifest['format']!r}; this version knows {FORMAT}.")
    return manifest


def _require_sums(archive: Path, manifest: dict[str, Any], found: dict[str, str]) -> None:
    """Raise DataError where a file is not the one that was packed; archives of earlier versions name no sums."""
    if "sums" not in manifest:
        return
    sums = manifest["sums"] if isinstance(manifest["sums"], dict) else {}
    packed = {name: total for name, total in sums.items() if name.startswith((f"{RUN}/", f"{DATASETS}/"))}
    others = {MANIFEST: found[MANIFEST]}
    if wrong := sorted(name for name, _ in (packed | others).items() ^ found.items()):
        raise _not_ours(archive, f"{wrong[0]} is not the file that was packed: its SHA-256 is another.")


def _same_here(name: str, brought: Dataset) -> Dataset | None:
    """Return a dataset that is here already and of the same text in the same tokens, of this name before others."""
    same = ("fingerprint", "tokenizer", "train_tokens", "val_tokens")
    alike = (each for each in prepared() if all(getattr(each, at) == getattr(brought, at) for at in same))
    return min(alike, key=lambda each: each.name != name, default=None)


def _place_dataset(brought: Dataset, name: str) -> str:
    """Put a dataset among those that are here, under a name that is free; return the name."""
    tokenizer = brought.load_tokenizer()
    if tokenizer.kind != GPT2Tokenizer.kind:  # a pickle from elsewhere is not kept: this one is ours
        with (brought.folder / "meta.pkl").open("wb") as file:
            pickle.dump(nanogpt_vocabulary(tokenizer), file)
    datasets_dir().mkdir(parents=True, exist_ok=True)
    number, free = 1, name
    while os.path.lexists(datasets_dir() / free):
        number += 1
        free = f"{name}-{number}"
    brought.folder.rename(datasets_dir() / free)
    return free


# what can be wrong


@contextmanager
def _reading(archive: Path) -> Iterator[None]:
    """Tell what tarfile and gzip say of a file, inside this context, as DataError."""
    try:
        yield
    except OverBudgetError as error:
        raise _unsafe(archive, str(error)) from error
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        if str(error).startswith("Not a gzipped file"):
            raise _not_ours(archive, "It does not begin as what `pack` writes does.") from error
        raise _not_ours(archive, f"It is damaged or cut off: {error}.") from error
    except ValueError as error:  # of a header that means nothing
        raise _not_ours(archive, f"It is damaged: {error}.") from error


@contextmanager
def _named_after(archive: Path, part: Path) -> Iterator[None]:
    """Tell what is wrong with a copied file as the archive’s, not as of where it stands for a moment."""
    try:
        yield
    except (CheckpointError, DataError) as error:
        if error.code in ("archive_unsafe", "archive_unreadable"):
            raise
        why = f"{error.message} {error.cause}".strip().replace(f"{part}{os.sep}", "").replace(part.name, archive.name)
        words = _not_ours(archive, why)
        raise type(error)(words.message, cause=words.cause, fix=words.fix, code=error.code) from error


def _require_file(archive: Path) -> None:
    """Raise DataError for an archive that is not there, may not be read, or is no plain file."""
    try:
        opened(archive).close()
    except OSError as error:
        raise _not_ours(archive, f"{reason(error)}.") from error


def _require_room(archive: Path, size: int) -> None:
    """Raise TrainingError when the disk has not so many bytes free."""
    folder = next(each for each in (home(), *home().parents) if os.path.isdir(each))
    if shutil.disk_usage(folder).free < size:
        raise disk_full(folder / archive.name, size)


def _unsafe(archive: Path, why: str) -> DataError:
    return DataError(
        f"{archive.name} is not opened: it is not what `pack` writes.",
        cause=why,
        fix="Pack the run again on the machine it was trained on. Nothing was written here.",
        code="archive_unsafe",
    )


def _not_ours(archive: Path, why: str) -> DataError:
    return DataError(
        f"{archive.name} holds no run.",
        cause=why,
        fix="Choose a file that Continue on a Bigger Machine, or `python -m engine pack`, has written.",
        code="archive_unreadable",
    )
