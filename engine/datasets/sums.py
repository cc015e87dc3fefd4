"""Whether the token files of a dataset are still as they were written: the SHA-256 of each stands in its meta.json.

SHA-256 and not a quicker sum: what takes the time is reading a large file, which the run is about to do anyway.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

from engine.core.events import Event, Progress, Turn
from engine.core.jobs import Control
from engine.core.untrusted_files import opened
from engine.tokens.token_files import damaged

_PIECE = 2**23
_LONG = 2**27
"""Bytes from which a file takes so long to read that it is told how far it is."""


def changed_file(folder: Path, sums: object, control: Control) -> Generator[Event | Turn, None, str]:
    """Return the name of a token file that is not as it was written, an empty text where there is none.

    `sums` are those of the dataset's meta.json; datasets of earlier versions have none, and nothing is known then.
    Raises DataError when a file cannot be read. A stop ends it with an empty text.
    """
    for name, noted in _known(sums).items():
        try:
            found = yield from _sha256(folder / name, control)
        except OSError as error:
            raise damaged(folder, f"{name} cannot be read: {error.strerror or error}.") from error
        if control.stopping:
            return ""
        if found != noted:
            return name
    return ""


def _known(sums: object) -> Mapping[str, Any]:
    """Return the sums of the two token files, as far as they are told."""
    noted = sums if isinstance(sums, dict) else {}
    return {name: noted[name] for name in ("train.bin", "val.bin") if name in noted}


def _sha256(path: Path, control: Control) -> Generator[Event | Turn, None, str]:
    """Return the SHA-256 of a file, in hexadecimal, with a turn for others after each piece."""
    digest, done, total = hashlib.sha256(), 0, path.stat().st_size
    with opened(path) as file:
        while (piece := file.read(_PIECE)) and not control.stopping:
            digest.update(piece)
            done += len(piece)
            if total >= _LONG:
                yield Progress(what="Checking the text", done=done, total=total, unit="bytes")
            yield Turn.NEXT
    return digest.hexdigest()
