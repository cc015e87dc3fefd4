"""Where an export goes: never over anything it did not write, and never half."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
from pathlib import Path

from engine import checkpoint
from engine.errors import DataError, Fix, SettingError, UnderstudyError
from engine.exports.formats import ExportFormat, suggested_name

STAMP = "understudy.json"
"""What an exported folder holds beside the files of its format: where it comes from, and what the comparison found."""

_GGUF = b"GGUF"


def whole_destination(source: Path, form: ExportFormat, outtype: str, dest: Path) -> Path:
    """Give the whole path: in a folder that is there already a file gets a name of its own, as cp gives it one."""
    dest = Path(os.path.expanduser(dest)).absolute()
    if form.is_file and dest.is_dir():
        return dest / suggested_name(source.parent.name, form.name, outtype)
    return dest.with_name(dest.name + form.suffix) if form.is_file and dest.suffix != form.suffix else dest


def require_free(dest: Path, form: ExportFormat, overwrite: bool) -> None:
    """Raise SettingError when something stands at `dest` that must not be replaced."""
    if not os.path.lexists(dest) or (dest.is_dir() and not dest.is_symlink() and not any(dest.iterdir())):
        return
    if overwrite and _is_export(dest, form):
        return
    name = f"{dest.stem}-2{dest.suffix}"
    raise SettingError(
        f"There is already something at {dest}.",
        cause="An export never replaces what it did not write." if overwrite else "Nothing is replaced unasked.",
        fix=f"Name another place, {dest.with_name(name)} for one"
        + ("." if overwrite else ", or replace an earlier export with --overwrite=True."),
        code="dest_foreign" if overwrite else "dest_exists",
        problems={"dest": "taken"},
        fixes=() if overwrite else (Fix("Replace It", "none", {"overwrite": True}),),
    )


def _is_export(dest: Path, form: ExportFormat) -> bool:
    """Say whether an earlier export of the same form stands there."""
    if dest.is_symlink():
        return False
    if form.is_file:
        return dest.is_file() and _begins_with(dest, _GGUF)
    try:
        stamp = json.loads((dest / STAMP).read_text("utf-8"))
        return bool(stamp["compared"]["format"] == form.name)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def part_of(dest: Path) -> Path:
    """Give a hidden name beside a destination that nothing else uses."""
    return dest.with_name(f".{dest.name}.{os.getpid()}.{secrets.token_hex(4)}.part")


def _begins_with(path: Path, magic: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(magic)) == magic


def put_in_place(part: Path, dest: Path) -> None:
    """Give what is whole its name; what stood there before goes only then."""
    for file in [part] if part.is_file() else sorted(part.iterdir()):
        _sync(file)
    if part.is_file() or not dest.exists():
        part.replace(dest)
    else:
        before = part.with_name(part.name + ".before")
        dest.rename(before)
        part.rename(dest)
        shutil.rmtree(before, ignore_errors=True)
    checkpoint.sync_folder(dest.parent)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def remove(part: Path) -> None:
    """Remove what was not put in place."""
    if part.is_dir():
        shutil.rmtree(part, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):  # gone by its new name, or never made
            part.unlink()


def size_of(path: Path) -> int:
    """Give the bytes of a file, or of the files in a folder."""
    return path.stat().st_size if path.is_file() else sum(file.stat().st_size for file in path.iterdir())


def require_room(dest: Path, needed: int) -> None:
    """Raise TrainingError when the disk has not so many bytes free."""
    parent = next(folder for folder in dest.parents if folder.is_dir())
    if shutil.disk_usage(parent).free < needed:
        raise checkpoint.disk_full(parent / dest.name, needed)


def cannot_write(dest: Path, error: OSError, needed: int) -> UnderstudyError:
    """Give the error for a place that takes no more, or nothing at all."""
    if checkpoint.is_no_room(error):
        return checkpoint.disk_full(dest, needed)
    return DataError(
        f"{dest.name} cannot be written.",
        cause=f"The system says: {error.strerror or error}.",
        fix=f"See that {dest.parent} is a folder that may be written, or choose another place.",
        code="cannot_write",
    )
