"""How good a loss is: one scale for every tokenizer, with rungs that need no model to reach."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine.datasets.dataset import Dataset
from engine.text.catalogue import catalogue
from engine.tokens.token_files import damaged, require_known

FITTED_TOKENS = 2**24
"""Tokens of the training part that the counts are taken from at most, spread over all of it."""

SCORED_TOKENS = 2**21
"""Tokens of the validation part that are scored at most."""

_STRETCH = 2**18
_SEEN_BEFOREHAND = 0.01
_DISCOUNT = 0.75
_INCREDIBLE = 0.5

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rung:
    """A loss that something simple reaches.

    Attributes:
        name: "random", "unigram", "bigram" or "known".
        description: what reaches it, in words.
        loss: nats for each token, as training shows it.
        bits_per_byte: the same on the scale of all tokenizers.
    """

    name: str
    description: str
    loss: float
    bits_per_byte: float


@dataclass(frozen=True, slots=True)
class Ladder:
    """The rungs of a dataset, from the highest loss to the lowest."""

    dataset: str
    rungs: tuple[Rung, ...]
    bits_per_nat: float

    def rung(self, name: str) -> Rung:
        """Return the rung of that name; raises KeyError when the text has none."""
        return {rung.name: rung for rung in self.rungs}[name]

    def bits(self, loss: float) -> float:
        """Return a loss in nats per token as bits per byte of this text."""
        return loss * self.bits_per_nat


def ladder_of(dataset: Dataset) -> Ladder:
    """Return the ladder of a dataset: counts of its training part, scored on its validation part.

    Takes about a second for each ten million tokens, and the memory that FITTED_TOKENS allow. Raises DataError where a
    token is outside the vocabulary.
    """
    bits_per_nat = dataset.val_tokens / dataset.val_bytes / math.log(2)
    unigram, bigram = _counted_losses(dataset)
    found = [
        ("random", "guessing blindly among all tokens", math.log(dataset.vocab_size)),
        ("unigram", "knowing only how common each token is", unigram),
        ("bigram", "knowing only which token follows which", bigram),
    ]
    rungs = [Rung(name, description, loss, loss * bits_per_nat) for name, description, loss in found]
    for entry in catalogue().values():
        if entry.sha256 == dataset.fingerprint and entry.reached and not any(rung.name == "known" for rung in rungs):
            rungs.append(Rung("known", entry.reached_by, entry.reached / bits_per_nat, entry.reached))
    return Ladder(dataset.name, tuple(sorted(rungs, key=lambda rung: -rung.loss)), bits_per_nat)


def is_it_normal(ladder: Ladder, loss: float) -> str:
    """Return in plain words what a validation loss, in nats per token, says on this text, with its numbers."""
    words = standing(ladder, loss)
    if not math.isfinite(loss):
        return words
    counted = [rung for rung in ladder.rungs if rung.name != "known"]
    beside = next((rung for rung in counted if rung.loss < loss), counted[-1])
    alone = f"{beside.description[:1].upper()}{beside.description[1:]} reaches {beside.loss:.2f}."
    return f"{loss:.2f} is {ladder.bits(loss):.2f} bits per byte. {words} {alone}"


def standing(ladder: Ladder, loss: float) -> str:
    """Return in plain words between which rungs a validation loss, in nats per token, stands."""
    if not math.isfinite(loss):
        return "The loss is no number: training has failed. Lower the learning rate and start again."
    rungs = {rung.name: rung.loss for rung in ladder.rungs}
    if loss > rungs["random"] * 1.05:
        return "It is worse than guessing blindly: something is wrong, most often too high a learning rate."
    if loss > rungs["random"] * 0.97:
        return "It has learned nothing yet. That is normal at the very beginning."
    if loss > rungs["unigram"]:
        return "It is learning which pieces of the text are common. Normal early on."
    if loss > rungs["bigram"]:
        return "It knows the common pieces and learns which follow which. Normal on the way, too little at the end."
    here = "It has learned more than which piece follows which. "
    if "known" not in rungs:
        if ladder.bits(loss) < _INCREDIBLE:
            return here + "So low a loss means that the text repeats itself, or that validation copies training."
        return here + "Good; whether it still gets better, the curve shows."
    known = ladder.rung("known")
    if loss >= known.loss:
        return here + f"Good: {known.description} reached {known.bits_per_byte:.2f} bits per byte on this text."
    return here + (
        f"That is better than {known.description} with {known.bits_per_byte:.2f} bits per byte: "
        "normal for a model that began with GPT-2’s weights; for any other, see whether it was trained on the "
        "validation text."
    )


def _counted_losses(dataset: Dataset) -> tuple[float, float]:
    """Return the losses of the two models that only count: tokens, and pairs of tokens.

    A token counts as seen a hundredth of a time beforehand, so that none is impossible. Pairs are discounted by 0.75,
    and what that frees goes to all tokens by how common they are (absolute discounting).
    """
    size = dataset.vocab_size
    counts = np.zeros(size, dtype=np.int64)
    pairs: list[Ids] = []
    for ids in stretches(dataset.train_path, FITTED_TOKENS, size):
        counts += np.bincount(ids[:_STRETCH], minlength=size)[:size]
        pairs.append(ids[:-1] * size + ids[1:])
    seen, times = np.unique(np.concatenate(pairs), return_counts=True)
    del pairs
    followed = np.bincount(seen // size, weights=times, minlength=size)
    kinds = np.bincount(seen // size, minlength=size)
    common = (counts + _SEEN_BEFOREHAND) / (counts.sum() + _SEEN_BEFOREHAND * size)
    alone = together = 0.0
    tokens = scored = 0
    for ids in stretches(dataset.val_path, SCORED_TOKENS, size):
        first, second = ids[:-1], ids[1:]
        pair = first * size + second
        place = np.minimum(np.searchsorted(seen, pair), len(seen) - 1)
        met = np.where(seen[place] == pair, np.maximum(times[place] - _DISCOUNT, 0), 0.0)
        total = np.maximum(followed[first], 1)
        left = np.where(followed[first] > 0, _DISCOUNT * kinds[first] / total, 1.0)
        alone -= float(np.log(common[ids[:_STRETCH]]).sum())
        together -= float(np.log(met / total + left * common[second]).sum())
        tokens += min(len(ids), _STRETCH)
        scored += len(pair)
    return alone / tokens, together / max(1, scored)


def stretches(path: Path, limit: int, vocab_size: int) -> Iterator[Ids]:
    """Yield the tokens of a file in long stretches: all, or as many as `limit` allows, spread evenly.

    Raises DataError where one of them is outside the vocabulary, or the file cannot be read.
    """
    try:
        ids = np.memmap(path, dtype="<u2", mode="r")
    except (OSError, ValueError) as error:
        raise damaged(path.parent, f"{path.name} cannot be read: {error}.") from error
    number = max(1, math.ceil(len(ids) / _STRETCH))
    wanted = min(number, max(1, limit // _STRETCH))
    for place in np.linspace(0, number - 1, wanted).astype(int):
        part = ids[place * _STRETCH : (place + 1) * _STRETCH + 1]  # one more: the pair across the border
        require_known(path, int(part.max()), vocab_size)
        yield np.asarray(part, dtype=np.int64)
