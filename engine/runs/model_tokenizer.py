"""Which text each id of a model stands for: what its file says, else what can be found out, and how that is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.core.errors import CheckpointError, DataError
from engine.datasets.dataset import Dataset, dataset
from engine.tokens.tokenizer import (
    GPT2_TOKENS,
    GPT2Tokenizer,
    Tokenizer,
    gpt2_tokenizer,
    same_tokens,
    tokenizer_from,
)

_MOST_PADDING = 128
"""Tables are filled up to a multiple of so many at most."""


@dataclass(frozen=True, slots=True)
class KnownTokenizer:
    """The tokenizer of a model; `assumed` says how it is known where the model's file does not tell, else nothing."""

    tokenizer: Tokenizer
    assumed: str = ""


def known_tokenizer(spec: Mapping[str, Any] | None, vocab_size: int, dataset_name: str) -> KnownTokenizer:
    """Return the tokenizer of a model: its own, else its dataset's, else GPT-2's where its table has that size.

    The last two are what nanoGPT itself goes by, whose checkpoints carry none. Raises CheckpointError when there is
    none, or when its own is not the model's.
    """
    if spec is not None:
        return KnownTokenizer(_own_tokenizer(spec, vocab_size))
    found, missing = _tokenizer_of(dataset_name)
    if found is not None and (_fits(found, vocab_size) or _is_padded(found, vocab_size)):
        assumed = f"The model’s file carries no tokenizer: it is taken to be that of the dataset {dataset_name}."
        if found.vocab_size < vocab_size:
            assumed += f" It has {found.vocab_size:,} tokens; the model’s table is filled up to {vocab_size:,}."
        return KnownTokenizer(found, assumed)
    if vocab_size in GPT2_TOKENS:
        assumed = f"The model’s file carries no tokenizer: by its {vocab_size:,} tokens it is taken to be GPT-2’s."
        return KnownTokenizer(gpt2_tokenizer(), assumed)
    what = missing if found is None else f"has {found.vocab_size:,} tokens"
    its_dataset = f"its dataset {dataset_name!r} {what}" if dataset_name else "it names no dataset"
    raise CheckpointError(
        f"This checkpoint does not say which of its {vocab_size:,} tokens is which text.",
        cause=f"It carries no tokenizer, and {its_dataset}.",
        fix="Prepare that dataset under the same name (nanoGPT’s own folder with its meta.pkl will do).",
        code="tokenizer_unknown",
    )


def _own_tokenizer(spec: Mapping[str, Any], vocab_size: int) -> Tokenizer:
    """Return the tokenizer that a model carries; raises CheckpointError where it cannot be made or is another's."""
    try:
        tokenizer = tokenizer_from(spec)
    except DataError as error:
        raise CheckpointError(
            "The tokenizer in this checkpoint cannot be used.",
            cause=f"{error.message} {error.cause}",
            fix="Use another checkpoint of the run.",
            code="bad_tokenizer",
        ) from error
    if _fits(tokenizer, vocab_size) or _is_padded(tokenizer, vocab_size):
        return tokenizer
    raise CheckpointError(
        "The tokenizer in this checkpoint is not that of its model.",
        cause=f"It has {tokenizer.vocab_size:,} tokens, the model {vocab_size:,}.",
        fix="Use another checkpoint of the run: this file was changed.",
        code="bad_tokenizer",
    )


def _fits(tokenizer: Tokenizer, vocab_size: int) -> bool:
    """Return whether a model of so many ids may have this tokenizer; only GPT-2's has a table that is filled up."""
    return vocab_size in GPT2_TOKENS if tokenizer.kind == GPT2Tokenizer.kind else vocab_size == tokenizer.vocab_size


def _is_padded(tokenizer: Tokenizer, vocab_size: int) -> bool:
    """Return whether a model's table is a vocabulary filled up to a round number, which computes sooner."""
    is_filled = tokenizer.kind != GPT2Tokenizer.kind and vocab_size % 8 == 0
    return is_filled and 0 < vocab_size - tokenizer.token_count < _MOST_PADDING


def _tokenizer_of(name: str) -> tuple[Tokenizer | None, str]:
    """Return the tokenizer of a dataset, or None and why there is none."""
    try:
        return (dataset(name).load_tokenizer() if name else None), ""
    except DataError as error:
        is_gone = error.code in ("unknown_dataset", "not_prepared")
        return None, "is not prepared here" if is_gone else f"cannot be read: {error.cause.rstrip('.')}"


def require_same_tokens(tokenizer: Tokenizer, data: Dataset) -> None:
    """Raise CheckpointError when the ids of a dataset are not those that a model knows."""
    if same_tokens(tokenizer, data.load_tokenizer()):
        return
    raise CheckpointError(
        f"The {tokenizer.kind} tokens of the model are not those of the dataset {data.name}.",
        cause="A model can only go on with the tokenizer it began with, whatever the number of its tokens.",
        fix="Name the dataset that it began with, or start a new run.",
        code="tokenizer_changed",
    )
