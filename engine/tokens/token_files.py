"""Files of token ids: little-endian 16-bit numbers, nothing else, as nanoGPT reads them."""

from __future__ import annotations

import errno
import hashlib
import os
import threading
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from engine.core.errors import DataError, Fix
from engine.core.untrusted_files import require_content, require_plain
from engine.tokens.tokenizer import Tokenizer

ID_BYTES = 2
"""Bytes of a stored id."""

LONGEST_UNCUT = 2**18
"""Characters after which a text without any place to cut is cut anyway, so that memory stays small."""


_POINTER_SIZE = 1024
"""More bytes than any Git LFS pointer has."""

AHEAD = 2
"""Pieces for each worker that may be encoded and not yet written."""


class TokenWriter:
    """Encodes a text that comes in pieces into a file of token ids, as if it were encoded in one.

    Only a text that runs on for LONGEST_UNCUT characters with no white space is cut elsewhere: there one more
    token may be written, and the ids still decode to the same text.

    Attributes:
        tokens: ids written so far.
        bytes: UTF-8 bytes of the text taken in so far.
    """

    def __init__(self, path: Path, tokenizer: Tokenizer) -> None:
        self.tokens = 0
        self.bytes = 0
        self._tokenizer = tokenizer
        self._waiting = ""
        self._file = path.open("wb")
        self._digest = hashlib.sha256()
        self._ahead = AHEAD * (os.cpu_count() or 1)
        self._own = threading.local()
        self._workers = ThreadPoolExecutor(os.cpu_count(), initializer=self._begin)  # they hold no lock of Python's
        self._encoded: deque[Future[bytes]] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._workers.shutdown(cancel_futures=True)
        self._file.close()

    def add(self, piece: str) -> None:
        """Take the next piece of the text in; raises DataError when the vocabulary cannot write it."""
        self._waiting += piece
        cut = self._tokenizer.safe_cut(self._waiting)
        if not cut and len(self._waiting) >= LONGEST_UNCUT:
            cut = len(self._waiting)
        self._encode(self._waiting[:cut])
        self._waiting = self._waiting[cut:]

    def finish(self) -> None:
        """Write what still waited for more text, and see it safe on the disk."""
        self._encode(self._waiting)
        self._waiting = ""
        while self._encoded:
            self._write()
        self._file.flush()
        os.fsync(self._file.fileno())

    @property
    def sha256(self) -> str:
        """The sum of all that was written, in hexadecimal."""
        return self._digest.hexdigest()

    def _encode(self, text: str) -> None:
        """Let a worker encode a text; what is ready before it is written, in order."""
        if not text:
            return
        self.bytes += len(text.encode())
        self._encoded.append(self._workers.submit(lambda: self._own.encode(text).tobytes()))
        while self._encoded and (self._encoded[0].done() or len(self._encoded) > self._ahead):
            self._write()

    def _begin(self) -> None:
        """Get a worker ready."""
        self._own.encode = self._tokenizer.encoder()

    def _write(self) -> None:
        ids = self._encoded.popleft().result()
        self._file.write(ids)
        self._digest.update(ids)
        self.tokens += len(ids) // ID_BYTES


def token_count(folder: Path, file: str) -> int:
    """Return how many ids a token file of a dataset holds; raises DataError when it is missing, empty or cut."""
    try:
        there = (folder / file).stat()
        require_plain(there.st_mode, folder / file)
        size = there.st_size
        if size < _POINTER_SIZE:
            require_content(folder / file)
    except OSError as error:
        if error.errno == errno.ENODATA:
            raise foreign(folder, f"{file} is not here. {error.strerror}.", "Then try again.") from error
        raise damaged(folder, f"{file} cannot be read: {error.strerror or error}.") from error
    if not size or size % ID_BYTES:
        raise damaged(folder, f"{file} holds {size:,} bytes, which is no whole number of tokens.")
    return size // ID_BYTES


def require_known(path: Path, highest: int, vocab_size: int) -> None:
    """Raise DataError when the highest of the ids read from a token file is outside the vocabulary."""
    if highest >= vocab_size:
        raise damaged(path.parent, f"{path.name} holds token {highest:,}, outside the vocabulary of {vocab_size:,}.")


def foreign(folder: Path, cause: str, fix: str) -> DataError:
    """Return the error for a dataset from elsewhere that is whole and yet none of ours or nanoGPT's."""
    return DataError(f"The dataset in {folder} cannot be used here.", cause=cause, fix=fix, code="data_foreign")


def damaged(folder: Path, cause: str) -> DataError:
    """Return the error for a dataset whose files cannot be trusted."""
    return DataError(
        f"The dataset in {folder} is damaged.",
        cause=cause,
        fix="Prepare it again with `python -m engine prepare`.",
        code="damaged_dataset",
        fixes=(Fix("Prepare again", "prepare", {"dataset": folder.name}),),
    )
