"""Where a text surprises a model: how likely each of its tokens is, given those before it.

Each token is expected from the window from which the model would write it (`decoder.window_start`), so that a text
longer than a block is scored as it would be written.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.core.events import Alternative, Scored, ScoredAll, TokenScore, Turn
from engine.core.jobs import Control, Job
from engine.generation.candidates import likeliest
from engine.generation.decoder import Decoder, Weights, window_start
from engine.generation.loaded_model import LoadedModel
from engine.generation.model_cache import Shelf
from engine.generation.sampler import ALTERNATIVES, require_numbers
from engine.tokens.batches import TokenFile
from engine.tokens.tokenizer import TextStream, Tokenizer

AT_ONCE = 64
"""Tokens scored in one pass: their logits take 13 MB with GPT-2's vocabulary."""


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of a dataset: `tokens` of them from number `first` on in its part "train" or "val"."""

    part: str
    first: int
    tokens: int


def score_job(path: Path, text: str, control: Control, shelf: Shelf | None = None) -> Job:
    """Score any text with a checkpoint: Scored events in order, then a ScoredAll.

    Raises CheckpointError, and DataError for a text the model cannot read.
    """
    loaded = (shelf or Shelf()).model(path)
    yield from scores(loaded.weights, loaded.tokenizer, loaded.tokenizer.encode(text), control)


def score_passage_job(path: Path, place: Place, control: Control, shelf: Shelf | None = None) -> Job:
    """Score a stretch of the text a checkpoint was trained on, what stands before it known to the model.

    Raises CheckpointError, and DataError where that text is not here any more.
    """
    loaded = (shelf or Shelf()).model(path)
    before, ids = tokens_at(loaded, place)
    yield from scores(loaded.weights, loaded.tokenizer, [*before, *ids], control, len(before))


def scores(weights: Weights, tokenizer: Tokenizer, ids: Sequence[int], control: Control, first: int = 0) -> Job:
    """Score tokens from number `first` on, a turn for other jobs after each pass; a stop ends it with what there is."""
    stream = TextStream(tokenizer)
    total = _Total(tokenizer)
    if ids and not first:
        yield total.add(0, [TokenScore(ids[0], stream.feed(ids[0]), None, None)])
    for place, logits in _passes(weights, ids, max(first, 1)):
        if len(logits):
            scored = [_score(row, ids[place + n], tokenizer, stream) for n, row in enumerate(logits.cpu())]
            yield total.add(place - first, scored)
        yield Turn.NEXT
        if control.stopping:
            break
    yield total.scored()


def _passes(weights: Weights, ids: Sequence[int], first: int) -> Iterator[tuple[int, Tensor]]:
    """Yield, pass by pass, the number of a token and the logits (N, V) that it and those after it are expected with.

    It begins at token number `first`; a pass that only reads what stands before that gives no logits.
    """
    block, place = weights.args.block_size, first
    while place < len(ids):
        start = window_start(place, block)
        end = min(start + block, len(ids) - 1)  # the last token that is expected from this window
        decoder = Decoder(weights)
        for read in range(start, end, AT_ONCE):
            upto = min(read + AT_ONCE, end)
            features = decoder.features(torch.tensor([ids[read:upto]]))[0]
            yield place, weights.logits(features[max(0, place - 1 - read) :] if place <= upto else features[:0])
            place = max(place, upto + 1)


def _score(logits: Tensor, token: int, tokenizer: Tokenizer, stream: TextStream) -> TokenScore:
    """Return how much a token surprises where the model's raw logits are (V,)."""
    require_numbers(logits)
    log_p = torch.log_softmax(logits, 0)
    ids = likeliest(logits[: tokenizer.token_count], ALTERNATIVES)[1]
    likely = zip(ids.tolist(), log_p[ids].exp().tolist(), strict=True)
    nats = -float(log_p[token])
    return TokenScore(
        token=token,
        text=stream.feed(token),
        probability=math.exp(-nats),
        bits=nats / math.log(2),
        alternatives=tuple(Alternative(other, tokenizer.decode([other]), p, p) for other, p in likely),
    )


class _Total:
    """Adds up what is scored."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._tokens = self._characters = self._bytes = 0
        self._bits = 0.0

    def add(self, first: int, scores: Sequence[TokenScore]) -> Scored:
        """Add tokens; return their event."""
        self._characters += sum(len(score.text) for score in scores)
        for score in scores:
            if score.bits is not None:
                self._tokens += 1
                self._bits += score.bits
                self._bytes += len(self._tokenizer.token_bytes(score.token))
        return Scored(first=first, tokens=tuple(scores))

    def scored(self) -> ScoredAll:
        """Return the sums."""
        return ScoredAll(
            tokens=self._tokens,
            characters=self._characters,
            bits=self._bits,
            loss=self._bits * math.log(2) / self._tokens if self._tokens else None,
            bits_per_byte=self._bits / self._bytes if self._bytes else None,
        )


def tokens_at(loaded: LoadedModel, place: Place) -> tuple[list[int], list[int]]:
    """Return the model's tokens of a stretch of its dataset, and those before it, up to a block of them."""
    data = loaded.training_text()
    file = TokenFile(data.train_path if place.part == "train" else data.val_path, data.vocab_size)
    before = max(0, place.first - loaded.weights.args.block_size)
    ids = np.asarray(file.tokens[before : place.first + place.tokens]).tolist()
    parts = ids[: place.first - before], ids[place.first - before :]
    own = data.load_tokenizer()
    if own.as_dict() == loaded.tokenizer.as_dict():
        return parts
    known, scored = (loaded.tokenizer.encode(own.decode(part)) for part in parts)  # prepared anew in other tokens
    return known, scored
