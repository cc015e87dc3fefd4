"""Lines that stand in a text more than once, and lines that judge a model though it learned them."""

from __future__ import annotations

from collections import Counter

import numpy as np
import numpy.typing as npt

KEPT_LINES = 2**14
"""Different lines remembered at most; of a longer text, a random share chosen by their checksums."""

SAMPLE_BYTES = 2**20
"""Bytes of text whose lines are all looked at; of a longer text only a share, chosen in the same way."""

TELLING = 20
"""Characters from which a line that stands there twice tells of a copy: shorter ones repeat in any text."""

_LONGEST = 2**16
_SHOWN = 60
_LINE_END = 10
_BASE = 0x9E3779B97F4A7C15
_INVERSE = pow(_BASE, -1, 2**64)


class LineCount:
    """A count of the lines of a text that comes in pieces, in constant memory; of a long one, of a share of its lines.

    Attributes:
        total: lines that are not empty.
    """

    def __init__(self, total_bytes: int = 0) -> None:
        self.total = 0
        self._counts: Counter[int] = Counter()
        self._beginnings: dict[int, str] = {}
        self._limit = 2**32 * SAMPLE_BYTES // max(SAMPLE_BYTES, total_bytes)
        self._waiting = ""
        self._weights = _powers(_BASE, _LONGEST)
        self._inverses = _powers(_INVERSE, _LONGEST)

    def add(self, piece: str) -> None:
        """Take the next piece in."""
        text = self._waiting + piece
        cut = text.rfind("\n") + 1
        self._waiting = text[cut:]
        self._count(text[:cut])
        if len(self._waiting) > _LONGEST:
            self.finish()

    def finish(self) -> None:
        """Take in the last line."""
        if self._waiting:
            self._count(self._waiting + "\n")
            self._waiting = ""

    def _count(self, text: str) -> None:
        """Take in whole lines: numpy tells them apart, and only those that are counted are looked at one by one."""
        encoded = text.encode()
        raw = np.frombuffer(encoded, dtype=np.uint8)
        ends = np.flatnonzero(raw == _LINE_END)
        starts = np.append(0, ends + 1)[:-1]
        visible = ends > starts
        self.total += int(visible.sum())
        checksums = self._checksums(raw, starts)
        counted = np.flatnonzero(visible & (checksums < self._limit))
        counts = self._counts
        for number, checksum in zip(counted.tolist(), checksums[counted].tolist(), strict=True):
            if checksum in counts:
                counts[checksum] += 1
            elif checksum < self._limit:
                counts[checksum] = 1
                line = encoded[starts[number] : min(ends[number], starts[number] + 4 * _SHOWN)]
                self._beginnings[checksum] = line.decode("utf-8", "ignore").strip()[:_SHOWN]
                if len(counts) > KEPT_LINES:
                    self._thin_out()

    def _checksums(self, raw: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64]) -> npt.NDArray[np.uint64]:
        """Return 32 bits for each line: its bytes as a polynomial modulo 2^64, whatever stands before it, mixed."""
        if len(raw) > len(self._weights):
            self._weights, self._inverses = _powers(_BASE, len(raw)), _powers(_INVERSE, len(raw))
        if not len(starts):
            return np.empty(0, dtype=np.uint64)
        sums = np.add.reduceat(raw * self._weights[: len(raw)], starts) * self._inverses[starts]
        sums ^= sums >> np.uint64(32)
        return sums * np.uint64(_BASE) >> np.uint64(32)

    def _thin_out(self) -> None:
        """Forget the half of the lines that have the higher checksums."""
        self._limit //= 2
        for checksum in [key for key in self._counts if key >= self._limit]:
            del self._counts[checksum], self._beginnings[checksum]

    @property
    def different(self) -> float:
        """The share of lines that do not repeat an earlier one, 0 to 1."""
        return len(self._counts) / self._counts.total() if self._counts else 1.0

    def most_repeated(self) -> tuple[str, int]:
        """Return the beginning of the telling line that stands there most often, and how often."""
        telling = [(key, count) for key, count in self._counts.items() if len(self._beginnings[key]) >= TELLING]
        key, count = max(telling, key=lambda item: (item[1], -item[0]), default=(0, 0))
        return self._beginnings.get(key, ""), count

    def shared_with(self, other: LineCount) -> float:
        """Return the share of the telling lines here that stand in the other text too, 0 to 1."""
        limit = min(self._limit, other._limit)
        telling = Counter(
            {key: count for key, count in self._counts.items() if key < limit and len(self._beginnings[key]) >= TELLING}
        )
        shared = sum(count for key, count in telling.items() if key in other._counts)
        return shared / telling.total() if telling else 0.0


def repetition_notes(train: LineCount, val: LineCount) -> list[str]:
    """Return a sentence for each kind of repetition that spoils a text for learning."""
    notes = []
    if train.total >= 20 and train.different < 0.1:
        notes.append(
            f"Only about {max(1, round(train.different * train.total)):,} of its {train.total:,} lines are different: "
            "a model learns them by heart, and a low loss says nothing."
        )
    line, times = train.most_repeated()
    if times >= 10 and times * 50 >= train.total:
        notes.append(f"“{line}” stands there {times:,} times: if it is a header or footer, take it out.")
    if (shared := val.shared_with(train)) >= 0.2:
        notes.append(
            f"{shared:.0%} of the longer lines kept for validation stand in the training part word for word: "
            "the validation loss will flatter."
        )
    return notes


def _powers(base: int, count: int) -> npt.NDArray[np.uint64]:
    """Return the powers of a number modulo 2^64, from the first, which is 1."""
    factors = np.full(count, base, dtype=np.uint64)
    factors[0] = 1
    return np.multiply.accumulate(factors)
