"""One beginning through time: the run of a checkpoint as it was early on, and as it is, without Qt."""

from __future__ import annotations

from collections.abc import Sequence

from engine.runs.snapshots import RUNGS, how_far
from gui.generate.choices import CheckpointChoice
from gui.kit import formats
from gui.kit.theme import Size, Space


def ladder_of(choice: CheckpointChoice | None, choices: Sequence[CheckpointChoice]) -> list[CheckpointChoice]:
    """Return the snapshots of a run nearest to the rungs, and the run's end; none where it has no snapshot.

    Of a run that was over before all of its snapshots count. The end is the checkpoint itself, unless it is a snapshot:
    then the run's best.
    """
    if choice is None:
        return []
    run = [each for each in choices if each.path.parent == choice.path.parent]
    snapshots = [each for each in run if each.seconds is not None]
    near = [min(snapshots, key=lambda each: how_far(each.seconds or 0.0, rung)) for rung in RUNGS if snapshots]
    ends = [choice] if choice.seconds is None else [each for each in run if each.seconds is None][:1]
    shown = snapshots if len({each.path for each in near}) == 1 else [each for each in snapshots if each in near]
    return [*shown, *ends] if snapshots else []


def fits(rungs: int, width: int) -> bool:
    """Return whether so many texts can be read side by side in a width, in pixels."""
    return rungs * (Size.COLUMN + Space.S) <= width


def what_it_climbs(rungs: Sequence[CheckpointChoice]) -> str:
    """Return what a ladder does, for the tip of its button."""
    times = [formats.duration(each.seconds) for each in rungs if each.seconds is not None]
    return f"Write this beginning with the model as it was after {', '.join(times)} of training, and as it is now"
