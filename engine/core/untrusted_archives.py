"""Archives (.tar.gz) that may be anything, read from the beginning to the end within a budget.

However small an archive is, it can claim to hold anything: what it unfolds to, the names in it and their number are
bounded before they are believed, and a stop is heard at every piece.
"""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from engine.core.untrusted_files import opened

MOST_MEMBERS = 5000
"""Files in an archive; one of ours has some two hundred."""

PIECE = 2**22
"""Bytes that are read at a time."""

_UNFOLDS = 100
_ALWAYS = 2**26
"""What an archive may unfold to: so many times its size, and so many bytes more. Weights take nine tenths packed."""

_LONGEST_NAME = 2**14
_LONGEST_REST = 2**20
_MOST_ENDS = 8
_OF_NAMES = (
    *(tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK),
    *(tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE),
)


class OverBudgetError(Exception):
    """An archive is more than it may be; the text says in what."""


class StoppedError(Exception):
    """Somebody asked for a stop while an archive was read."""


@contextmanager
def opened_archive(path: Path, stopping: Callable[[], bool]) -> Iterator[UntrustedArchive]:
    """Open a .tar.gz; raises OSError as `untrusted_files.opened` does.

    Inside, OverBudgetError is raised for what is over the budget, StoppedError once `stopping` says so, and ValueError,
    tarfile.TarError, EOFError, zlib.error or gzip.BadGzipFile for what is damaged.
    """
    with opened(path) as file:
        file.seek(0, io.SEEK_END)
        budget = _ALWAYS + _UNFOLDS * file.tell()
        file.seek(0)
        with gzip.GzipFile(fileobj=file) as unfolded:
            metered = _Metered(unfolded, budget, stopping)
            try:
                with tarfile.open(fileobj=metered, mode="r|", tarinfo=_Member) as members:
                    yield UntrustedArchive(members, metered, budget)
            except RecursionError as error:  # of names that follow one another without a file
                raise OverBudgetError("It holds names without end.") from error


class UntrustedArchive:
    """An archive that is read once, from its beginning to its end."""

    def __init__(self, members: tarfile.TarFile, content: _Metered, budget: int) -> None:
        self._members = members
        self._content = content
        self._budget = budget

    def __iter__(self) -> Iterator[tarfile.TarInfo]:
        """Yield each member; raises OverBudgetError for one that claims more than there can be."""
        claimed = 0
        for number, member in enumerate(self._members):
            if number >= MOST_MEMBERS:
                raise OverBudgetError(f"It holds more than {MOST_MEMBERS:,} files.")
            claimed += member.size
            if not 0 <= member.size <= self._budget or claimed > self._budget:
                raise OverBudgetError(f"It says that it holds more than {self._budget:,} bytes.")
            yield member

    def pieces(self, member: tarfile.TarInfo) -> Iterator[bytes]:
        """Yield the content of the plain file that was yielded last."""
        source = self._members.extractfile(member)
        while source is not None and (piece := source.read(PIECE)):
            yield piece

    def require_end(self) -> None:
        """Read to the end, where gzip raises for a wrong length or checksum: tarfile stops before them."""
        rest = 0
        while piece := self._content.read(PIECE):
            rest += len(piece)
            if rest > _LONGEST_REST:
                raise OverBudgetError("It goes on after its end.")


class _Member(tarfile.TarInfo):
    """A member whose names are no longer than names are; they are read into the memory whole."""

    @classmethod
    def frombuf(cls, buf: Any, encoding: str, errors: str) -> Self:
        """Return the member that a block of the archive describes."""
        member = super().frombuf(buf, encoding, errors)
        if member.type in _OF_NAMES and not 0 <= member.size <= _LONGEST_NAME:
            raise OverBudgetError(f"A name in it is {member.size:,} bytes long.")
        return member


class _Metered(io.RawIOBase):
    """What is unfolded, up to a number of bytes and until a stop; read again and again at its end it raises."""

    def __init__(self, file: gzip.GzipFile, budget: int, stopping: Callable[[], bool]) -> None:
        self._file = file
        self._left = budget + _LONGEST_REST
        self._stopping = stopping
        self._ends = 0

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        if self._stopping():
            raise StoppedError
        piece = self._file.read(size)
        self._left -= len(piece)
        self._ends += not piece
        if self._left < 0:
            raise OverBudgetError("It unfolds to more than it can hold.")
        if self._ends > _MOST_ENDS:  # tarfile goes on asking for what a size promises
            raise EOFError("it ends before what it says that it holds")
        return piece
