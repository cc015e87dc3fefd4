"""How predictable the text of a dataset is, prepared or not: what a promise is made from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine.core.config import DATASET_ALIASES
from engine.core.errors import DataError
from engine.datasets.dataset import Dataset, dataset, refitted_from
from engine.planning.ngrams import LONGEST, Predictability, predictability_of
from engine.text.catalogue import catalogue
from engine.tokens.tokenizer import Tokenizer

COUNTED_BYTES, JUDGED_BYTES = 2_000_000, 150_000
"""Bytes of the part to learn from that are counted, and of the part that judges that are scored, at most."""

_STRETCHES = 16


def predictability(name: str) -> Predictability | None:
    """Return what counting n-grams reaches on a dataset's last part; None where that is not known.

    A built-in text that is not prepared yet has it in the catalogue. Half a second, and 150 MB for a moment; raises
    DataError for a dataset whose files are damaged.
    """
    name = DATASET_ALIASES.get(name, name)
    try:
        found = dataset(name)
    except DataError:
        entry, origin = catalogue().get(name), refitted_from(name)
        if entry is not None:
            return Predictability(*entry.predictability) if entry.predictability else None
        return predictability(origin[0]) if origin else None
    return _of(found)


def _of(found: Dataset) -> Predictability | None:
    """Return the same of a prepared dataset; None for one too short to tell."""
    tokenizer = found.load_tokenizer()
    train = _excerpt(found.train_path, tokenizer, found.train_bytes / found.train_tokens, COUNTED_BYTES)
    val = _excerpt(found.val_path, tokenizer, found.val_bytes / found.val_tokens, JUDGED_BYTES)
    if min(len(train), len(val)) < LONGEST + 2:
        return None
    return predictability_of(train, val)


def _excerpt(path: Path, tokenizer: Tokenizer, bytes_per_token: float, most: int) -> bytes:
    """Return the text in a file of tokens: all of it, or stretches from all over of about so many bytes together."""
    ids: npt.NDArray[np.uint16] = np.memmap(path, dtype="<u2", mode="r")
    wanted = int(most / bytes_per_token)
    if len(ids) > wanted:
        length = wanted // _STRETCHES
        starts = np.linspace(0, len(ids) - length, _STRETCHES).astype(np.int64)
        ids = np.concatenate([ids[start : start + length] for start in starts])
    kinds, places = np.unique(ids, return_inverse=True)
    words = [tokenizer.token_bytes(int(kind)) for kind in kinds]
    return b"".join(words[place] for place in places)
