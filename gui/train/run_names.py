"""What a run is called on screen: its text, and when it began; its folder keeps the technical name."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from engine.core.disk import refused
from engine.core.paths import runs_dir
from engine.runs.folder import RunFolder
from gui.kit.run_words import text_title

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def run_name(dataset_name: str, began: datetime) -> str:
    """Return a name such as "Complete Shakespeare, Saturday 04:28" for a run that begins now."""
    return f"{text_title(dataset_name)}, {_DAYS[began.weekday()]} {began:%H:%M}"


def name_new_run(run_dir: Path, dataset_name: str, began: datetime) -> str:
    """Give a run that got a folder of its own such a name, and return it; one that has a name keeps it.

    A run in a folder that a person named is called by that. Returns an empty text where the folder cannot be written.
    """
    run = RunFolder(run_dir)
    if name := run.card().get("name"):
        return name
    if run_dir.resolve().parent != runs_dir().resolve():
        return ""
    name = run_name(dataset_name, began)
    try:
        run.rename(name)
    except OSError:
        return ""
    return name


def own_name(run_dir: Path, dataset_name: str) -> str:
    """Return the name that a person gave a run; an empty text where it has only what it was called at its start."""
    name = RunFolder(run_dir).card().get("name", "")
    given = rf"{re.escape(text_title(dataset_name))}, ({'|'.join(_DAYS)}) \d\d:\d\d"
    return "" if re.fullmatch(given, name) else name


def rename_run(run_dir: str, name: str) -> None:
    """Give a run another name on screen; raises UnderstudyError where its folder cannot be written."""
    try:
        RunFolder(run_dir).rename(name)
    except OSError as error:
        raise refused(error) from error
