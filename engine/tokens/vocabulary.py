"""Learning a byte-pair vocabulary from a text: the pairs that stand together most often become tokens."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from engine.core.errors import DataError
from engine.tokens.tokenizer import TrainedTokenizer, printable_bytes, word_cut

SAMPLE_BYTES = 2**23
"""Bytes of text a vocabulary is learned from at most: more change it little, and would cost memory without bound."""

_WORD_LIMIT = 2**18
_LONGEST_TOKEN = 64
_SEEN_AT_LEAST = 2
_UNBROKEN = re.compile(r"(\S{64}|\s{64})")


def train_tokenizer(texts: Iterable[str], vocab_size: int) -> TrainedTokenizer:
    """Return the tokenizer whose vocabulary of at most `vocab_size` tokens is learned from texts.

    The same texts give the same vocabulary. A pair that stands there only once makes no token, so that a short
    text gives fewer than were asked for. Raises DataError when the package that learns is not installed.
    """
    try:
        from tokenizers import Tokenizer, models, pre_tokenizers, trainers  # only who learns a vocabulary needs it
    except ImportError as error:
        raise DataError(
            "A vocabulary cannot be learned here.",
            cause="The Python package tokenizers is missing.",
            fix="Run `make run` again, or `python -m pip install --no-deps tokenizers==0.23.3`.",
            code="tokenizers_missing",
        ) from error
    learner = Tokenizer(models.BPE())
    learner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)  # GPT-2's pattern
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        min_frequency=_SEEN_AT_LEAST,
        max_token_length=_LONGEST_TOKEN,
        special_tokens=[],
        show_progress=False,
    )
    learner.train_from_iterator(_in_words(texts), trainer)
    byte_of = printable_bytes()
    vocabulary = learner.get_vocab(with_added_tokens=False)
    tokens = [bytes(byte_of[char] for char in token) for token in sorted(vocabulary, key=vocabulary.__getitem__)]
    return TrainedTokenizer(tokens)


def _in_words(texts: Iterable[str]) -> Iterator[str]:
    """Yield the texts, torn where nothing separates words: time grows with the square of the longest word."""
    for text in texts:
        yield from filter(None, _UNBROKEN.split(text))


class Excerpt:
    """Whole words of a text that comes in pieces: all of it, or stretches spread evenly over a long one.

    Attributes:
        taken: the stretches so far.
    """

    def __init__(self, total_bytes: int, sample_bytes: int | None = None) -> None:
        self.taken: list[str] = []
        self._share = min(1.0, (sample_bytes or SAMPLE_BYTES) / max(1, total_bytes))
        self._seen = self._kept = 0
        self._waiting = ""

    def add(self, piece: str) -> None:
        """Take the next piece in, or pass it by."""
        self._waiting += piece
        cut = word_cut(self._waiting) or (len(self._waiting) if len(self._waiting) > _WORD_LIMIT else 0)
        self._keep(self._waiting[:cut])
        self._waiting = self._waiting[cut:]

    def finish(self) -> None:
        """Take in what waited for the end of a word."""
        self._keep(self._waiting)
        self._waiting = ""

    def _keep(self, text: str) -> None:
        size = len(text.encode())
        self._seen += size
        if self._kept + size <= self._share * self._seen or self._share == 1:
            self._kept += size
            self.taken.append(text)
