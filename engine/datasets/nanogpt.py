"""Dataset folders that nanoGPT's own scripts prepared: token files, and meta.pkl for characters."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.core.errors import DataError
from engine.core.plain_pickle import read_pickle
from engine.text.folder import refuse_link
from engine.tokens.token_files import damaged, foreign, token_count
from engine.tokens.tokenizer import (
    GPT2_TOKEN_COUNT,
    ID_LIMIT,
    CharTokenizer,
    ListedTokenizer,
    Tokenizer,
    tokenizer_from,
)

_PLAIN_META = "Write it with plain texts and numbers: vocab_size, and itos and stoi where they are known."
_NARROW = (
    "Write them anew: `numpy.fromfile(FILE, 'uint32').astype('uint16').tofile(FILE)`, for a vocabulary of at most"
    f" {ID_LIMIT:,} tokens, with its vocab_size in meta.pkl."
)
_IDS_AT_ONCE = 2**22
_LEAST = 64
"""Numbers of which it can be told whether they are 16 bits long."""

_HIGH = 3
"""The highest upper half that ids of 32 bits have: no vocabulary has four times 65,536 tokens."""


def foreign_facts(folder: Path) -> dict[str, Any]:
    """Return what a Dataset says of a folder without meta.json: the tokens of its meta.pkl, GPT-2's without.

    Both token files are read through once, for their bytes of text and to see that each id has a meaning.
    Raises DataError when something is missing or damaged; nothing in meta.pkl is run.
    """
    meta = folder / "meta.pkl"
    try:
        for path in (meta, folder / "train.bin", folder / "val.bin"):
            refuse_link(path)
    except OSError as error:
        raise damaged(folder, f"It cannot be read: {error.strerror or error}.") from error
    tokenizer = tokenizer_from(_spec(folder, meta) if os.path.exists(meta) else {"kind": "gpt2"})
    digest = hashlib.sha256()
    train_bytes = _read_through(folder, "train.bin", tokenizer, digest)
    val_bytes = _read_through(folder, "val.bin", tokenizer, digest)
    return {
        "tokenizer": tokenizer.as_dict(),
        "vocab_size": tokenizer.vocab_size,
        "train_tokens": token_count(folder, "train.bin"),
        "val_tokens": token_count(folder, "val.bin"),
        "train_bytes": train_bytes,
        "val_bytes": val_bytes,
        "fingerprint": digest.hexdigest(),
    }


def nanogpt_vocabulary(tokenizer: Tokenizer) -> dict[str, Any]:
    """Return what meta.pkl holds: the size, and each token's text by its id and back.

    nanoGPT's sample.py joins such texts, and reads a prompt letter by letter; a token that is part of a letter is
    U+FFFD to it.
    """
    itos = {token_id: tokenizer.decode([token_id]) for token_id in range(tokenizer.token_count)}
    if isinstance(tokenizer, ListedTokenizer):
        itos = dict(enumerate(tokenizer.texts))  # without what stands between: that they are apart is seen from them
    stoi = {text: token_id for token_id, text in reversed(itos.items())}  # of two alike the first counts
    return {"vocab_size": tokenizer.vocab_size, "itos": itos, "stoi": stoi}


def _spec(folder: Path, path: Path) -> dict[str, Any]:
    """Return what `tokenizer_from` makes the tokens of a meta.pkl from, as much as it tells of them.

    nanoGPT itself needs only their number: then they are numbers to read, too.
    """
    try:
        meta = read_pickle(path)
        size, texts = meta.get("vocab_size"), _texts(meta)
    except OSError as error:
        raise damaged(folder, f"meta.pkl cannot be read: {error.strerror or error}.") from error
    except (ValueError, AttributeError) as error:
        raise foreign(folder, f"meta.pkl cannot be read: {error}.", _PLAIN_META) from error
    if texts and all(len(text) == 1 for text in texts):
        return {"kind": CharTokenizer.kind, "chars": texts}
    if texts:
        apart = not any(char.isspace() for text in texts for char in text)
        return {"kind": ListedTokenizer.kind, "texts": texts, "between": " " if apart else ""}
    if type(size) is not int or not 0 < size <= ID_LIMIT:
        why = f"meta.pkl tells neither the tokens (itos) nor how many there are (vocab_size): {size!r}."
        raise foreign(folder, why, _PLAIN_META)
    return {"kind": ListedTokenizer.kind, "texts": [str(token_id) for token_id in range(size)], "between": " "}


def _texts(meta: Mapping[str, Any]) -> list[str]:
    """Return each token's text by id, out of itos or of stoi; raises ValueError where they have gaps or no text."""
    itos, stoi = meta.get("itos"), meta.get("stoi")
    if itos is None and isinstance(stoi, dict):
        itos = {token_id: text for text, token_id in stoi.items()}
    by_id = dict(enumerate(itos)) if isinstance(itos, list | tuple) else itos if isinstance(itos, dict) else {}
    if "itos" in meta and not by_id:
        raise ValueError("its list of tokens, itos, is empty")
    texts = [by_id.get(token_id) for token_id in range(len(by_id))]
    if not all(isinstance(text, str | bytes) for text in texts):
        raise ValueError("its tokens, itos, are not texts numbered from 0 on")
    return [text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text) for text in texts]


def _read_through(folder: Path, file: str, tokenizer: Tokenizer, digest: hashlib._Hash) -> int:
    """Return the bytes of text that a token file stands for, and take it into the digest."""
    lengths = np.zeros(ID_LIMIT, dtype=np.int64)
    lengths[: tokenizer.token_count] = [len(tokenizer.token_bytes(n)) for n in range(tokenizer.token_count)]
    ids = np.memmap(folder / file, dtype="<u2", mode="r", shape=(token_count(folder, file),))
    total = 0
    for start in range(0, len(ids), _IDS_AT_ONCE):
        part = ids[start : start + _IDS_AT_ONCE]
        if not start and _is_wide(part):
            raise foreign(folder, f"The numbers in {file} are 32 bits long; ids here have 16, as nanoGPT’s.", _NARROW)
        if (highest := int(part.max())) >= tokenizer.token_count:
            raise _beyond(folder, file, highest, tokenizer)
        digest.update(part.tobytes())
        total += int(lengths[part].sum())
    return total


def _is_wide(ids: npt.NDArray[np.uint16]) -> bool:
    """Return whether what was read as ids is numbers of 32 bits: every second is the upper half of one, nearly 0."""
    lower, upper = ids[0 : len(ids) // 2 * 2 : 2], ids[1::2]
    return len(ids) >= _LEAST and int(upper.max()) <= _HIGH < int(lower.max()) and int(np.median(upper)) == 0


def _beyond(folder: Path, file: str, highest: int, tokenizer: Tokenizer) -> DataError:
    """Return the error for an id without a meaning."""
    if os.path.exists(folder / "meta.pkl"):
        last = tokenizer.token_count - 1
        return damaged(folder, f"{file} holds the token {highest:,}, but the vocabulary ends at {last:,}.")
    cause = f"{file} holds the token {highest:,}, GPT-2’s end at {GPT2_TOKEN_COUNT - 1:,}, and there is no meta.pkl."
    return foreign(folder, cause, "Put a meta.pkl beside it that tells its vocab_size, as nanoGPT has it.")
