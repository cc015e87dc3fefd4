"""Lines that stand in a text more than once, and lines that judge a model though it learned them."""

from __future__ import annotations

import zlib
from collections import Counter

KEPT_LINES = 2**16
"""Different lines remembered at most; of a longer text, a random share chosen by their checksums."""

TELLING = 20
"""Characters from which a line that stands there twice tells of a copy: shorter ones repeat in any text."""

_LONGEST = 2**16
_SHOWN = 60


class Lines:
    """A count of the lines of a text that comes in pieces, in constant memory.

    Attributes:
        total: lines of at least one visible character.
    """

    def __init__(self) -> None:
        self.total = 0
        self._counts: Counter[int] = Counter()
        self._beginnings: dict[int, str] = {}
        self._limit = 2**32
        self._waiting = ""

    def add(self, piece: str) -> None:
        """Take the next piece in."""
        *lines, self._waiting = (self._waiting + piece).split("\n")
        if len(self._waiting) > _LONGEST:
            lines.append(self._waiting)
            self._waiting = ""
        counts, beginnings, crc32 = self._counts, self._beginnings, zlib.crc32
        for line in filter(None, map(str.strip, lines)):
            self.total += 1
            checksum = crc32(line.encode())
            if checksum in counts:
                counts[checksum] += 1
            elif checksum < self._limit:
                counts[checksum] = 1
                beginnings[checksum] = line[:_SHOWN]
                if len(beginnings) > KEPT_LINES:
                    self._thin_out()

    def finish(self) -> None:
        """Take in the last line."""
        self.add("\n")

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
        """Give the beginning of the telling line that stands there most often, and how often."""
        telling = [(key, count) for key, count in self._counts.items() if len(self._beginnings[key]) >= TELLING]
        key, count = max(telling, key=lambda item: (item[1], -item[0]), default=(0, 0))
        return self._beginnings.get(key, ""), count

    def shared_with(self, other: Lines) -> float:
        """Give the share of the telling lines here that stand in the other text too, 0 to 1."""
        limit = min(self._limit, other._limit)
        telling = Counter(
            {key: count for key, count in self._counts.items() if key < limit and len(self._beginnings[key]) >= TELLING}
        )
        shared = sum(count for key, count in telling.items() if key in other._counts)
        return shared / telling.total() if telling else 0.0


def repetition_notes(train: Lines, val: Lines) -> list[str]:
    """Give a sentence for each kind of repetition that spoils a text for learning."""
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
