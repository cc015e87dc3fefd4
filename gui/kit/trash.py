"""The system's Trash: what is moved there can be put back from it, also by this program."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QFile

from engine.core.errors import UnderstudyError


@dataclass(frozen=True, slots=True)
class Trashed:
    """Files and folders in the Trash: where each was and where it is, the latter None where the system does not say."""

    moved: tuple[tuple[Path, Path | None], ...]

    @property
    def can_be_put_back(self) -> bool:
        """Whether this program can put everything back; a person can always do it from the Trash itself."""
        return all(now is not None for _, now in self.moved)

    def put_back(self) -> None:
        """Move everything back to where it was; raises UnderstudyError when something else stands there now."""
        for before, now in self.moved:
            if now is None or os.path.exists(before):
                raise _not_moved(before, "Something else has taken its place.", "Drag it out of the Trash yourself.")
            try:
                before.parent.mkdir(parents=True, exist_ok=True)
                now.rename(before)
            except OSError as error:
                raise _not_moved(before, str(error.strerror), "Drag it out of the Trash yourself.") from error
            with suppress(OSError):  # where the freedesktop Trash notes the former place
                (now.parent.parent / "info" / f"{now.name}.trashinfo").unlink()


def move_to_trash(paths: Iterable[Path]) -> Trashed:
    """Move files and folders to the Trash. Raises UnderstudyError, with all of them in place, when one cannot be."""
    moved: list[tuple[Path, Path | None]] = []
    for path in paths:
        file = QFile(str(path))
        if not file.moveToTrash():
            Trashed(tuple(moved)).put_back()
            raise _not_moved(path, "The system refused, or this disk has no Trash.", "Delete it in the file manager.")
        now = Path(file.fileName())  # Qt tells the new place here, where the system does
        moved.append((path, now if now != path else None))
    return Trashed(tuple(moved))


def _not_moved(path: Path, cause: str, fix: str) -> UnderstudyError:
    return UnderstudyError(f"{path.name} was not moved.", cause=cause, fix=fix, code="trash")
