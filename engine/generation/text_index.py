"""An index of a long text that finds every place where a passage stands in it, word for word.

It is a suffix array (Manber and Myers 1993), made by prefix doubling, of the suffixes that begin at every `stride`-th
byte. Of a passage in the text exactly one of the first `stride` bytes stands at such a place: looking for the
rest of the passage from each of them finds all of its places. Nothing is missed, and nothing is a guess.

Memory: the text, and 4 / stride bytes for each of its bytes. In a text above EVERY_BYTE every eighth byte begins a
suffix. The array is made in parts, so that making it takes little more room than keeping it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

EVERY_BYTE = 16 * 2**20
"""Bytes of text up to which each begins a suffix."""

PART = 2**19
"""Suffixes sorted at once where each byte begins one: a third of a second, then others have their turn."""

LONG_PART = 2**21
"""The same of a longer text: looking something up must not go through too many parts."""

COMPARED = 2048
"""Bytes by which suffixes are sorted; what a longer passage has beyond is compared place by place."""

_WORD = 8
"""Bytes of the first key that suffixes are sorted by, and the longest stride."""

_COUNTED = 2**16


class TextIndex:
    """A UTF-8 text, and where in it a passage stands.

    Attributes:
        bytes: its length.
        shortest: bytes of the shortest passage that may be looked for.
    """

    def __init__(self, text: bytes, stride: int | None = None, part: int | None = None) -> None:
        self.bytes = len(text)
        self.stride = stride or (1 if len(text) <= EVERY_BYTE else _WORD)
        self.shortest = 1 if self.stride == 1 else 2 * self.stride
        self._text = text + bytes(COMPARED + _WORD)
        self._part = part or (PART if self.stride == 1 else LONG_PART)
        self._parts: list[memoryview] = []
        ends = range(_COUNTED, self.bytes + 1, _COUNTED)
        self._characters_to = [0, *np.cumsum([_characters(text[end - _COUNTED : end]) for end in ends]).tolist()]

    def build(self) -> Iterator[int]:
        """Make the index part by part; yield the bytes indexed after each. Nothing is found before."""
        step = self._part * self.stride
        for first in range(0, self.bytes, step):
            until = min(first + step, self.bytes)
            self._parts.append(sorted_suffixes(self._text, first, until, self.stride).data)
            yield until

    def find(self, passage: bytes) -> npt.NDArray[np.int64]:
        """Return all places (bytes) where a passage stands, in order; raises ValueError when it is too short."""
        if len(passage) < self.shortest:
            raise ValueError(f"a passage of {len(passage)} bytes is too short to be looked for")
        found = [self._find_in(part, passage, skipped) for part in self._parts for skipped in range(self.stride)]
        return np.sort(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)

    def __contains__(self, passage: bytes) -> bool:
        """Return whether a passage stands somewhere in the text."""
        return any(len(self._find_in(part, passage, skipped)) for part in self._parts for skipped in range(self.stride))

    def characters_before(self, place: int) -> int:
        """Return how many characters begin before a place (bytes)."""
        whole = place // _COUNTED
        return int(self._characters_to[whole]) + _characters(self._text[whole * _COUNTED : place])

    def read(self, start: int, end: int) -> str:
        """Return what stands between two places (bytes), without the parts of characters at its ends."""
        return self._text[max(0, start) : min(end, self.bytes)].decode("utf-8", "ignore")

    def _find_in(self, part: memoryview, passage: bytes, skipped: int) -> npt.NDArray[np.int64]:
        """Return the places in a part where a passage stands whose byte number `skipped` begins a suffix."""
        key = passage[skipped : skipped + COMPARED]
        text, length = self._text, len(key)

        def beginning(place: int) -> bytes:
            return text[place : place + length]

        low = bisect_left(part, key, key=beginning)
        if low == len(part) or beginning(part[low]) != key:
            return np.empty(0, dtype=np.int64)
        high = bisect_right(part, key, low, key=beginning)
        places = np.array(part[low:high], dtype=np.int64) - skipped
        places = places[(places >= 0) & (places + len(passage) <= self.bytes)]
        if skipped or len(passage) > length:
            places = places[[text.startswith(passage, place) for place in places.tolist()]]
        return places


def sorted_suffixes(text: bytes, first: int, until: int, stride: int) -> npt.NDArray[np.int32]:
    """Return the places first, first + stride … before `until` in the order of what stands there, COMPARED bytes of it.

    `text` must go on for COMPARED + 8 bytes after `until`. Doubles the length that is compared in each round, and
    sorts only what is still alike.
    """
    wanted = -(-(until - first) // stride)
    count = wanted + COMPARED // stride  # those beyond are compared with, and left out in the end
    count = min(count, (len(text) - _WORD - first) // stride + 1)
    keys = np.ndarray((count,), ">u8", text, first, (stride,)).astype(np.uint64)
    order = np.argsort(keys).astype(np.int32)
    rank = np.empty(count, dtype=np.int32)
    slots = np.arange(count, dtype=np.int32)
    slots, members = _group(slots, order, keys[order], rank)
    length = _WORD
    while length < COMPARED and len(slots):
        following = members + length // stride
        inside = following < count
        second = np.where(inside, rank[np.minimum(following, count - 1)] + 1, 0)
        both = rank[members].astype(np.int64) * (count + 1) + second
        resorted = np.argsort(both)
        members = members[resorted]
        order[slots] = members
        slots, members = _group(slots, members, both[resorted], rank)
        length *= 2
    return (order[order < wanted] * np.int32(stride) + np.int32(first)).astype(np.int32)


def _group(
    slots: npt.NDArray[np.int32],
    members: npt.NDArray[np.int32],
    keys: npt.NDArray[np.integer],
    rank: npt.NDArray[np.int32],
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Rank members with equal keys alike, by the first slot of their group; return slots and members still alike."""
    differs = np.empty(len(keys) + 1, dtype=bool)
    differs[0] = differs[-1] = True
    np.not_equal(keys[1:], keys[:-1], out=differs[1:-1])
    begins = np.flatnonzero(differs[:-1])
    rank[members] = np.repeat(slots[begins], np.diff(begins, append=len(keys)))
    alike = ~(differs[:-1] & differs[1:])
    return slots[alike], members[alike]


def _characters(text: bytes) -> int:
    """Return how many characters begin in a piece of UTF-8."""
    return int(np.count_nonzero((np.frombuffer(text, dtype=np.uint8) & 0xC0) != 0x80))
