"""A look at a dataset: what its tokens are, which are rare, and what is wrong with it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.datasets.dataset import Dataset
from engine.datasets.folder import read_meta
from engine.datasets.prepare import RECOMMENDED_BYTES
from engine.datasets.quality import FITTED_TOKENS, SCORED_TOKENS, Ids, stretches
from engine.tokens.tokenizer import BPE_VOCAB_SIZE, CharTokenizer, GPT2Tokenizer, Tokenizer

RARE = 5
"""Times a token must stand in the training part to be learned from at all."""

SHOWN = 20
"""Tokens named in a report at most."""

_READ_TOKENS = 50_000
_MOJIBAKE = re.compile("[ÃÂ][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â€|Ð[\u0080-\u00bf]|ï»¿")
_MUCH_EMBEDDING = 0.5
_MUCH_UNSEEN = 0.05


ProblemCode = Literal[
    "shorter_than_block",
    "wrong_encoding",
    "too_short",
    "different_parts",
    "vocabulary_unused",
    "many_characters",
]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a dataset: a stable code, what it is, and what to do."""

    code: ProblemCode
    what: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetReport:
    """What the tokens of a dataset are.

    Attributes:
        train_tokens, val_tokens, train_bytes, val_bytes: how long it is.
        bytes_per_token: how much text a token stands for, in the validation part.
        vocabulary: tokens that mean something.
        used: how many of them stand in the training part.
        rare: how many of those stand there fewer than RARE times.
        val_unseen: share of the validation tokens that never stand in the training part.
        commonest: tokens and how often they stand in the training part, the commonest first.
        rarest: tokens that stand there once.
        problems: what is wrong, the worst first.
        notes: what preparing it changed or noticed.
        counted: tokens of the training part that were counted: all, or an even share of a very long one.
    """

    train_tokens: int
    val_tokens: int
    train_bytes: int
    val_bytes: int
    bytes_per_token: float
    vocabulary: int
    used: int
    rare: int
    val_unseen: float
    commonest: tuple[tuple[str, int], ...]
    rarest: tuple[str, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    counted: int

    @property
    def never_seen(self) -> int:
        """Tokens of the vocabulary that the training part does not have: nothing is learned of them."""
        return self.vocabulary - self.used

    @property
    def coverage(self) -> float:
        """Share of the vocabulary that stands in the training part, 0 to 1."""
        return self.used / self.vocabulary


def token_counts(dataset: Dataset) -> Ids:
    """Return how often each id stands in the training part: in all of it, or in an even share of a very long one."""
    counts = np.zeros(dataset.vocab_size, dtype=np.int64)
    for ids in stretches(dataset.train_path, FITTED_TOKENS, dataset.vocab_size):
        counts += np.bincount(ids, minlength=dataset.vocab_size)[: dataset.vocab_size]
    return counts


def look_at(dataset: Dataset, block_size: int = 0, counts: Ids | None = None) -> DatasetReport:
    """Return a look at a dataset, also at whether windows of `block_size` tokens fit; takes a second or less.

    `counts` are its token_counts, where they are known already. Raises DataError when its tokenizer cannot be made, or
    a token is outside its vocabulary.
    """
    tokenizer = dataset.load_tokenizer()
    if counts is None:
        counts = token_counts(dataset)
    unseen = judged = 0
    for ids in stretches(dataset.val_path, SCORED_TOKENS, dataset.vocab_size):
        unseen += int((counts[ids] == 0).sum())
        judged += len(ids)
    used = int((counts > 0).sum())
    order = np.argsort(-counts, kind="stable")
    return DatasetReport(
        train_tokens=dataset.train_tokens,
        val_tokens=dataset.val_tokens,
        train_bytes=dataset.train_bytes,
        val_bytes=dataset.val_bytes,
        bytes_per_token=dataset.bytes_per_token,
        vocabulary=tokenizer.token_count,
        used=used,
        rare=int(((counts > 0) & (counts < RARE)).sum()),
        val_unseen=unseen / judged,
        commonest=tuple((tokenizer.decode([n]), int(counts[n])) for n in order[: min(SHOWN, used)].tolist()),
        rarest=tuple(tokenizer.decode([n]) for n in np.flatnonzero(counts == 1)[:SHOWN].tolist()),
        problems=tuple(_problems(dataset, tokenizer, used, unseen / judged, block_size)),
        notes=tuple(map(str, read_meta(dataset).get("notes", ()))),
        counted=int(counts.sum()),
    )


def _problems(dataset: Dataset, tokenizer: Tokenizer, used: int, unseen: float, block_size: int) -> list[Problem]:
    """Return what is wrong with a dataset, the worst first."""
    found = []
    shortest = min(dataset.train_tokens, dataset.val_tokens)
    if block_size and shortest <= block_size:
        part = "validation" if dataset.val_tokens == shortest else "training"
        what = f"The {part} part has {shortest:,} tokens: no window of block_size {block_size:,} fits."
        fix = f"Set block_size to {shortest - 1:,} or less, or use a longer text." if shortest > 1 else "Use more text."
        found.append(Problem("shorter_than_block", what, fix))
    if odd := _odd_letters(dataset, tokenizer):
        what = f"Some letters look like “{odd}”: the text was once saved or opened in the wrong encoding."
        found.append(Problem("wrong_encoding", what, "Get the text anew from where it came, and prepare it again."))
    size = dataset.train_bytes + dataset.val_bytes
    if size < RECOMMENDED_BYTES:
        what = f"The text has only {size / 1000:.1f} KB: a model learns it by heart."
        found.append(Problem("too_short", what, f"Add more of the same kind, {RECOMMENDED_BYTES // 1000} KB or more."))
    if unseen > _MUCH_UNSEEN:
        what = f"{unseen:.1%} of the validation tokens never stand in the training part: they are different texts."
        found.append(Problem("different_parts", what, "Prepare a folder of several files with --split document."))
    if tokenizer.kind == GPT2Tokenizer.kind and used < tokenizer.token_count * _MUCH_EMBEDDING:
        what = f"The text uses {used:,} of GPT-2’s {tokenizer.token_count:,} tokens; the rest is a table never trained."
        fix = f"Prepare it with --tokenizer bpe: {BPE_VOCAB_SIZE:,} tokens learned from this text train faster."
        found.append(Problem("vocabulary_unused", what, fix))
    if tokenizer.kind == CharTokenizer.kind and tokenizer.token_count > BPE_VOCAB_SIZE:
        what = f"The text has {tokenizer.token_count:,} different characters: as many tokens as a vocabulary of words."
        found.append(Problem("many_characters", what, "Prepare it with --tokenizer bpe, which builds them from bytes."))
    return found


def _odd_letters(dataset: Dataset, tokenizer: Tokenizer) -> str:
    """Return letters that tell of a wrong encoding, if the beginning of the text has many; else an empty text."""
    ids = next(stretches(dataset.train_path, FITTED_TOKENS, dataset.vocab_size))[:_READ_TOKENS].tolist()
    text = tokenizer.decode(ids[:-1])  # the last may be a part of a character
    found = _MOJIBAKE.findall(text) + re.findall("\ufffd", text)
    return max(set(found), key=found.count) if len(found) * 1000 > len(text) else ""
