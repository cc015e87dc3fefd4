"""Files written so that a kill leaves the old one or the new one whole, and the names that files and folders get."""

from __future__ import annotations

import hashlib
import itertools
import os
import re
import shutil
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from engine.core.leftovers import before_of
from engine.core.untrusted_files import opened

NAME_BYTES = 200
"""Bytes of UTF-8 in a name at most: a disk takes 255, and a name is part of longer ones while it is written."""


def write_text(path: Path, text: str) -> None:
    """Write a text file as a whole or not at all."""
    write_lines(path, [text])


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Write a text file line by line, as a whole or not at all."""
    write_pieces(path, (line.encode() for line in lines))


def write_pieces(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file piece by piece, as a whole or not at all: temporary file, fsync, rename."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def unique_folder(parent: Path, name: str) -> Path:
    """Make a new folder; -2, -3 … follows a name that is taken. Making it is what claims the name."""
    parent.mkdir(parents=True, exist_ok=True)
    for number in itertools.count(1):
        path = parent / (name if number == 1 else f"{name}-{number}")
        try:
            path.mkdir()
        except FileExistsError:
            continue
        return path
    raise AssertionError("unreachable")


def plain_name(text: str) -> str:
    """Return any text as a name that a dataset can have: what a folder's name may not hold becomes _."""
    composed = unicodedata.normalize("NFC", text)
    kept = "".join(char if is_of_names(char) or char in "_.-" else "\0" for char in composed)
    name = re.sub("\0+", "_", kept).strip("._-")[:80]
    return name.encode()[:NAME_BYTES].decode("utf-8", "ignore").rstrip("._-") or "text"


def spoken_name(name: str) -> str:
    """Return a name of a file or a folder as a person reads it: its underscores are spaces."""
    return " ".join(name.replace("_", " ").split()) or name


def is_of_names(char: str) -> bool:
    """Return whether a character is a letter, a digit, or a mark that belongs to a letter, of any script."""
    return char.isalnum() or unicodedata.category(char).startswith("M")


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with opened(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """Make a rename in this folder outlast a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def put_in_place(part: Path, dest: Path) -> None:
    """Give what is whole its name; what stood there before goes only then."""
    for file in [part] if os.path.isfile(part) else sorted(part.iterdir()):
        _sync(file)
    if os.path.isfile(part) or not os.path.exists(dest):
        part.replace(dest)
    else:
        before = before_of(part)
        dest.rename(before)
        part.rename(dest)
        shutil.rmtree(before, ignore_errors=True)
    sync_folder(dest.parent)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def size_of(path: Path) -> int:
    """Return the bytes of a file, or of the files in a folder."""
    return path.stat().st_size if os.path.isfile(path) else sum(file.stat().st_size for file in path.iterdir())
