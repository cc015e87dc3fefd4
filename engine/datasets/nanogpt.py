"""Dataset folders that nanoGPT's own scripts prepared: token files, and meta.pkl for characters."""

from __future__ import annotations

import hashlib
import io
import pickle
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from engine.text.folder import refuse_link
from engine.tokens.token_files import damaged, token_count
from engine.tokens.tokenizer import ID_LIMIT, Tokenizer, tokenizer_from

_META_LIMIT = 2**24
_IDS_AT_ONCE = 2**22


class _PlainUnpickler(pickle.Unpickler):
    """Reads containers, numbers and text, and refuses everything a pickle could run."""

    def find_class(self, module_name: str, global_name: str) -> NoReturn:
        raise pickle.UnpicklingError(f"it names {module_name}.{global_name}, which a vocabulary never needs")


def foreign_facts(folder: Path) -> dict[str, Any]:
    """Return what a Dataset says of a folder without meta.json: characters with a meta.pkl, GPT-2's tokens without.

    Both token files are read through once, for their bytes of text and to see that each id has a meaning.
    Raises DataError when something is missing or damaged; nothing in meta.pkl is run.
    """
    meta = folder / "meta.pkl"
    for path in (meta, folder / "train.bin", folder / "val.bin"):
        refuse_link(path)
    tokenizer = tokenizer_from(_char_spec(folder, meta) if meta.exists() else {"kind": "gpt2"})
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
    stoi = {text: token_id for token_id, text in reversed(itos.items())}  # of two alike the first counts
    return {"vocab_size": tokenizer.vocab_size, "itos": itos, "stoi": stoi}


def _char_spec(folder: Path, path: Path) -> dict[str, Any]:
    """Return the characters of nanoGPT's meta.pkl in the order of their ids."""
    try:
        if path.stat().st_size > _META_LIMIT:
            raise pickle.UnpicklingError("it is too large for a vocabulary")
        meta = _PlainUnpickler(io.BytesIO(path.read_bytes())).load()
        itos = meta["itos"]
        return {"kind": "char", "chars": [itos[token_id] for token_id in range(len(itos))]}
    except Exception as error:  # a damaged pickle raises nearly anything
        raise damaged(folder, f"meta.pkl is no character vocabulary: {error or type(error).__name__}.") from error


def _read_through(folder: Path, file: str, tokenizer: Tokenizer, digest: hashlib._Hash) -> int:
    """Return the bytes of text that a token file stands for, and take it into the digest."""
    lengths = np.zeros(ID_LIMIT, dtype=np.int64)
    lengths[: tokenizer.token_count] = [len(tokenizer.token_bytes(n)) for n in range(tokenizer.token_count)]
    ids = np.memmap(folder / file, dtype="<u2", mode="r", shape=(token_count(folder, file),))
    total = 0
    for start in range(0, len(ids), _IDS_AT_ONCE):
        part = ids[start : start + _IDS_AT_ONCE]
        if (highest := int(part.max())) >= tokenizer.token_count:
            cause = f"{file} holds the token {highest:,}, but the vocabulary ends at {tokenizer.token_count - 1:,}."
            raise damaged(folder, cause)
        digest.update(part.tobytes())
        total += int(lengths[part].sum())
    return total
