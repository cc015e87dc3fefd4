"""Words made up for training: a model meets names it cannot know, and learns to repeat them.

A third of the names in a text that judges may stand nowhere in the text that teaches. A model that has read that one
many times is sure how each beginning of a word goes on, wrongly so for a new word, and even where the same word stands
a line above. So while it learns, some words are exchanged: all but their first token becomes other tokens of such
words, the same wherever the word stands in a window, as anonymised names are in reading comprehension (Hermann et al.,
"Teaching Machines to Read and Comprehend", 2015, arXiv:1506.03340). It happens as often as the text has new words:
the share of them in each tenth that stand nowhere in the rest. Only words of several tokens, which are the rare ones,
each of whole characters, lest broken ones be learned; and only in scripts of two cases, for others, such as Chinese,
may leave no space between words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Self

import numpy as np
import numpy.typing as npt

from engine.text.letters import is_cased

Ids = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]

LONGEST = 8
"""Tokens of the longest word that is exchanged."""

MOST_TOKENS = 2**20
"""Of a longer text, so many tokens tell how often words are new: its first."""

PARTS = 10
"""Parts of the text, each of which is looked up in the others."""

MOST, ALL_NEW = 0.25, 0.5
"""The share of words that is exchanged at most, and from which share of new ones on none is: a list of names has
nothing but new words, and teaches how they go on."""

_ODD = np.uint64(0x9E3779B97F4A7C15)  # of splitmix64 (Steele, Lea and Flood 2014), as are the next two
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


class Shape(IntEnum):
    """How a word is written; names are new more often than other words."""

    LOWER = 0
    TITLE = 1
    UPPER = 2


@dataclass(frozen=True, slots=True)
class _Letters:
    """What is known of each token: whether it goes on a word, ends in a letter, is whole, and how it is written."""

    goes_on: npt.NDArray[np.bool_]
    ends_in_letter: npt.NDArray[np.bool_]
    is_whole: npt.NDArray[np.bool_]
    shape: npt.NDArray[np.int64]

    @classmethod
    def of(cls, tokens: Sequence[bytes]) -> Self:
        """Return what is known of tokens by their bytes; parts of a character count as lower-case letters."""
        decoded = [token.decode("utf-8", "replace") for token in tokens]
        texts = [text.replace("\ufffd", "a") for text in decoded]
        shapes = [_shape(text.strip()) for text in texts]
        return cls(
            np.array([all(map(is_cased, text)) for text in texts]),
            np.array([is_cased(text[-1:]) for text in texts]),
            np.array(["\ufffd" not in text for text in decoded]),
            np.array(shapes, dtype=np.int64),
        )


def _shape(text: str) -> Shape:
    if text.isupper():
        return Shape.UPPER
    return Shape.TITLE if text[:1].isupper() else Shape.LOWER


class _Words:
    """The words of rows of tokens, each row by itself: one number a word, in order.

    Attributes:
        of: the word that each token is of, (B, T).
        offset: the token's place in its word, (B, T).
        first: where in the flattened rows each word begins.
        length: how many tokens each has.
        is_whole: whether each is of whole characters, token by token.
        name: a number for each, the same for the same tokens.
        shape: how each is written.
    """

    def __init__(self, tokens: Ids, letters: _Letters) -> None:
        begins = np.ones(tokens.shape, dtype=bool)
        begins[:, 1:] = ~(letters.goes_on[tokens[:, 1:]] & letters.ends_in_letter[tokens[:, :-1]])
        flat = tokens.ravel()
        self.first = np.flatnonzero(begins)
        self.length = np.diff(np.append(self.first, flat.size))
        self.is_whole = np.logical_and.reduceat(letters.is_whole[flat], self.first)
        of = np.cumsum(begins.ravel()) - 1
        offset = np.arange(flat.size) - self.first[of]
        self.of, self.offset = of.reshape(tokens.shape), offset.reshape(tokens.shape)
        self.name = np.add.reduceat(_mixed(flat.astype(np.uint64) + offset.astype(np.uint64) * _ODD), self.first)
        rest_is_upper = np.minimum.reduceat(letters.shape[flat] == Shape.UPPER, self.first)
        self.shape = np.where(rest_is_upper, int(Shape.UPPER), np.minimum(letters.shape[flat[self.first]], Shape.TITLE))

    @property
    def is_rare(self) -> npt.NDArray[np.bool_]:
        """Whether each word has several tokens, not too many, and no part of a character."""
        rare: npt.NDArray[np.bool_] = (self.length > 1) & (self.length <= LONGEST) & self.is_whole
        return rare


class MadeUpWords:
    """What a text’s words are exchanged for, and how often.

    Attributes:
        rates: the share of words of each Shape that is exchanged: those new in a tenth of the text, up to MOST.
            None where nearly all are.
    """

    def __init__(self, tokens: npt.NDArray[np.unsignedinteger], vocabulary: Sequence[bytes]) -> None:
        self._letters = _Letters.of(vocabulary)
        text = np.asarray(tokens[:MOST_TOKENS], dtype=np.int64)[None]
        words = _Words(text, self._letters)
        rare = words.is_rare
        new = _new_words(words.name[rare], words.shape[rare])
        self.rates = np.where(new < ALL_NEW, np.minimum(new, MOST), 0.0)
        self._kinds, self._pool = _pool(text[0], words)

    def exchange(self, tokens: Ids, salts: npt.NDArray[np.int64]) -> Ids:
        """Return rows of tokens (B, T) with some of their words exchanged: a function of each row and its salt (B,).

        A word that may go on before or after its row stays.
        """
        words = _Words(tokens, self._letters)
        row = words.first // tokens.shape[1]
        chance = _mixed(words.name ^ _mixed(salts.astype(np.uint64))[row])
        inside = (words.first % tokens.shape[1] > 0) & (words.first + words.length < (row + 1) * tokens.shape[1])
        is_exchanged = words.is_rare & inside & (_share(chance) < self.rates[words.shape])
        places = is_exchanged[words.of] & (words.offset > 0)
        of, offset = words.of[places], words.offset[places]
        begin, count = self._kinds[_kind(words.shape[of] == Shape.UPPER, words.length[of]), offset].T
        drawn = _share(_mixed(chance[of] + offset.astype(np.uint64) * _ODD))
        exchanged = tokens.copy()
        exchanged[places] = np.where(count > 0, self._pool[begin + (drawn * count).astype(np.int64)], tokens[places])
        return exchanged


def _new_words(names: Hashes, shapes: Ids) -> npt.NDArray[np.float64]:
    """Return the share of words of each shape that stand in one part of the text only, (shapes,)."""
    part = np.arange(len(names)) * PARTS // max(1, len(names))
    _, word = np.unique(names, return_inverse=True)
    first, last = (np.full(word.max(initial=-1) + 1, start) for start in (PARTS, -1))
    np.minimum.at(first, word, part)
    np.maximum.at(last, word, part)
    is_new = (first == last)[word]
    return np.array([is_new[shapes == shape].mean() if (shapes == shape).any() else 0.0 for shape in Shape])


def _kind(is_upper: npt.NDArray[np.bool_], length: Ids) -> Ids:
    """Return the kind of words of one length, in capitals or not."""
    return length * 2 + is_upper


def _pool(text: Ids, words: _Words) -> tuple[Ids, Ids]:
    """Return tokens to draw from, of each different word one: where those of a kind and an offset stand, and all.

    The first is (2 LONGEST + 2, LONGEST, 2): where they begin, and how many they are.
    """
    _, one = np.unique(words.name, return_index=True)
    one = one[words.is_rare[one]]
    kinds = _kind(words.shape[one] == Shape.UPPER, words.length[one])
    where = np.zeros((2 * LONGEST + 2, LONGEST, 2), dtype=np.int64)
    parts: list[Ids] = []
    for kind in np.unique(kinds):
        first = words.first[one[kinds == kind]]
        for offset in range(1, kind // 2):
            where[kind, offset] = sum(map(len, parts)), len(first)
            parts.append(text[first + offset])
    return where, np.concatenate([*parts, np.zeros(1, dtype=np.int64)])


def _mixed(numbers: Hashes) -> Hashes:
    """Return numbers that look like chance, each a function of its own: splitmix64's finish, modulo 2^64."""
    mixed = numbers + _ODD
    for shift, factor in zip((30, 27), _MIX, strict=True):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * factor
    return mixed ^ (mixed >> np.uint64(31))


def _share(numbers: Hashes) -> npt.NDArray[np.float64]:
    """Return numbers as shares of 2^64: at least 0, below 1."""
    return (numbers >> np.uint64(11)) / float(1 << 53)
