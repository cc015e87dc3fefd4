"""Text that was pasted or typed, kept as a file of its own: it can be read again whenever it is prepared anew."""

from __future__ import annotations

import itertools
from pathlib import Path

from engine.core.errors import DataError
from engine.core.files import plain_name, write_text
from engine.core.paths import home


def pasted_texts() -> frozenset[Path]:
    """Return the files of all pasted texts that are kept."""
    return frozenset(_folder().glob("*.txt"))


def is_pasted(path: Path) -> bool:
    """Return whether a file is one of the pasted texts, whose name stands for nothing."""
    return path.parent == _folder()


def keep_pasted(text: str, name: str = "Pasted text") -> Path:
    """Keep a text in the folder of pasted texts under a name like `name`, and give its path, for `prepare`.

    The same text under the same name is kept once; another one gets the next free name. Halves of characters, which
    some programs copy, become U+FFFD. Raises DataError for nothing but white space, and when it cannot be written.
    """
    if not text.strip():
        raise DataError(
            "There is no text to paste.",
            cause="What was copied is empty, white space, or no text.",
            fix="Copy a text first, then paste it here.",
            code="empty_text",
        )
    whole = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    folder, stem = _folder(), plain_name(name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number in itertools.count(1):
            path = folder / (f"{stem}.txt" if number == 1 else f"{stem}_{number}.txt")
            if not path.exists():
                write_text(path, whole)
                return path
            if path.read_text("utf-8", "replace") == whole:
                return path
    except OSError as error:
        raise DataError(
            "The pasted text cannot be kept.",
            cause=f"The system says: {error.strerror or error}.",
            fix=f"Make room on the disk and see that {folder} may be written, then paste it again.",
            code="cannot_write",
        ) from error
    raise AssertionError  # the numbers never end


def _folder() -> Path:
    return home() / "texts"
