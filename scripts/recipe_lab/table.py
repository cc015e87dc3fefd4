"""The results as a table, and two texts side by side."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from typing import Any

HEADS = (
    "text",
    "budget",
    "model",
    "recipe",
    "bits per byte",
    "seeds",
    "iterations",
    "seconds",
    "with Python’s start",
    "parameters",
)


def table(results: Sequence[dict[str, Any]]) -> str:
    """Return Markdown: a line for all seeds of the same trial, mean and range; the guide's above quick's."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in sorted(results, key=lambda row: (row["text"], row["minutes"], row["preset"], row["recipe"])):
        groups.setdefault(_group(row), []).append(row)
    lines = [f"| {' | '.join(HEADS)} |", f"| {' | '.join('---' for _ in HEADS)} |"]
    lines += [f"| {' | '.join([*group, *_figures(rows)])} |" for group, rows in groups.items()]
    return "\n".join(lines)


def samples(results: Sequence[dict[str, Any]]) -> str:
    """Return what the first seed of each trial wrote: the same prompt, the same seed, not picked."""
    lowest: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in sorted(results, key=lambda row: row["seed"]):
        lowest.setdefault(_group(row), row)
    return "\n\n".join(f"{', '.join(group)}:\n\n{_indented(row['sample'])}" for group, row in lowest.items())


def _group(row: dict[str, Any]) -> tuple[str, ...]:
    """Return what the seeds of a trial have in common, as its line begins."""
    budget = f"{row['iters']:,} iterations" if row["iters"] else f"{row['minutes'] * 60:g} s"
    changed = "".join(f", {name} {value}" for name, value in row["changes"].items())
    return row["text"], budget, row["preset"] or "free", row["recipe"] + changed


def _figures(rows: Sequence[dict[str, Any]]) -> Iterable[str]:
    scores = [row["bits_per_byte"] for row in rows]
    yield f"{statistics.mean(scores):.3f}" + (f" ({min(scores):.3f} to {max(scores):.3f})" if len(scores) > 1 else "")
    yield str(len(rows))
    yield f"{statistics.mean(row['iterations'] for row in rows):,.0f}"
    yield f"{statistics.mean(row['seconds'] for row in rows):.1f}"
    yield f"{statistics.mean(row['process_seconds'] for row in rows):.1f}"
    yield f"{rows[0]['parameters']:,}"


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())
