"""Which checkpoint --out_dir means."""

from __future__ import annotations

import os
from pathlib import Path

from engine.cli.output import say
from engine.core.errors import CheckpointError
from engine.core.paths import expanded
from engine.runs.folder import RunFolder
from engine.runs.listing import list_runs


def checkpoint_path(out_dir: str | None) -> Path:
    """Return the checkpoint that --out_dir means: a file itself, a run's latest, or without one the newest run's.

    Raises CheckpointError when there is none.
    """
    if out_dir:
        path = expanded(out_dir).absolute()
        if os.path.isfile(path):
            return path
        run = RunFolder(path)
        return run.best if os.path.exists(run.best) and not os.path.exists(run.checkpoint) else run.checkpoint
    return checkpoint_path(str(newest_run()))


def newest_run(*, with_settings: bool = False) -> Path:
    """Return the folder of the run that was trained last, and say so; `with_settings` only one that can be resumed.

    Raises CheckpointError when there is none.
    """
    found = (run for run in list_runs() if run.has_checkpoint)
    newest = next((run for run in found if run.status not in ("foreign", "damaged") or not with_settings), None)
    if newest is None:
        raise CheckpointError(
            "There is no trained run yet.",
            cause="No --out_dir was given, and no run here has a checkpoint.",
            fix="Train one first: python -m engine train --preset=tiny",
            code="no_run",
        )
    say(f"Using the newest run, {newest.path}")
    return newest.path
