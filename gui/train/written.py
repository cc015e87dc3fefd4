"""What a model wrote, as it is shown: no characters yet, empty lines, and whether it is read as code is. Pure."""

from __future__ import annotations

import re

from engine.core.config import DATASET_ALIASES
from engine.text.catalogue import catalogue

NO_CHARACTER = re.compile("([\ufffd\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]+)")
"""What is no character yet, or none to be seen; shown as dots."""

_GAP = re.compile(r"\n{3,}")
_IN_LINES = ("code", "names", "moves")  # the genres that are read as code is


def without_gaps(text: str, *, in_lines: bool = False) -> str:
    """Return a text without the many empty lines of a young model: there is room for few.

    Nor does it begin with a space, unless it is read as code is, where a space at the beginning counts.
    """
    return _GAP.sub("\n\n", text.lstrip("\n") if in_lines else text.lstrip())


def with_dots(text: str) -> str:
    """Return a text with a dot for each thing that is no character."""
    return NO_CHARACTER.sub(lambda found: "·" * len(found[0]), text)


def is_read_in_lines(dataset: str) -> bool:
    """Return whether a text, by its dataset's name, is read as code is, and not as a book."""
    entry = catalogue().get(DATASET_ALIASES.get(dataset, dataset))
    return entry is not None and entry.genre in _IN_LINES
