"""What is being written has a hidden name that tells whose it is: so what a killed process left is known."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

import psutil

PART = ".part"
BEFORE = ".before"
"""The ends of the names of what is written, and of what it takes the place of."""

_CLOCK_S = 3600.0
"""Seconds by which a clock may have been set while something is written."""

_NAMED = re.compile(rf"\.(?P<name>.+)\.(?P<pid>\d{{1,10}})\.[0-9a-f]{{8}}{PART}(?P<before>{BEFORE})?", re.DOTALL)


def part_of(dest: Path) -> Path:
    """Return a hidden name beside a destination that nothing else uses, and that tells which process does."""
    return dest.with_name(f".{dest.name}.{os.getpid()}.{secrets.token_hex(4)}{PART}")


def before_of(part: Path) -> Path:
    """Return the name of what a part takes the place of, for the moment in which neither has it."""
    return part.with_name(part.name + BEFORE)


def clear_leftovers(folder: Path, is_whole: Callable[[Path], bool] = lambda _: False) -> None:
    """Remove what killed processes left in a folder; what was to be replaced comes back, as does a part that is whole.

    What a living process writes is left alone, and so is whatever cannot be removed.
    """
    try:
        with os.scandir(folder) as entries:
            found = [(Path(entry.path), match) for entry in entries if (match := _NAMED.fullmatch(entry.name))]
    except OSError:
        return
    for path, match in sorted(found, key=lambda each: not each[1]["before"]):  # what was there before comes first
        if not _is_anybodys(path, int(match["pid"])):
            _clear(path, path.with_name(match["name"]), comes_back=bool(match["before"]) or is_whole(path))


def _clear(path: Path, dest: Path, *, comes_back: bool) -> None:
    with contextlib.suppress(OSError):
        if comes_back and not os.path.lexists(dest):
            path.rename(dest)
        else:
            remove(path)


def _is_anybodys(path: Path, pid: int) -> bool:
    """Return whether the process that a part names lives: one of its number that began long after is another."""
    try:
        return psutil.Process(pid).create_time() <= path.lstat().st_mtime + _CLOCK_S
    except (psutil.NoSuchProcess, OverflowError):
        return False
    except (psutil.Error, OSError):
        return True


def remove(part: Path) -> None:
    """Remove what was not put in place."""
    if os.path.isdir(part) and not os.path.islink(part):
        shutil.rmtree(part, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):  # gone by its new name, or never made
            part.unlink()
