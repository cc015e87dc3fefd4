"""Where an export goes: never over anything it did not write, and never half."""

from __future__ import annotations

import os
from pathlib import Path

from engine.core.errors import Fix, SettingError
from engine.core.untrusted_files import opened
from engine.core.untrusted_json import read_object
from engine.exports.formats import ExportFormat, suggested_name

STAMP = "understudy.json"
"""What an exported folder holds beside the files of its format: where it comes from, and what the comparison found."""

_GGUF = b"GGUF"


def whole_destination(source: Path, form: ExportFormat, outtype: str, dest: Path) -> Path:
    """Return the whole path: in a folder that is there already a file gets a name of its own, as cp gives it one."""
    dest = Path(os.path.expanduser(dest)).absolute()
    if form.is_file and os.path.isdir(dest):
        return dest / suggested_name(source.parent.name, form.name, outtype)
    return dest.with_name(dest.name + form.suffix) if form.is_file and dest.suffix != form.suffix else dest


def require_free(dest: Path, form: ExportFormat, overwrite: bool) -> None:
    """Raise SettingError when something stands at `dest` that must not be replaced."""
    if not os.path.lexists(dest) or (os.path.isdir(dest) and not dest.is_symlink() and not any(dest.iterdir())):
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
    """Return whether an earlier export of the same form stands there."""
    if dest.is_symlink():
        return False
    if form.is_file:
        return os.path.isfile(dest) and _begins_with(dest, _GGUF)
    try:
        stamp = read_object(dest / STAMP)
        return bool(stamp["compared"]["format"] == form.name)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _begins_with(path: Path, magic: bytes) -> bool:
    with opened(path) as file:
        return file.read(len(magic)) == magic
