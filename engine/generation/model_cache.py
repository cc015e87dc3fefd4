"""What replies keep between them: models that were read, and the index of a training text.

Only the thread that owns the device may look into a shelf; whoever starts jobs makes it and hands it on. Loads no torch
before a model is asked for.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from engine.core.kinds import DeviceSetting, DtypeSetting, HeadRole

if TYPE_CHECKING:
    from engine.generation.loaded_model import LoadedModel
    from engine.generation.text_index import TextIndex

Roles = tuple[tuple[HeadRole, ...], ...]
"""What the heads of a model do, by layer and head."""

MODELS = 2
"""Models kept at most: two can be compared."""

ENOUGH_MEMORY = 0.1
"""The share of this machine's memory that must be free for anything to be kept."""


class Shelf:
    """Keeps the models used last, and the last index. Each is there for one state of its files: a changed one goes."""

    def __init__(self) -> None:
        self._models: dict[tuple[Any, ...], LoadedModel] = {}
        self._index: tuple[tuple[Any, ...], TextIndex] | None = None
        self._roles: dict[tuple[Any, ...], Roles] = {}

    def model(self, path: Path, device: DeviceSetting = "auto", dtype: DtypeSetting = "auto") -> LoadedModel:
        """Return a checkpoint's model, read anew only when its file is another; raises CheckpointError."""
        from engine.generation.loaded_model import load_model

        key = (*_state(path), device, dtype)
        found = self._models.pop(key, None)
        if found is None:
            self._forget_former(path)
            if memory_is_short():
                self.clear()
            found = load_model(path, device, dtype)
        self._models[key] = found  # the last one is the newest
        while len(self._models) > (1 if memory_is_short() else MODELS):
            del self._models[next(iter(self._models))]
        return found

    def index(self, path: Path) -> TextIndex | None:
        """Return the index that was made of a file as it is now, if it is here."""
        return self._index[1] if self._index and self._index[0] == _state(path) else None

    def keep_index(self, path: Path, index: TextIndex) -> None:
        """Keep the index of a file, unless memory is short; the one before goes."""
        self._index = None if memory_is_short() else (_state(path), index)

    def roles(self, path: Path) -> Roles | None:
        """Return what the heads of a checkpoint were measured to do, if it is known of its file as it is now."""
        return self._roles.get(_state(path))

    def keep_roles(self, path: Path, roles: Roles) -> None:
        """Keep what the heads of a checkpoint do."""
        self._roles[_state(path)] = roles

    def clear(self) -> None:
        """Let everything go that is large."""
        self._models.clear()
        self._index = None

    def _forget_former(self, path: Path) -> None:
        """Let go of what a file held before it changed."""
        for key in [key for key in self._models if key[0] == str(path)]:
            del self._models[key]


def memory_is_short() -> bool:
    """Return whether this machine has too little free memory to keep anything for later."""
    memory = psutil.virtual_memory()
    return bool(memory.available < ENOUGH_MEMORY * memory.total)


def _state(path: Path) -> tuple[Any, ...]:
    """Return what changes when a file does: its name, place on the disk, size and time."""
    try:
        found = path.stat()
    except OSError:
        return (str(path), None)
    return (str(path), found.st_ino, found.st_size, found.st_mtime_ns)
