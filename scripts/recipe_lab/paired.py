"""Results beside a baseline: means, spreads, and paired differences with their standard error.

Two runs are a pair where text, budget and seed are equal: what these have to do with a score then drops out of the
difference. Its standard error is the standard deviation of the pairs' differences over the root of their number.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from scripts.recipe_lab.trial import Trial

Row = dict[str, Any]

HEADS = ("text", "budget", "experiment", "mean", "spread", "seeds", "paired", "full memory", "iterations")


@dataclass(frozen=True, slots=True)
class Difference:
    """The mean of paired differences in bits per byte, less is better; its standard error, nan for a single pair."""

    mean: float
    error: float
    pairs: int

    @classmethod
    def of(cls, differences: Sequence[float]) -> Difference:
        """Return the difference of at least one pair."""
        count = len(differences)
        error = statistics.stdev(differences) / math.sqrt(count) if count > 1 else math.nan
        return cls(statistics.fmean(differences), error, count)

    def __str__(self) -> str:
        sign = "−" if self.mean < 0 else "+"
        error = f" ± {self.error:.4f}" if math.isfinite(self.error) else ""
        return f"{sign}{abs(self.mean):.4f}{error} ({self.pairs})"


def paired_table(results: Sequence[Row], baseline: str) -> str:
    """Return Markdown: a line for all seeds of an experiment with a text and a budget, the baseline's first."""
    scores = {(*_setting(row), row["seed"]): row["bits_per_byte"] for row in results if _label(row) == baseline}
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in sorted(results, key=lambda row: (row["text"], _size(row), _label(row) != baseline)):
        groups.setdefault((*_setting(row), _label(row)), []).append(row)
    lines = [f"| {' | '.join(HEADS)} |", f"| {' | '.join('---' for _ in HEADS)} |"]
    for (text, budget, label), rows in groups.items():
        found = [
            row["bits_per_byte"] - scores[text, budget, row["seed"]]
            for row in rows
            if label != baseline and (text, budget, row["seed"]) in scores
        ]
        beside = str(Difference.of(found)) if found else ""
        lines.append(f"| {' | '.join([text, budget, label, *_figures(rows, beside)])} |")
    return "\n".join(lines)


def _figures(rows: Sequence[Row], paired: str) -> Iterator[str]:
    scores = [row["bits_per_byte"] for row in rows]
    full = [row["full_memory_bits_per_byte"] for row in rows if row.get("full_memory_bits_per_byte") is not None]
    yield f"{statistics.fmean(scores):.4f}"
    yield f"{statistics.stdev(scores):.4f}" if len(scores) > 1 else ""
    yield str(len(rows))
    yield paired
    yield f"{statistics.fmean(full):.4f}" if full else ""
    yield f"{statistics.fmean(row['iterations'] for row in rows):,.0f}"


def _setting(row: Row) -> tuple[str, str]:
    """Return what the runs of a pair have in common beside the seed."""
    return row["text"], Trial.of(row).budget + (f", {row['preset']}" if row.get("preset") else "")


def _label(row: Row) -> str:
    return Trial.of(row).label


def _size(row: Row) -> tuple[float, float, float]:
    """Return by what budgets are ordered."""
    trial = Trial.of(row)
    return trial.tflop, trial.iters, trial.minutes
