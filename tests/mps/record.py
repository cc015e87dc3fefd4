"""What was asked of the device: launches, waits of the host, refusals, and shapes that Apple's kernels get wrong."""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import engine

_TRIALS = "machine/abilities.py"

_ENGINE = str(Path(engine.__file__).parent) + "/"


@dataclass
class Record:
    """Counts; lines are the engine's, as "loss.py:66".

    Attributes:
        launches: kernels sent to the device.
        ops: how often each operator was sent.
        launches_by_line: launches by the line that asked for them.
        waits: how often the host waited for the device, by ("item()", line).
        refusals: what a Mac would have refused, with its line.
        dangers: shapes at which Apple's kernels have computed wrongly, with their line.
        commits: how often work was sent off without waiting for it.
    """

    launches: int = 0
    commits: int = 0
    ops: Counter = field(default_factory=Counter)
    launches_by_line: Counter = field(default_factory=Counter)
    waits: Counter = field(default_factory=Counter)
    refusals: Counter = field(default_factory=Counter)
    dangers: Counter = field(default_factory=Counter)

    @property
    def host_waits(self) -> int:
        """How often the host waited for the device."""
        return self.waits.total()

    @property
    def problems(self) -> list[str]:
        """What was refused or is dangerous, with its line; but for trials of the device, whose answers are let go."""
        asked = [*self.refusals, *self.dangers]
        return [f"{what}: {line}" for what, line in asked if not line.startswith(_TRIALS)]

    def launch(self, name: str, launches: int) -> None:
        """Count an operator."""
        self.ops[name] += 1
        self.launches += launches
        self.launches_by_line[place()] += launches

    def wait(self, what: str) -> None:
        """Count a wait of the host."""
        self.waits[what, place()] += 1

    def danger(self, what: str) -> None:
        """Count a shape that is computed wrongly on some Macs."""
        self.dangers[what, place()] += 1

    def add(self, other: "Record") -> None:
        """Add the counts of a part."""
        self.launches += other.launches
        self.commits += other.commits
        for name in ("ops", "launches_by_line", "waits", "refusals", "dangers"):
            getattr(self, name).update(getattr(other, name))


class RefusedError(NotImplementedError):
    """What a Mac's GPU does not do."""


class Recorder:
    """Keeps the record of all that is asked of the device; a part of it for as long as somebody counts.

    With `refusing` off a refusal is written down and not raised.
    """

    def __init__(self, refusing: bool = True) -> None:
        self.record = Record()
        self._refusing = refusing

    def refuse(self, what: str) -> None:
        """Write a refusal down and raise it."""
        self.record.refusals[what, place()] += 1
        if self._refusing:
            raise RefusedError(what)

    @contextmanager
    def counted(self) -> Iterator[Record]:
        """Count what is asked inside this context by itself."""
        before, self.record = self.record, Record()
        try:
            yield self.record
        finally:
            before.add(self.record)
            self.record = before


def place() -> str:
    """Return the nearest line of the engine among the callers: of what autograd runs, that which began it."""
    frame = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith(_ENGINE):
            return f"{file.removeprefix(_ENGINE)}:{frame.f_lineno}"
        frame = frame.f_back
    return "outside the engine"
