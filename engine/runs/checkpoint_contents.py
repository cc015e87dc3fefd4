"""What is in the file of a checkpoint from anywhere, so opened that nothing in it runs, and whole.

It is read with weights_only=True. The zip records of a file carry CRC-32 sums, which torch does not check: here they
are, before anything is used.
"""

from __future__ import annotations

import errno
import pickle
import re
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import torch

from engine.core.untrusted_files import opened, require_content
from engine.runs import snapshot_file
from engine.runs.snapshots import SUFFIX

_SCALAR = np.float64(0).__reduce__()[0]
_NUMBERS: list[Any] = [
    np.dtype,
    (_SCALAR, "numpy.core.multiarray.scalar"),
    (_SCALAR, "numpy._core.multiarray.scalar"),
    *{type(np.dtype(code)) for code in "?bhilqBHILQefd"},
]
"""NumPy's numbers, which scripts put into a checkpoint beside the weights; making them runs nothing."""

_LOOKED_AT = 4096
"""Bytes at the start of a file that tell a text."""

_STRANGE_NAME = re.compile(r"GLOBAL ([\w.]+)")


def contents(path: Path, *, checked: bool) -> Any:
    """Return what a checkpoint holds, its tensors left on the disk; each byte is read if `checked`.

    Raises many kinds of errors for a file that is none, of which `what_else` tells some.
    """
    require_content(path)
    _require_binary(path)
    if path.suffix == SUFFIX:
        return snapshot_file.contents(path, checked=checked)
    zipped = zipfile.is_zipfile(path)
    if zipped and checked:
        check_sums(path)
    # a newer pickle is read as well, and torch's word on it would reach a person
    warnings.filterwarnings("ignore", "Detected pickle protocol", UserWarning)
    with torch.serialization.safe_globals(_NUMBERS):
        return _plain(torch.load(path, map_location="cpu", weights_only=True, mmap=zipped))


class NotACheckpointError(ValueError):
    """A file is something else, which its words say in a sentence."""


def _require_binary(path: Path) -> None:
    """Raise NotACheckpointError for a file that is empty, or a text: torch tells nothing of use about either."""
    with opened(path) as file:
        start = file.read(_LOOKED_AT)
    if not start:
        raise NotACheckpointError("It is empty.")
    text = start.decode("utf-8", "ignore")  # a letter may be cut in two at the end
    if len(text.encode()) > len(start) - 4 and all(each.isprintable() or each.isspace() for each in text):
        raise NotACheckpointError("It is a text, not a checkpoint.")


def what_else(error: Exception) -> str:
    """Return what a file is instead of a checkpoint, in a sentence; empty where it may be one that is not whole."""
    if isinstance(error, NotACheckpointError):
        return str(error)
    if isinstance(error, OSError) and error.errno == errno.ENODATA:
        return f"{error.strerror}."
    named = _STRANGE_NAME.search(str(error))
    if isinstance(error, pickle.UnpicklingError) and named:
        return f"It names {named[1]}, and what could run code is never opened."
    if isinstance(error, pickle.UnpicklingError) or "weights_only" in str(error):  # what torch says is for programmers
        return "It is cut off, or a pickle of something else."
    return ""


def check_sums(path: Path) -> None:
    """Raise ValueError, or what zipfile raises, when a record's CRC-32 is not that of its bytes."""
    with zipfile.ZipFile(path) as archive:
        if any(record.compress_type != zipfile.ZIP_STORED for record in archive.infolist()):
            raise ValueError("it is compressed, which no checkpoint is")
        broken = archive.testzip()
    if broken is not None:
        raise ValueError(f"the checksum of {broken} is wrong")


def _plain(value: Any) -> Any:
    """Return a value whose numbers are Python's own where a file has NumPy's; tensors stay as they are."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, dict):
        return {_plain(key): _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if type(value) is list else value
