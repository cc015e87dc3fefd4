"""Asking where a model looked when it wrote a token, or read one, and what its heads do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from engine.core.errors import DataError
from engine.core.events import Attended, Turn
from engine.core.jobs import Control, Job
from engine.generation.attention_map import attention_to, forgotten
from engine.generation.head_roles import LEAST_PLACES, PLACES, Habits, roles_in
from engine.generation.loaded_model import LoadedModel
from engine.generation.model_cache import Shelf
from engine.generation.sampler import prompt_ids
from engine.generation.surprise import Place, tokens_at
from engine.tokens.tokenizer import TextStream, Tokenizer


@dataclass(frozen=True, slots=True)
class Before:
    """What stands before a token: a `start` that a person wrote, or a stretch of a dataset, and the tokens after it.

    With neither the tokens are all there is.
    """

    ids: Sequence[int]
    start: str | None = None
    place: Place | None = None

    def tokens(self, loaded: LoadedModel) -> list[int]:
        """Return all of it in a model's tokens; raises DataError where the dataset is not here any more."""
        if self.place is not None:
            return [*tokens_at(loaded, self.place)[0], *self.ids]
        return [*(prompt_ids(loaded.tokenizer, self.start) if self.start is not None else ()), *self.ids]


def attention_job(path: Path, before: Before, control: Control, shelf: Shelf | None = None) -> Job:
    """Tell where a checkpoint looks when it writes what comes next: Attended, and again once its heads are measured.

    Raises CheckpointError, and DataError for what the model cannot read. Before the first token of a text there is
    nothing to look at, and nothing is told.
    """
    shelf = shelf or Shelf()
    loaded = shelf.model(path)
    ids = before.tokens(loaded)
    if not ids:
        return
    rows = []
    for looked in attention_to(loaded.weights, ids):
        rows.append(tuple(map(tuple, looked.tolist())))
        yield Turn.NEXT
        if control.stopping:
            return
    known, gone = shelf.roles(path), forgotten(loaded.weights, ids)
    texts = tuple(_texts(loaded.tokenizer, ids[gone:]))
    told = Attended(texts=texts, forgotten=gone, weights=tuple(rows), roles=known or ())
    yield told
    if known is not None:
        return
    for item in roles_in(loaded.weights, _windows(loaded, ids)):
        if control.stopping:
            return
        if isinstance(item, Habits):
            shelf.keep_roles(path, item.roles())
            yield replace(told, roles=item.roles())
        else:
            yield Turn.NEXT


def _windows(loaded: LoadedModel, ids: Sequence[int]) -> list[Sequence[int]]:
    """Return tokens to measure heads on, a block at a time: of the text that judged the model, else what it wrote."""
    block = loaded.weights.args.block_size
    try:
        measured: Sequence[int] = tokens_at(loaded, Place("val", 0, PLACES + block))[1]
    except DataError:
        measured = ids if len(ids) >= LEAST_PLACES else ()
    return [measured[at : at + block] for at in range(0, len(measured), block)]


def _texts(tokenizer: Tokenizer, ids: Sequence[int]) -> list[str]:
    """Return the text that became whole with each token."""
    stream = TextStream(tokenizer)
    return [stream.feed(token) for token in ids]
