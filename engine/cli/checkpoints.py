"""Which checkpoint --out_dir means."""

from __future__ import annotations

import os
import re
from pathlib import Path

from engine.cli.output import say
from engine.core.errors import CheckpointError, SettingError
from engine.core.paths import expanded
from engine.runs.folder import RunFolder
from engine.runs.listing import list_runs
from engine.runs.snapshots import nearest

_TIME = re.compile(r"(\d+(?:\.\d+)?)\s*(s|min|m|h)?")
_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600}


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


def snapshot_path(out_dir: str | None, time: str) -> Path:
    """Return the snapshot of a run that was taken nearest to a time, and say when; raises UnderstudyError."""
    match = _TIME.fullmatch(time.strip())
    if match is None:
        raise SettingError(
            f"{time!r} is no time of training.",
            fix="Give seconds or minutes: --snapshot=20s, --snapshot=5min.",
            code="bad_setting",
            problems={"snapshot": "no time"},
        )
    path = expanded(out_dir).absolute() if out_dir else newest_run()
    found = nearest(RunFolder(path).snapshots(), float(match[1]) * _SECONDS[match[2] or "s"])
    if found is None:
        raise CheckpointError(
            f"There is no snapshot in {path}.",
            cause="Runs from before snapshots, with --snapshots=False, and of very large models have none.",
            fix="Leave out --snapshot: its checkpoint is taken then.",
            code="checkpoint_missing",
        )
    say(f"Using the snapshot after {found.seconds:,.1f} s of training, at iteration {found.iter_num:,}")
    return found.path


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
