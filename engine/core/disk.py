"""The room on a disk: asked for before something is written, and told when it is gone."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

from engine.core.errors import DataError, TrainingError, UnderstudyError
from engine.core.untrusted_files import reason

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What a system says when a file cannot grow: disk full, quota reached, file too large."""


def is_no_room(error: BaseException | None) -> bool:
    """Return whether an error, or one it came from, means that a disk is full."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            return True
        error = error.__cause__ or error.__context__
    return False


MAKE_ROOM = "Make room on the disk, or choose another place; then do it again."


def disk_full(path: Path, needed: int, fix: str = MAKE_ROOM) -> TrainingError:
    """Return the error for a file that does not fit on the disk; `fix` says what can be done."""
    free = shutil.disk_usage(path.parent).free if os.path.isdir(path.parent) else 0
    return TrainingError(
        f"The disk is full: {path.name} needs {needed / 1e6:,.1f} MB, {free / 1e6:,.1f} MB are free.",
        cause=f"There is no room left in {path.parent}.",
        fix=fix,
        code="disk_full",
    )


def require_room(dest: Path, needed: int) -> None:
    """Raise TrainingError when the disk has not so many bytes free."""
    parent = next(folder for folder in dest.parents if os.path.isdir(folder))
    if shutil.disk_usage(parent).free < needed:
        raise disk_full(parent / dest.name, needed)


def refused(error: OSError) -> UnderstudyError:
    """Return the error for what the system refused where nothing better is known: a file, a folder, a disk."""
    if is_no_room(error):
        return TrainingError(
            "The disk is full.",
            cause=f"The system says: {reason(error)}.",
            fix="Make room on the disk, then do it again.",
            code="disk_full",
        )
    return DataError(
        f"The system refused what Understudy needs: {reason(error)}.",
        fix="See that it is there, that it is what it should be, and that it may be read and written; then try again.",
        code="refused",
    )


def cannot_write(dest: Path, error: OSError, needed: int) -> UnderstudyError:
    """Return the error for a place that takes no more, or nothing at all."""
    if is_no_room(error):
        return disk_full(dest, needed)
    return DataError(
        f"{dest.name} cannot be written.",
        cause=f"The system says: {error.strerror or error}.",
        fix=f"See that {dest.parent} is a folder that may be written, or choose another place.",
        code="cannot_write",
    )
