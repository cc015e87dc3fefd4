"""The file of results: a line of JSON for each run that ended, which no kill spoils and no two labs write at once."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from scripts.recipe_lab.trial import Trial


class Results:
    """What was found so far, in the order in which it was made; open it (`with`) to add to it.

    Attributes:
        rows: the results.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None
        self.rows = [json.loads(line) for line in _whole_lines(path)]
        self._made = {Trial.of(row).key for row in self.rows}

    def __enter__(self) -> Self:
        """Take the file for this lab alone; raises BlockingIOError where another one has it."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.__exit__(None, None, None)
            raise BlockingIOError(f"another lab is writing {self._path}") from None
        whole = _whole_lines(self._path)  # read again: another lab may have added to it meanwhile
        os.ftruncate(self._file, sum(map(len, whole)))  # half a line was being written when a lab was killed
        self.rows = [json.loads(line) for line in whole]
        self._made = {Trial.of(row).key for row in self.rows}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Let go of it."""
        if self._file is not None:
            os.close(self._file)
        self._file = None

    def has(self, trial: Trial) -> bool:
        """Return whether a run was made, under whatever name."""
        return trial.key in self._made

    def add(self, row: dict[str, Any]) -> None:
        """Add a result, and have it on disk."""
        assert self._file is not None
        os.write(self._file, json.dumps(row).encode() + b"\n")
        os.fsync(self._file)
        self.rows.append(row)
        self._made.add(Trial.of(row).key)


def _whole_lines(path: Path) -> list[bytes]:
    """Return the lines of a file that were written to their end."""
    content = path.read_bytes() if path.exists() else b""
    return [line for line in content.splitlines(keepends=True) if line.endswith(b"\n")]
