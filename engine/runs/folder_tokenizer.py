"""The tokenizer in a Hugging Face folder: GPT-2's, or one that an export of ours wrote; any other is refused."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine.core.untrusted_files import read_bytes
from engine.core.untrusted_json import read_object, read_value
from engine.runs.model_files import not_a_gpt2
from engine.tokens.tokenizer import (
    GPT2_TOKEN_COUNT,
    CharTokenizer,
    GPT2Tokenizer,
    TrainedTokenizer,
    gpt2_tokenizer,
    printable_bytes,
)

_LONGEST = 2**26
"""Bytes of a vocabulary; the largest that are published take half of it."""

_OTHER_FORMS = ("vocab.txt", "tokenizer.model", "spiece.model", "sentencepiece.bpe.model")
"""Files that hold the vocabulary of a tokenizer that is none of ours."""

_ANY_CHARACTER = {"Regex": r"[\s\S]"}
"""How an export of ours tells the package tokenizers to cut text into characters."""


def folder_tokenizer(folder: Path) -> dict[str, Any] | None:
    """Return what `tokenizer_from` makes the tokenizer in a folder from; None where the folder holds none.

    Raises CheckpointError for a tokenizer that is neither GPT-2's nor one that an export of ours wrote: the ids of its
    model stand for other texts, however many there are.
    """
    try:
        whole, vocabulary = _read(folder)
        in_order = _is_merged_in_order(folder, whole, vocabulary or {})
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise not_a_gpt2(folder, f"Its tokenizer cannot be read: {error or type(error).__name__}.") from error
    if vocabulary is None:
        if other := next((name for name in _OTHER_FORMS if os.path.exists(folder / name)), None):
            raise not_a_gpt2(folder, f"Its tokenizer, in {other}, is not GPT-2’s.")
        return None
    if _is_gpt2(vocabulary):
        if not in_order:
            raise not_a_gpt2(folder, "Its tokenizer is not GPT-2’s: the same tokens, but words are cut otherwise.")
        return {"kind": GPT2Tokenizer.kind}
    spec = _own(whole, vocabulary) if whole is not None else None
    if spec is None:
        raise not_a_gpt2(folder, "Its tokenizer is not GPT-2’s: the same numbers stand for other words.")
    return spec


def _read(folder: Path) -> tuple[dict[str, Any] | None, dict[str, int] | None]:
    """Return tokenizer.json, where there is one, and the id of each token; None for what the folder does not hold."""
    if os.path.exists(folder / "tokenizer.json"):
        whole = read_object(folder / "tokenizer.json", _LONGEST)
        added = {each["content"]: each["id"] for each in whole.get("added_tokens") or ()}
        return whole, _checked(dict(whole["model"]["vocab"]) | added)
    if os.path.exists(folder / "vocab.json"):
        return None, _checked(read_value(folder / "vocab.json", _LONGEST))
    return None, None


def _checked(vocabulary: Any) -> dict[str, int]:
    """Return a vocabulary back; raises ValueError for what is none."""
    if not isinstance(vocabulary, dict) or not all(type(number) is int for number in vocabulary.values()):
        raise ValueError("its vocabulary is no list of tokens and their numbers")
    return vocabulary


def _is_gpt2(vocabulary: dict[str, int]) -> bool:
    """Return whether each of GPT-2's tokens has GPT-2's id; what stands beyond them no text of ours asks for."""
    letter_of = {byte: letter for letter, byte in printable_bytes().items()}
    gpt2 = gpt2_tokenizer()
    texts = ("".join(map(letter_of.__getitem__, gpt2.token_bytes(n))) for n in range(GPT2_TOKEN_COUNT - 1))
    return all(vocabulary.get(text) == n for n, text in enumerate(texts))


def _is_merged_in_order(folder: Path, whole: dict[str, Any] | None, vocabulary: dict[str, int]) -> bool:
    """Return whether pairs are merged in the order of the tokens that they make, as GPT-2's are, as far as is told."""
    if whole is not None:
        pairs = whole["model"].get("merges") or ()
    elif os.path.exists(folder / "merges.txt"):
        lines = read_bytes(folder / "merges.txt", _LONGEST).decode("utf-8", "replace").splitlines()
        pairs = [line for line in lines if line and not line.startswith("#version")]
    else:
        pairs = ()
    numbers = [vocabulary.get("".join(_both(pair)), -1) for pair in pairs]
    return numbers == sorted(numbers) and -1 not in numbers


def _both(pair: Any) -> list[str]:
    """Return the two parts of a merge, which are written apart or as a list."""
    return pair.split(" ") if isinstance(pair, str) else list(pair)


def _own(whole: dict[str, Any], vocabulary: dict[str, int]) -> dict[str, Any] | None:
    """Return the tokenizer that an export of ours wrote; None for any other, which would cut text in another way."""
    tokens = sorted(vocabulary, key=vocabulary.__getitem__)
    if sorted(vocabulary.values()) != list(range(len(tokens))) or whole.get("normalizer") is not None:
        return None
    cuts = whole.get("pre_tokenizer")
    if not isinstance(cuts, dict):
        return None
    match whole["model"].get("type"), cuts.get("type"):
        case "WordLevel", "Split" if cuts.get("pattern") == _ANY_CHARACTER:
            return {"kind": CharTokenizer.kind, "chars": tokens}
        case "BPE", "ByteLevel" if cuts.get("add_prefix_space") is False and _is_in_order(whole["model"], tokens):
            return {"kind": TrainedTokenizer.kind, "tokens": tokens}
    return None


def _is_in_order(model: dict[str, Any], tokens: Sequence[str]) -> bool:
    """Return whether tokens are numbered as they are merged, bytes first: then their order is all there is to know."""
    merged = ["".join(_both(pair)) for pair in model.get("merges") or ()]
    return list(tokens) == [token for token in tokens if len(token) == 1] + merged
