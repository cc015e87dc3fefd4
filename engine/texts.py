"""Texts to learn from, read a piece at a time: files of one's own, checked to be text."""

from __future__ import annotations

import codecs
import hashlib
import io
from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from engine.errors import DataError

PIECE = 2**16
"""Bytes read at a time: what a preparation holds of a text, however long it is."""

SUFFIXES = (".txt", ".md")
"""Files of a folder that are taken for texts."""


class Text(Protocol):
    """Something to learn from that can be read more than once.

    Attributes:
        source: where it comes from, for people, and to tell whether two texts are versions of one.
        size: its bytes, near enough to show progress.
    """

    source: str
    size: int

    @abstractmethod
    def documents(self) -> Iterator[Iterator[str]]:
        """Give each document from its beginning, in pieces, to be read in turn; raises DataError for what is no text.

        All pieces one after the other are the whole text: white space that separates documents is in them.
        """

    def pieces(self) -> Iterator[str]:
        """Give the whole text from its beginning, in pieces; raises what `documents` raises."""
        for document in self.documents():
            yield from document

    @abstractmethod
    def notes(self) -> list[str]:
        """Give what was changed on the way, in a sentence each, once it has been read."""


class FileText(Text):
    """One file, or several with a blank line between them; a byte-order mark is dropped, line ends become LF."""

    def __init__(self, paths: list[Path], source: Path) -> None:
        self.source = str(source.resolve())
        self.size = sum(_size(path) for path in paths)
        self._paths = paths
        self._with_marks = 0
        self._with_other_line_ends = 0

    def documents(self) -> Iterator[Iterator[str]]:
        """Give the text of each file; raises DataError for a file that cannot be read or is not text."""
        self._with_marks = self._with_other_line_ends = 0
        self._last = ""
        return map(self._document, self._paths)

    def _document(self, path: Path) -> Iterator[str]:
        """Give the text of one file, a blank line between it and what came before."""
        between = "" if not self._last else "\n" if self._last.endswith("\n") else "\n\n"
        for piece in self._pieces_of(path):
            yield between + piece
            between, self._last = "", piece

    def notes(self) -> list[str]:
        """Give what was changed on the way."""
        told = []
        if self._with_marks:
            told.append("A byte-order mark at the beginning was left out.")
        if self._with_other_line_ends:
            told.append("Windows or old Mac line ends became plain line ends.")
        return told

    def _pieces_of(self, path: Path) -> Iterator[str]:
        """Give the text of one file, without its mark and with plain line ends."""
        newlines = io.IncrementalNewlineDecoder(None, translate=True)
        first = True
        for decoded in _decoded(path):
            if first and decoded.startswith("\ufeff"):
                self._with_marks += 1
                decoded = decoded[1:]
            first = first and not decoded
            if piece := newlines.decode(decoded):
                yield piece
        if piece := newlines.decode("", final=True):
            yield piece
        found = newlines.newlines or ()
        self._with_other_line_ends += bool({found} - {"\n"} if isinstance(found, str) else {*found} - {"\n"})


@dataclass(slots=True)
class Survey:
    """What reading a text through tells of it.

    Attributes:
        characters, bytes: how long it is; bytes of UTF-8.
        symbols: its different characters.
        blank: whether it is nothing but white space.
        documents: the characters of each document.
    """

    characters: int = 0
    bytes: int = 0
    symbols: set[str] = field(default_factory=set)
    blank: bool = True
    documents: list[int] = field(default_factory=list)
    _digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    def begin_document(self) -> None:
        """Say that the next piece begins a document."""
        self.documents.append(0)

    def add(self, piece: str) -> None:
        """Take the next piece in."""
        encoded = piece.encode()
        self.characters += len(piece)
        self.documents[-1] += len(piece)
        self.bytes += len(encoded)
        self.symbols.update(piece)
        self.blank = self.blank and piece.isspace()
        self._digest.update(encoded)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the text so far, as UTF-8."""
        return self._digest.hexdigest()


def own_text(path: Path) -> FileText:
    """Give the text of a file, or of all .txt and .md files of a folder and the folders in it, in order of path.

    Raises DataError when there is nothing to read.
    """
    try:
        if path.is_dir():
            return FileText(_texts_in(path), path)
        if path.is_file():
            return FileText([path], path)
        exists = path.exists()
    except OSError as error:
        raise _unreadable(path, error) from error
    if exists:
        raise DataError(f"{path} is neither a file nor a folder.", fix="Choose a text file.", code="not_a_file")
    raise DataError(
        f"There is no file or folder {path}.",
        cause="A relative path starts at the folder the command is run in.",
        fix="Check the spelling, or drag the file into the terminal to get its whole path.",
        code="file_not_found",
    )


def _texts_in(folder: Path) -> list[Path]:
    """Give the texts of a folder and the folders in it, hidden ones left out; raises DataError for a link."""
    entries = [
        path
        for path in sorted(folder.rglob("*"))
        if not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]
    for path in entries:
        refuse_link(path)
    found = [path for path in entries if path.suffix.lower() in SUFFIXES and path.is_file()]
    if not found:
        raise DataError(
            f"There are no texts in the folder {folder}.",
            cause=f"Files that end in {' or '.join(SUFFIXES)} are taken, also from the folders in it.",
            fix="Save your texts as plain text (.txt) there, or choose a single file.",
            code="no_texts",
        )
    return found


def refuse_link(path: Path) -> None:
    """Raise DataError for a symbolic link: a folder from elsewhere could read any file of yours through one."""
    if path.is_symlink():
        raise DataError(
            f"{path} is a symbolic link.",
            cause="Through a link, a folder from elsewhere could take in any file of this machine.",
            fix="Put the file itself in its place, or leave the link out.",
            code="symbolic_link",
        )


def _decoded(path: Path) -> Iterator[str]:
    """Give a file's text piece by piece; raises DataError at the first byte that is not UTF-8 text."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    offset = 0
    try:
        with path.open("rb") as file:
            while True:
                block = file.read(PIECE)
                waiting = len(decoder.getstate()[0])
                if b"\0" in block:
                    raise _binary(path, offset + block.index(b"\0"), file_start=block[:2] if not offset else b"")
                yield decoder.decode(block, final=not block)
                if not block:
                    return
                offset += len(block)
    except UnicodeDecodeError as error:
        raise _not_utf8(path, offset - waiting + error.start) from error
    except OSError as error:
        raise _unreadable(path, error) from error


def _size(path: Path) -> int:
    """Give the bytes of a file."""
    try:
        return path.stat().st_size
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> DataError:
    return DataError(
        f"{path} cannot be read.",
        cause=f"The system says: {error.strerror or error}.",
        fix="Check that the file is still there and that you may open it.",
        code="unreadable",
    )


def _binary(path: Path, offset: int, file_start: bytes) -> DataError:
    utf16 = file_start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    return DataError(
        f"{path} is not plain text.",
        cause="It is text in UTF-16." if utf16 else f"Byte {offset:,} is zero, which happens only in binary files.",
        fix="Open it in the program it belongs to and save or export it as plain text in UTF-8.",
        code="binary_file",
    )


def _not_utf8(path: Path, offset: int) -> DataError:
    return DataError(
        f"{path} is not text in UTF-8.",
        cause=f"Byte {offset:,} belongs to no UTF-8 character; the file was saved in another encoding.",
        fix="Open it in a text editor and save it as UTF-8.",
        code="not_utf8",
    )
