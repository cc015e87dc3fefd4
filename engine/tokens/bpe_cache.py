"""Byte-pair encoding of long texts, many times as fast as word by word: the ids of a word are looked up, not made anew.

All words of a stretch are looked up at once by numpy, which lets other threads work meanwhile. A word is here what
stands between two places where any byte-pair tokenizer of GPT-2's pattern ends a token: white space, then what is
visible. Its ids depend on nothing around it, so that the result is exactly the ids of the whole text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.uint16]
_Numbers = npt.NDArray[np.uint64]
_Words = tuple[_Numbers, _Numbers]
_Mask = npt.NDArray[np.bool_]
_Places = npt.NDArray[np.int64]

SLOT_BITS = 18
"""Words that are remembered, as a power of two; a new one takes the place of an older one."""

LONGEST = 15
"""Bytes of a word that is remembered: with its length, two 64-bit numbers, which are compared whole."""

MOST_IDS = 8
"""Ids of a word that is remembered: two 64-bit numbers."""

_NO_ID = 2**16 - 1
_NO_LENGTH = 255
_ASCII = 127
_PADDING = 40
_MIX = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F], dtype=np.uint64)
_LETTERS = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_VISIBLE = frozenset(range(33, 127))
_SPACES = frozenset(b" \n\t\r\v\f")
_WIDE = range(128, 256)
_WIDE_SPACES = "\u0085\u00a0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))


def _word_borders() -> npt.NDArray[np.bool_]:
    """Return, for each two bytes in a row, whether tokens end between them whatever stands around.

    GPT-2's pattern goes on from nothing visible into white space, from no letter into a sign or a digit, and from
    those into a letter only after an apostrophe ('s, 'll). Of bytes beyond ASCII, only white space after one.
    """
    borders = np.zeros((256, 256), dtype=bool)
    signs = _VISIBLE - _LETTERS
    for before, after in (
        ({*_VISIBLE, *_WIDE}, _SPACES),
        (_LETTERS, signs),
        (signs - {ord("'")}, _LETTERS),
    ):
        borders[np.ix_(sorted(before), sorted(after))] = True
    return borders.reshape(-1)


def _wide_spaces() -> npt.NDArray[np.bool_]:
    """Return, for each two bytes in a row, whether white space beyond ASCII may end with them."""
    ends = np.zeros(2**16, dtype=bool)
    ends[[int.from_bytes(char.encode()[-2:], "big") for char in _WIDE_SPACES]] = True
    return ends


_BORDERS = _word_borders()
_ENDS_WIDE_SPACE = _wide_spaces()
_IS_SPACE = np.isin(np.arange(256), sorted(_SPACES))
_KEPT_BYTES = np.array([(1 << 8 * count) - 1 for count in range(9)], dtype=np.uint64)


class WordMemory:
    """The ids of the words that were met, for one thread.

    `encode` gives the ids of a text, `id_bytes` the bytes of the token of each id.
    """

    def __init__(self, encode: Callable[[str], Ids], id_bytes: npt.NDArray[np.int64]) -> None:
        self._encode = encode
        self._id_bytes = id_bytes
        self._words = np.zeros((2**SLOT_BITS, 2), dtype=np.uint64)  # its two numbers
        self._ids = np.zeros((2**SLOT_BITS, MOST_IDS), dtype="<u2")

    def encode(self, text: str) -> Ids:
        """Return the ids of a text: those that `encode` gives, sooner."""
        if not text:
            return np.empty(0, dtype=np.uint16)
        raw = np.frombuffer(text.encode() + bytes(_PADDING), dtype=np.uint8)
        starts = _word_starts(raw[:-_PADDING])
        lengths = np.diff(starts, append=len(raw) - _PADDING)
        words = _numbers(raw, starts, lengths)
        slots = _slots(words)
        slots, unknown = self._recall(words, _slots(words))
        ids = self._ids.take(slots, axis=0)
        has_id = ids != _NO_ID
        if not unknown.any():
            return _picked(ids, has_id)
        unknown = _with_neighbours(unknown, _IS_SPACE.take(raw.take(starts)))
        new = np.flatnonzero(unknown)
        new_ids, new_counts = self._look_up(raw, unknown, lengths)
        self._remember([column[new] for column in words], slots[new], new_ids, new_counts)
        has_id[new] = False
        counts = np.bitwise_count(has_id.view("<u8"))[:, 0].astype(np.int64)
        counts[new] = new_counts
        is_new = np.repeat(unknown, counts)
        together = np.empty(len(is_new), dtype="<u2")
        together[np.flatnonzero(is_new)] = new_ids
        together[np.flatnonzero(~is_new)] = _picked(ids, has_id)
        return together

    def _recall(self, words: _Words, slots: _Places) -> tuple[_Places, _Mask]:
        """Return the slot of each word and which are not known: a word stands in its own or, when older, beside it."""
        unknown = self._not_in(slots, *words)
        elsewhere = np.flatnonzero(unknown)
        beside = slots[elsewhere] ^ 1
        older = ~self._not_in(beside, words[0][elsewhere], words[1][elsewhere])
        slots[elsewhere[older]] = beside[older]
        unknown[elsewhere[older]] = False
        return slots, unknown

    def _not_in(self, slots: _Places, first: _Numbers, second: _Numbers) -> _Mask:
        """Return which words do not stand in these slots."""
        found = self._words.take(slots, axis=0)
        other: _Mask = (found[:, 0] != first) | (found[:, 1] != second)
        return other

    def _look_up(self, raw: npt.NDArray[np.uint8], new: _Mask, lengths: _Places) -> tuple[Ids, _Places]:
        """Return the ids of new words, one after the other, and how many each has."""
        text = raw[:-_PADDING][np.repeat(new, lengths)].tobytes().decode()
        ids = self._encode(text)
        ends = np.searchsorted(np.cumsum(self._id_bytes[ids]), np.cumsum(lengths[new])) + 1
        return ids, np.diff(ends, prepend=0)

    def _remember(self, words: Sequence[_Numbers], slots: _Places, ids: Ids, counts: _Places) -> None:
        """Keep the ids of new words, where they are few and the word is short; what was in a slot moves beside it."""
        short = (counts <= MOST_IDS) & (words[1] >> np.uint64(56) != _NO_LENGTH)
        slots = slots[short]
        places = (np.cumsum(counts) - counts)[short, None] + np.arange(MOST_IDS)
        some = np.append(ids, [_NO_ID] * MOST_IDS).astype("<u2")[places]
        some[np.arange(MOST_IDS) >= counts[short, None]] = _NO_ID
        for table, row in ((self._words, np.column_stack([words[0][short], words[1][short]])), (self._ids, some)):
            table[slots ^ 1] = table[slots]
            table[slots] = row


def text_words(text: str) -> list[str]:
    """Return the words of a text, which are the text when they are joined."""
    raw = text.encode()
    starts = _word_starts(np.frombuffer(raw, dtype=np.uint8)).tolist()
    return [raw[start:end].decode() for start, end in zip(starts, [*starts[1:], len(raw)], strict=True)]


def _word_starts(raw: npt.NDArray[np.uint8]) -> _Places:
    """Return where the words of a text in UTF-8 begin."""
    pairs = raw[:-1].astype(np.uint16) << 8 | raw[1:]
    starts = np.flatnonzero(_BORDERS.take(pairs)) + 1
    wide = np.flatnonzero(raw.take(starts - 1) > _ASCII)
    if len(wide):
        doubtful = starts[wide]
        white = _ENDS_WIDE_SPACE.take(raw[doubtful - 2].astype(np.uint16) << 8 | raw[doubtful - 1])
        starts = np.delete(starts, wide[white])
    return np.concatenate([[0], starts])


def _with_neighbours(unknown: _Mask, after_space: _Mask) -> _Mask:
    """Return the unknown words and all that stand together with one: only white space keeps words apart anywhere."""
    group = np.cumsum(after_space)
    has_unknown = np.zeros(group[-1] + 1, dtype=bool)
    has_unknown[group[unknown]] = True
    return has_unknown[group]


def _numbers(raw: npt.NDArray[np.uint8], starts: _Places, lengths: _Places) -> _Words:
    """Return each word as two numbers: its bytes, and in the highest one its length; long words are not told apart."""
    eights = np.empty(((len(raw) - _PADDING) // 8 + 3, 8), dtype=np.uint64)
    for shift in range(8):
        eights[:, shift] = np.frombuffer(raw, dtype="<u8", count=len(eights), offset=shift)
    at = eights.reshape(-1)
    first = at.take(starts) & _KEPT_BYTES.take(lengths, mode="clip")
    second = at.take(starts + 8) & _KEPT_BYTES.take(lengths - 8, mode="clip")
    second &= _KEPT_BYTES[LONGEST - 8]
    second |= np.where(lengths > LONGEST, _NO_LENGTH, lengths).astype(np.uint64) << np.uint64(56)
    return first, second


def _slots(words: _Words) -> _Places:
    """Return the place of each word in the memory."""
    mixed = words[0] * _MIX[0] + words[1] * _MIX[1]
    mixed ^= mixed >> np.uint64(29)
    mixed *= _MIX[0]
    slots: _Places = (mixed >> np.uint64(64 - SLOT_BITS)).astype(np.int64)
    return slots


def _picked(ids: Ids, wanted: _Mask) -> Ids:
    """Return the ids that are wanted, in order; what `ids[wanted]` gives, sooner."""
    return ids.reshape(-1).take(np.flatnonzero(wanted))
