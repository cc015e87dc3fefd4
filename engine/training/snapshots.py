"""Which snapshots a run keeps, and taking them: training goes on meanwhile, and is to the bit what it is without.

A snapshot may be taken at 5 s, 20 s, 1 min and 5 min of the run, and at 1, 2, 4, 8 … % of it. All of them would take
more room than they are worth, so as many are chosen as there is room for: first those at such a time, then those that
leave no large gap. The weights are read, never written, and no random number is drawn.
"""

from __future__ import annotations

import json
import logging
from bisect import bisect_right
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from shutil import disk_usage

import psutil

from engine.core.errors import TrainingError
from engine.core.events import Checkpoint
from engine.runs import checkpoint
from engine.runs.checkpoint import Saved
from engine.runs.snapshots import RUNGS, Snapshot, how_far, nearest, snapshot_name
from engine.training.session import Session
from engine.training.writer import Writer

SHARES = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)
"""Parts of a run after which a snapshot may be taken."""

NEAR = 1.5
"""How far from a rung the time of a snapshot may be, the greater by the smaller, to stand for it."""

ROOM = 0.2
"""What share of the disk that a run's checkpoints need its snapshots may take: four of AdamW's, three of Muon's."""

MOST_BYTES = 200e6
"""What they may take at most, unasked for, on a laptop's disk; a model of which one is larger has none."""

COST, LEAST_S = 0.004, 0.1
"""What share of the run's time they may cost, and how many seconds in any run."""

BEGIN_S, BYTES_PER_S = 0.01, 100e6
"""What one costs: so many seconds, and its bytes at this speed. On two busy cores 0.8 MB took 15 to 50 ms and 21 MB
90 to 400 ms, writing included, which goes on beside the training."""

_ROUNDING = 1 + 1e-9
_log = logging.getLogger(__name__)


class Snapshots:
    """Takes the snapshots of an open run when they are due."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._limit = session.config.minutes * 60
        self._writer = Writer()
        self._bytes = _bytes_of_one(session)
        self._most = self._room() if session.config.snapshots and not session.config.eval_only else 0
        self._passed, self._before = self._marks(session.seconds), session.seconds
        self._has_said = False

    def take_if_due(self, seconds: float) -> str:
        """Take a snapshot if it is time for one after so many seconds; return why one was left out, the first time.

        It comes to the disk while training goes on.
        """
        if not self._most or self._writer.busy:
            return ""
        left_out = self._collected()
        if (passed := self._marks(seconds)) > self._passed:
            most, end = self._worth(seconds), self._end(seconds)
            if any(self._before < each <= seconds * _ROUNDING for each in moments(end, most)):
                self._take(round(seconds, 2), most)
            self._passed, self._before = passed, seconds
        return left_out

    def close(self) -> str:
        """Wait until nothing is being written any more; return why the last one was left out, as above."""
        self._writer.wait()
        return self._collected()

    def _marks(self, seconds: float) -> int:
        """Return how many moments are behind at which a snapshot may be taken."""
        done, whole = self._session.iter_num, self._session.config.max_iters
        share = seconds / self._limit if self._limit else done / max(1, whole)
        return bisect_right(RUNGS, seconds) + bisect_right(SHARES, share) if done else 0

    def _end(self, seconds: float) -> float:
        """Return after how many seconds the run will probably end."""
        done, whole = self._session.iter_num, self._session.config.max_iters
        return max(seconds, self._limit or seconds * whole / max(1, done))

    def _room(self) -> int:
        """Return how many snapshots there is room for."""
        return int(min(ROOM * self._session.room_of_checkpoints, MOST_BYTES) // self._bytes)

    def _worth(self, seconds: float) -> int:
        """Return how many snapshots there is room for, and time."""
        cost = BEGIN_S + self._bytes / BYTES_PER_S
        return min(self._most, int(max(LEAST_S, COST * self._end(seconds)) / cost))

    def _take(self, seconds: float, most: int) -> None:
        """Have the weights as they are written, and what they take the place of removed."""
        session, there = self._session, self._session.run.snapshots()
        path = session.run.path / snapshot_name(session.iter_num, seconds)
        new = Snapshot(path, session.iter_num, seconds, 0)
        kept = kept_of([*there, new], most, self._end(seconds))
        if new not in kept:
            return
        saved = session.weights(seconds)
        if 2 * saved.size > psutil.virtual_memory().available:
            return
        dropped = [each.path for each in there if each not in kept]
        self._writer.start(partial(_write, saved.copied(), path, dropped, session))

    def _collected(self) -> str:
        try:
            self._writer.collect()
        except TrainingError as error:
            _log.warning("A snapshot is left out. %s", error.cause)
            if not self._has_said:
                self._has_said = True
                return error.cause
        return ""


def moments(end: float, most: int) -> list[float]:
    """Return when snapshots are taken, at most so many, of a run that takes until `end` seconds."""
    times = sorted({*(each for each in RUNGS if each < end), *(share * end for share in SHARES)})
    chosen = kept_of([Snapshot(Path(), number, each, 0) for number, each in enumerate(times)], most, end)
    return [each.seconds for each in chosen]


def kept_of(snapshots: Sequence[Snapshot], most: int, end: float) -> list[Snapshot]:
    """Return which of these snapshots are kept, at most so many, in a run that takes until `end` seconds.

    Those that stand for a rung come first. Of what must go, the one goes whose going leaves the smallest gap, as a
    ratio of times; the first and the last of the rungs stay.
    """
    kept = sorted(snapshots, key=lambda each: each.iter_num)
    while len(kept) > most:
        rungs = _at_rungs(kept)
        others = [each for each in kept if each not in rungs]
        inner = [each for each in kept if each in rungs][1:-1] or kept[-1:]
        kept.remove(min(others or inner, key=lambda each: _gap_without(each, kept, end)))
    return kept


def _at_rungs(snapshots: Sequence[Snapshot]) -> set[Snapshot]:
    """Return those that stand for a rung: the nearest to it, if it is near."""
    best = ((nearest(snapshots, rung), rung) for rung in RUNGS)
    return {each for each, rung in best if each is not None and how_far(each.seconds, rung) <= NEAR}


def _gap_without(snapshot: Snapshot, snapshots: Sequence[Snapshot], end: float) -> float:
    """Return how far the times before and after a snapshot's are from one another, the greater by the smaller."""
    at = snapshots.index(snapshot)
    before = snapshots[at - 1].seconds if at else snapshot.seconds / 10  # the first one is rarely dropped
    after = snapshots[at + 1].seconds if at + 1 < len(snapshots) else max(end, snapshot.seconds)
    return how_far(before, after)


def _bytes_of_one(session: Session) -> int:
    """Return how many bytes a snapshot of a run has, about: its weights, its tokenizer, and what stands beside them."""
    return session.estimate.weights // 2 + len(json.dumps(session.data.tokenizer)) + 4096


def _write(saved: Saved, dest: Path, dropped: Sequence[Path], session: Session) -> list[Checkpoint]:
    """Put a snapshot on disk and remove others for it; the room that checkpoints will need is left to them."""
    try:
        if disk_usage(dest.parent).free < session.disk_needed + saved.size:
            raise OSError("the rest of the disk is left for its checkpoints")
        checkpoint.save_weights(saved, dest)
        for path in dropped:
            path.unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        raise TrainingError("A snapshot could not be written.", cause=str(error), code="not_saved") from error
    return []
