"""The beginning of a text in the pieces that a model will see: what is shown while it is made ready."""

from __future__ import annotations

import struct
from contextlib import suppress
from itertools import chain, islice

from engine.core.config import DATASET_ALIASES
from engine.core.errors import DataError
from engine.datasets.dataset import dataset, origin_of
from engine.text.built_in import built_in_text
from engine.text.catalogue import catalogue

_ID = struct.Struct("<H")
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
    with suppress(OSError), one.train_path.open("rb") as file:
        return tuple(tokenizer.decode([id_]) for (id_,) in _ID.iter_unpack(file.read(MOST * _ID.size)))
    return ()
