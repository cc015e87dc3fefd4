"""`runs`: every run, the one last changed first."""

from __future__ import annotations

import argparse

from engine.cli.output import print_json, tell
from engine.runs.listing import list_runs
from engine.runs.run_summary import RunSummary


def add_to(parser: argparse.ArgumentParser) -> None:
    """Nothing but --json."""


def run(arguments: argparse.Namespace) -> int:
    """Print the runs as a table, or as JSON objects."""
    found = list_runs()
    if arguments.json:
        for each in found:
            print_json(each.as_json())
        return 0
    if not found:
        tell("No run yet. Start one: python -m engine train --preset=tiny")
        return 0
    tell(f"{'status':<12} {'iterations':>16} {'best val':>9} {'bits/byte':>9} {'snapshots':>9} {'MiB':>8}  run")
    for each in found:
        tell(_line(each))
    return 0


def _line(run: RunSummary) -> str:
    """Return one line of the table."""
    aim = "" if run.timed else f"/{run.max_iters or 0:,}"
    iterations = "–" if run.iter_num is None else f"{run.iter_num:,}{aim}"
    best, bits = _figure(run.best_val_loss), _figure(run.bits_per_byte)
    kept, size = len(run.snapshots) or "–", f"{run.bytes_on_disk / 2**20:,.0f}"
    return f"{run.status:<12} {iterations:>16} {best:>9} {bits:>9} {kept:>9} {size:>8}  {run.path}"


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"
