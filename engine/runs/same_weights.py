"""Which checkpoints hold the same weights, seen without reading them."""

from __future__ import annotations

import re
import stat
import zipfile
from pathlib import Path

Mark = tuple[object, ...]
"""What two files with the same weights have in common."""

_STORAGE = re.compile(r"[^/]+/data/(\d+)")  # a tensor's bytes in a file of torch.save
_ENOUGH = 8  # tensors: the smallest model has more, and each step of training changes all of them


def weights_mark(path: Path) -> Mark | None:
    """Return what tells the weights of a checkpoint from others, or None where there is no file to look at.

    It is the sizes and CRC-32 sums of the first tensors, which stand in the directory of the file and are the model's
    own; for a file without such sums it is the file itself, whatever its name.
    """
    try:
        there = path.stat()
        if not stat.S_ISREG(there.st_mode):
            return None  # to open a pipe would wait for somebody to write into it
        with zipfile.ZipFile(path) as archive:
            storages = {
                int(found[1]): each for each in archive.infolist() if (found := _STORAGE.fullmatch(each.filename))
            }
    except OSError:
        return None
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        storages = {}
    first = [storages[number] for number in sorted(storages)[:_ENOUGH]]
    if not any(each.CRC for each in first):
        return ("file", there.st_dev, there.st_ino)
    return tuple((each.file_size, each.CRC) for each in first)


class WeightMarks:
    """The marks of checkpoints, each looked at again only when its file has changed."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[tuple[int, int, int], Mark | None]] = {}

    def of(self, path: Path) -> Mark | None:
        """Return the mark of a checkpoint, None where it is gone."""
        try:
            found = path.stat()
        except OSError:
            return None
        now = (found.st_ino, found.st_size, found.st_mtime_ns)
        known = self._known.get(path)
        if known is None or known[0] != now:
            known = self._known[path] = (now, weights_mark(path))
        return known[1]
