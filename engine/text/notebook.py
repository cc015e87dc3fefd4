"""The text of a notebook (.ipynb): its prose and its code."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from engine.text.account import FileAccount
from engine.text.glimpse import Glimpse
from engine.text.plain import read_text
from engine.text.refusals import unusable
from engine.text.sources import Source, size_of
from engine.text.wishes import ReadingWishes

_WHOLE_LIMIT = 2**27


def is_notebook(seen: Glimpse) -> bool:
    """Return whether a file looks like a notebook."""
    named = '"cell_type"' in seen.text or '"nbformat"' in seen.text
    return seen.text.startswith("{") and (named or (seen.ending == ".ipynb" and '"cells"' in seen.text))


def notebook_text(source: Source, account: FileAccount, wishes: ReadingWishes) -> Iterator[str]:
    """Yield the cells of a notebook, a blank line between them; what its code printed is left out."""
    if size_of(source) > _WHOLE_LIMIT:
        fix = "Clear its outputs in Jupyter and save it."
        raise unusable(source, f"It has more than {_WHOLE_LIMIT >> 20} MB, nearly all of it outputs.", fix)
    try:
        notebook = json.loads("".join(read_text(source, account, wishes)))
    except (ValueError, RecursionError) as error:
        raise unusable(source, "It is damaged: it is not JSON to its end.", "Save it once more in Jupyter.") from error
    account.encoding = ""
    sheets = [notebook, *_dictionaries(notebook, "worksheets")]  # worksheets before version 4
    for cell in (cell for sheet in sheets for cell in _dictionaries(sheet, "cells")):
        account.dropped += Counter({"outputs": len(_dictionaries(cell, "outputs"))})
        words = _joined(cell.get("source", cell.get("input", ""))).strip("\n")
        if words.strip():
            account.parts += 1
            yield words + "\n\n"


def _dictionaries(value: Any, key: str) -> list[dict[str, Any]]:
    """Return the objects in a list that an object of JSON holds."""
    found = value.get(key) if isinstance(value, dict) else None
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _joined(source: Any) -> str:
    """Return the words of a cell, which is one text or a list of lines."""
    if isinstance(source, list):
        return "".join(line for line in source if isinstance(line, str))
    return source if isinstance(source, str) else ""
