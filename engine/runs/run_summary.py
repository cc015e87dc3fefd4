"""What the list says of one run."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Self

from engine.runs.snapshots import Snapshot

RunStatus = Literal[
    "running",  # a process has it open
    "finished",
    "stopped",
    "paused",
    "interrupted",  # it was cut off
    "empty",  # nothing is recorded yet
    "foreign",  # a checkpoint alone, as nanoGPT leaves it
    "damaged",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """One line in the list of runs; a None is not known.

    Attributes:
        name: the name a person gave it, else its folder's.
        owned: whether a living process trains it, also while it rests there.
        problem: why it is damaged, else empty.
        iter_num: the last iteration recorded.
        timed: whether the clock ends it, whatever its max_iters.
        train_loss: nats per token at the last evaluation, else at the last step.
        bits_per_byte: at the best evaluation.
        written: how what it wrote last begins, in a line, without what nobody can see.
        seconds: time in training, once it was told at an end.
        created, modified: in UTC.
        snapshots: of its weights, the earliest first.
    """

    name: str
    path: Path
    status: RunStatus
    owned: bool = False
    problem: str = ""
    iter_num: int | None = None
    max_iters: int | None = None
    timed: bool = False
    train_loss: float | None = None
    val_loss: float | None = None
    best_val_loss: float | None = None
    bits_per_byte: float | None = None
    seconds: float | None = None
    bytes_on_disk: int = 0
    dataset: str = ""
    parameters: int | None = None
    created: datetime
    modified: datetime
    note: str = ""
    written: str = ""
    has_checkpoint: bool = False
    snapshots: tuple[Snapshot, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values of JSON: the path and the times as text."""
        values = ((each.name, getattr(self, each.name)) for each in fields(self))
        plain = {name: str(value) if isinstance(value, Path | datetime) else value for name, value in values}
        return plain | {"snapshots": [each.as_json() for each in self.snapshots]}

    @classmethod
    def of_json(cls, values: dict[str, Any]) -> Self:
        """Return what `as_json` wrote; raises ValueError, KeyError or TypeError for anything else."""
        times = {name: datetime.fromisoformat(values[name]) for name in ("created", "modified")}
        path = Path(values["path"])
        snapshots = tuple(Snapshot.of_json(path, each) for each in values["snapshots"])
        return cls(**values | times | {"path": path, "snapshots": snapshots})
