"""The recorded runs of quick, in tests/data/quick_runs.json, by the families of their texts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

RUNS = Path(__file__).parents[2] / "tests" / "data" / "quick_runs.json"

FAMILIES = {
    "plays": ("shakespeare", "plays", "chat"),
    "tales": ("grimm", "blue_fairy_book"),
    "python": ("python", "engine_code", "tests_code"),
    "french": ("candide", "entre_nous"),
}
"""Texts that are of one kind, or parts of one another, by how their names begin; another is one by itself."""

HELD_OUT = ("sherlock", "quijote", "alice", "names", "python", "french", "perl", "vim", "messages")
"""Families that the forecast's constants are not chosen by: about half of the runs."""

Row = Mapping[str, Any]


def family_of(text: str) -> str:
    """Return the family of a text."""
    named = (name for name, beginnings in FAMILIES.items() if text.startswith(beginnings))
    return next(named, text.split("_")[0])


def is_held_out(row: Row) -> bool:
    """Return whether the forecast's constants were chosen without a run."""
    return family_of(row["text"]) in HELD_OUT


def recorded_runs() -> list[dict[str, Any]]:
    """Return the recorded runs."""
    rows: list[dict[str, Any]] = json.loads(RUNS.read_text("utf-8"))
    return rows
