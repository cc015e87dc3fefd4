"""How what a model wrote compares with its text, in plain measures: words, what follows what, lines, what is copied."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from engine.datasets.dataset import Dataset
from engine.datasets.quality import Ids, stretches

READ_TOKENS = 2**19
"""Tokens of the training part that are read at most, spread over all of it."""

_HELD_OUT_TOKENS = 2**12  # of the validation part: what a stranger's words of the same kind measure
_AT_ONCE = 2**13  # tokens that are decoded together: a few milliseconds, after which other threads have their turn
_LINES_OF = 2**17  # characters from which the lines of a text are known
_PASSAGE = 40  # characters that stand in the text word for word: no chance, but copied
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class Lines:
    """How a text is laid out.

    Attributes:
        length: the median of its lines that are not empty, in characters.
        words: how many words such a line has on the average.
        speakers: the share of its lines that only name who speaks, such as "ROMEO:".
        indented: the share of its lines that begin with white space.
        spelt: the share of its characters, white space aside, that belong to words.
    """

    length: float = 0.0
    words: float = 0.0
    speakers: float = 0.0
    indented: float = 0.0
    spelt: float = 0.0

    @classmethod
    def of(cls, text: str) -> Lines:
        """Return the layout of a text."""
        lines = [line for line in text.splitlines() if line.strip()]
        if not lines:
            return cls()
        found = _WORD.findall(text)
        shown = sum(len(part) for part in text.split())
        return cls(
            length=median(map(len, lines)),
            words=len(found) / len(lines),
            speakers=sum(line.rstrip().endswith(":") and len(line) < _PASSAGE for line in lines) / len(lines),
            indented=sum(line[0] in " \t" for line in lines) / len(lines),
            spelt=sum(map(len, found)) / max(shown, 1),
        )


@dataclass(frozen=True, slots=True)
class Wording:
    """What was measured.

    Attributes:
        words: how many words were written.
        known: the share of them that are words of the training text.
        follow: the share of pairs of words in a row that stand so in the training text.
        known_elsewhere, follow_elsewhere: the same of the part that was kept from training.
        copied: the share of passages of 40 characters that stand in the training text word for word.
        written, text: how it is laid out, and how the text is.
    """

    words: int
    known: float
    follow: float
    known_elsewhere: float
    follow_elsewhere: float
    copied: float
    written: Lines
    text: Lines


def wording_of(dataset: Dataset, written: Sequence[str]) -> Wording:
    """Return how texts that a model wrote compare with the dataset it learned from.

    Half a million tokens take about half a second and no memory to speak of; of a longer text, parts are read. Raises
    DataError where the text is damaged.
    """
    tokenizer = dataset.load_tokenizer()
    held_out = next(stretches(dataset.val_path, _HELD_OUT_TOKENS, dataset.vocab_size))[:_HELD_OUT_TOKENS]
    mine, others = _Sought(written), _Sought([tokenizer.decode(held_out.tolist())], copied=False)
    beginning = ""
    for ids in _slices(dataset):
        text = tokenizer.decode(ids.tolist())
        beginning += text[: max(_LINES_OF - len(beginning), 0)]
        words = _words(text)
        mine.meet(text, words)
        others.meet(text, words)
    return Wording(
        words=len(mine.words),
        known=mine.known,
        follow=mine.follow,
        known_elsewhere=others.known,
        follow_elsewhere=others.follow,
        copied=mine.copied,
        written=Lines.of("\n".join(written)),
        text=Lines.of(beginning),
    )


class _Sought:
    """Words, pairs of words and passages, and which of them a long text has, as it passes by."""

    def __init__(self, texts: Sequence[str], *, copied: bool = True) -> None:
        each = [_words(text) for text in texts]
        self.words = [word for words in each for word in words]
        self._pairs = [pair for words in each for pair in pairwise(words)]
        cuts = (text[at : at + _PASSAGE] for text in texts for at in range(0, len(text) - _PASSAGE + 1, _PASSAGE))
        self._passages = list(cuts) if copied else []
        self._wanted_words, self._wanted_pairs = frozenset(self.words), frozenset(self._pairs)
        self._met_words: set[str] = set()
        self._met_pairs: set[tuple[str, str]] = set()
        self._met_passages: set[str] = set()

    def meet(self, text: str, words: list[str]) -> None:
        """Take note of what a piece of the long text has, given its words too."""
        self._met_words |= self._wanted_words.intersection(words)
        self._met_pairs |= self._wanted_pairs.intersection(pairwise(words))
        self._met_passages.update(passage for passage in self._passages if passage in text)

    @property
    def known(self) -> float:
        """The share of the words that were met."""
        return sum(word in self._met_words for word in self.words) / max(len(self.words), 1)

    @property
    def follow(self) -> float:
        """The share of the pairs that were met."""
        return sum(pair in self._met_pairs for pair in self._pairs) / max(len(self._pairs), 1)

    @property
    def copied(self) -> float:
        """The share of the passages that were met."""
        return sum(passage in self._met_passages for passage in self._passages) / max(len(self._passages), 1)


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def _slices(dataset: Dataset) -> Iterator[Ids]:
    """Yield the training part in small pieces."""
    for ids in stretches(dataset.train_path, READ_TOKENS, dataset.vocab_size):
        for first in range(0, len(ids), _AT_ONCE):
            yield ids[first : first + _AT_ONCE]
