"""The beginning of a text in the pieces that a model will see: what is shown while it is made ready."""

from __future__ import annotations

from contextlib import suppress
from itertools import chain, islice

from engine.core.config import DATASET_ALIASES
from engine.core.errors import DataError
from engine.datasets.dataset import dataset, origin_of
from engine.text.built_in import built_in_text
from engine.text.catalogue import catalogue
from engine.tokens.batches import TokenFile

MOST = 160
"""Pieces of a beginning, at most."""


def pieces_of(name: str) -> tuple[str, ...]:
    """Return the first pieces of a text by the name of its dataset: its tokens, each as text, once it is prepared.

    Before that they are its characters, which a vocabulary of its own is made from. Empty for a text that is not here.
    A token that is only a part of a character is U+FFFD.
    """
    with suppress(DataError):
        return _tokens(name)
    base = origin_of(name) or DATASET_ALIASES.get(name, name)
    with suppress(DataError):
        return tuple("".join(_tokens(base)))[:MOST]
    entry = catalogue().get(base)
    if entry is None or not entry.offline:
        return ()
    with suppress(DataError):
        return tuple(islice(chain.from_iterable(built_in_text(entry, ()).pieces()), MOST))
    return ()


def _tokens(name: str) -> tuple[str, ...]:
    one = dataset(name)
    tokenizer = one.load_tokenizer()
    ids = TokenFile(one.train_path, one.vocab_size).tokens[:MOST].tolist()
    return tuple(tokenizer.decode([each]) for each in ids)
