"""A run's vocabulary in the forms that other programs read: tokens in GPT-2's letters, merges, tokenizer.json."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from engine.core.errors import DataError
from engine.tokens.tokenizer import BytePairTokenizer, CharTokenizer, GPT2Tokenizer, Tokenizer, printable_bytes

if TYPE_CHECKING:
    from tokenizers import Tokenizer as HuggingFaceTokenizer

UNKNOWN_CUTS = "It is a list of tokens from elsewhere, and how a text is cut into them is not known."
"""Why other programs cannot be given such a list."""

END_OF_TEXT = "<|endoftext|>"
"""The one token of GPT-2's vocabulary that stands for no text; its id is the last."""


def letters(token: bytes) -> str:
    """Return a token in the letters of GPT-2's vocabulary file, one a byte."""
    letter_of = _letter_of()
    return "".join(letter_of[byte] for byte in token)


@cache
def _letter_of() -> dict[int, str]:
    return {byte: letter for letter, byte in printable_bytes().items()}


def tokens_in_letters(tokenizer: Tokenizer) -> list[str]:
    """Return every token of a byte-pair vocabulary by id, in the letters of GPT-2's vocabulary file."""
    return [letters(tokenizer.token_bytes(n)) for n in range(tokenizer.token_count)]


def merges(tokenizer: Tokenizer) -> list[tuple[str, str]]:
    """Return the pairs that make the tokens, in the order they are merged, in the letters of the vocabulary file.

    A vocabulary ordered by rank tells them: merging the bytes of a token with the ranks below its own leaves the
    two parts that its merge joins.
    """
    tokens = [tokenizer.token_bytes(n) for n in range(tokenizer.token_count)]
    ranks = {token: rank for rank, token in enumerate(tokens)}
    pairs = (_parts(token, rank, ranks) for rank, token in enumerate(tokens) if len(token) > 1)
    return [(letters(pair[0]), letters(pair[1])) for pair in pairs if len(pair) == 2]


def _parts(token: bytes, below: int, ranks: dict[bytes, int]) -> list[bytes]:
    """Return the bytes of a token, merged as far as ranks below one go."""
    parts = [token[n : n + 1] for n in range(len(token))]
    while len(parts) > 2:
        joined = [ranks.get(left + right, below) for left, right in pairwise(parts)]
        at = min(range(len(joined)), key=joined.__getitem__)
        if joined[at] >= below:
            break
        parts[at : at + 2] = [parts[at] + parts[at + 1]]
    return parts


def hugging_face_tokenizer(tokenizer: Tokenizer) -> HuggingFaceTokenizer:
    """Return the tokenizer as the package tokenizers has it; raises DataError when that is not installed."""
    try:
        from tokenizers import AddedToken, Regex, decoders, models, pre_tokenizers
        from tokenizers import Tokenizer as HuggingFaceTokenizer
    except ImportError as error:
        raise DataError(
            "The tokenizer cannot be written for Hugging Face.",
            cause="The Python package tokenizers is missing.",
            fix="Run `make run` again, or `python -m pip install --no-deps tokenizers==0.23.3`.",
            code="tokenizers_missing",
        ) from error
    if isinstance(tokenizer, CharTokenizer):
        ids = {char: n for n, char in enumerate(tokenizer.chars)}
        made = HuggingFaceTokenizer(models.WordLevel(ids, unk_token=""))
        made.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
        made.decoder = decoders.Fuse()
        return made
    if not isinstance(tokenizer, BytePairTokenizer):
        raise DataError(
            "This vocabulary has no form in a Hugging Face folder.",
            cause=UNKNOWN_CUTS,
            fix="Export it in the nanogpt format.",
            code="no_export_form",
        )
    ids = {token: n for n, token in enumerate(tokens_in_letters(tokenizer))}
    made = HuggingFaceTokenizer(models.BPE(ids, merges(tokenizer)))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    if isinstance(tokenizer, GPT2Tokenizer):
        made.add_special_tokens([AddedToken(END_OF_TEXT, special=True, normalized=False)])
    return made


def tokenizer_config(tokenizer: Tokenizer, block_size: int) -> dict[str, Any]:
    """Return tokenizer_config.json: what transformers makes the tokenizer of."""
    config: dict[str, Any] = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": block_size,
        "clean_up_tokenization_spaces": False,
    }
    if isinstance(tokenizer, GPT2Tokenizer):
        config |= {"tokenizer_class": "GPT2Tokenizer", "add_prefix_space": False}
        config |= dict.fromkeys(("bos_token", "eos_token", "unk_token"), END_OF_TEXT)
    return config
