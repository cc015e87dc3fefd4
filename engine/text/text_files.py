"""Texts to learn from, read a piece at a time: files of one's own, checked to be text."""

from __future__ import annotations

import hashlib
import io
import unicodedata
import zlib
from abc import abstractmethod
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from engine.core.errors import DataError
from engine.text.documents import CHATS, DOCUMENTS, document_text
from engine.text.encodings import Encoding, decoded, encoding_of, unreadable

PLAIN = (".txt", ".md", ".text", ".markdown")
"""Plain texts of a folder; given by itself, a file with any other ending is tried as plain text too."""

SUFFIXES = (*PLAIN, *DOCUMENTS)
"""Files of a folder that are taken for texts."""

READABLE = (*SUFFIXES, *CHATS)
"""Files that are taken one by one: also exports of chats, which a folder of other things may hold by chance."""


_LONGEST_WAIT = 2**16
_NAMED = 4


class Text(Protocol):
    """Something to learn from that can be read more than once.

    Attributes:
        source: where it comes from, for people, and to tell whether two texts are versions of one.
        size: its bytes, near enough to show progress.
        sources: the files and folders it was asked for by, where there are any.
        made_of: the fingerprint of the dataset whose text it is; empty where it comes from elsewhere.
    """

    source: str
    size: int
    sources: tuple[str, ...] = ()
    made_of: str = ""

    @abstractmethod
    def documents(self) -> Iterator[Iterator[str]]:
        """Return each document from its beginning, in pieces, to be read in turn; raises DataError for what is no text.

        All pieces one after the other are the whole text: white space that separates documents is in them.
        """

    def pieces(self) -> Iterator[str]:
        """Yield the whole text from its beginning, in pieces; raises what `documents` raises."""
        for document in self.documents():
            yield from document

    @abstractmethod
    def notes(self) -> list[str]:
        """Return what was changed on the way, in a sentence each, once it has been read."""


class FileText(Text):
    """One file, or several with a blank line between them: line ends become LF, and characters composed (NFC).

    Attributes:
        paths: the files, in the order they are read.
        left_out: other files of the folders they are from: chats, or no texts.
    """

    def __init__(
        self, paths: list[Path], source: str, left_out: Sequence[Path] = (), sources: Sequence[str] = ()
    ) -> None:
        self.source = source
        self.sources = tuple(sources) or (source,)
        self.size = sum(_size(path) for path in paths)
        self.paths = paths
        self.left_out = tuple(left_out)
        self._encodings: dict[Path, Encoding] = {}
        self._seen: Counter[str] = Counter()
        self._last = ""

    def documents(self) -> Iterator[Iterator[str]]:
        """Return the text of each file; raises DataError for a file that cannot be read or is no text."""
        self._seen.clear()
        self._last = ""
        return map(self._document, self.paths)

    def notes(self) -> list[str]:
        """Return what was changed on the way."""
        seen, notes = self._seen, []
        if seen["marks"]:
            notes.append("A byte-order mark at the beginning was left out.")
        if seen["line ends"]:
            notes.append("Windows or old Mac line ends became plain line ends.")
        if seen["composed"]:
            notes.append("Letters that were written apart from their accents were joined with them (Unicode NFC).")
        if names := {one.told for one in self._encodings.values() if one.name != "utf-8"}:
            notes.append(f"{_files(seen['converted'])} in {' and '.join(sorted(names))} became UTF-8.")
        if damaged := sum(one.damaged for one in self._encodings.values()):
            notes.append(f"{_files(seen['damaged'])} had {damaged:,} bytes that are no character; each became \ufffd.")
        if seen["documents"]:
            notes.append(f"{_files(seen['documents'])} had the text taken out of its layout: look it through.")
        if chats := [path for path in self.left_out if path.suffix.lower() in CHATS]:
            endings = ", ".join(CHATS)
            notes.append(f"{_files(len(chats))} ({endings}) were left out: give an exported chat by itself.")
        if others := [path.name for path in self.left_out if path not in chats]:
            more = f" and {len(others) - _NAMED:,} more" if len(others) > _NAMED else ""
            notes.append(f"Left out, not text: {', '.join(others[:_NAMED])}{more}.")
        return notes

    def _document(self, path: Path) -> Iterator[str]:
        """Yield the text of one file, a blank line between it and what came before."""
        between = "" if not self._last else "\n" if self._last.endswith("\n") else "\n\n"
        for piece in self._composed(self._plain_lines(self._read(path))):
            yield between + piece
            between, self._last = "", piece

    def _read(self, path: Path) -> Iterator[str]:
        """Return the text that is in a file."""
        if path.suffix.lower() in DOCUMENTS | CHATS:
            self._seen["documents"] += 1
            return document_text(path)
        if path not in self._encodings:
            self._encodings[path] = encoding_of(path)
        encoding = self._encodings[path]
        self._seen["marks"] += bool(encoding.mark)
        self._seen["converted"] += encoding.name != "utf-8"
        self._seen["damaged"] += bool(encoding.damaged)
        return decoded(path, encoding)

    def _plain_lines(self, pieces: Iterator[str]) -> Iterator[str]:
        """Yield a text with every line end as LF."""
        newlines = io.IncrementalNewlineDecoder(None, translate=True)
        for piece in pieces:
            yield newlines.decode(piece)
        yield newlines.decode("", final=True)
        found = newlines.newlines or ()
        self._seen["line ends"] += bool({*([found] if isinstance(found, str) else found)} - {"\n"})

    def _composed(self, pieces: Iterator[str]) -> Iterator[str]:
        """Yield a text in NFC, without empty pieces; what follows ASCII never changes what is before it."""
        waiting = ""
        for piece in pieces:
            waiting += piece
            cut = _last_ascii(waiting)
            if not cut and len(waiting) > _LONGEST_WAIT:
                cut = len(waiting)
            if cut:
                yield self._normalized(waiting[:cut])
                waiting = waiting[cut:]
        if waiting:
            yield self._normalized(waiting)

    def _normalized(self, text: str) -> str:
        if text.isascii() or unicodedata.is_normalized("NFC", text):
            return text
        self._seen["composed"] += 1
        return unicodedata.normalize("NFC", text)


@dataclass(slots=True)
class Survey:
    """What reading a text through tells of it.

    Attributes:
        characters, bytes: how long it is; bytes of UTF-8.
        tells_symbols: whether to find its different characters, which takes time and only the char tokenizer needs.
        symbols: its different characters.
        blank: whether it is nothing but white space.
        documents: the characters of each document.
    """

    tells_symbols: bool = True
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
        if self.tells_symbols:
            self.symbols.update(piece)
        self.blank = self.blank and piece.isspace()
        self._digest.update(encoded)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the text so far, as UTF-8."""
        return self._digest.hexdigest()


def own_text(path: Path) -> FileText:
    """Return the text of a file, or of all texts of a folder and the folders in it, in order of path.

    Raises DataError when there is nothing to read.
    """
    try:
        if path.is_dir():
            return _texts_in(path)
        if path.is_file():
            return FileText([path], str(path.resolve()))
        exists = path.exists()
    except OSError as error:
        raise unreadable(path, error) from error
    if exists:
        raise DataError(f"{path} is neither a file nor a folder.", fix="Choose a text file.", code="not_a_file")
    raise DataError(
        f"There is no file or folder {path}.",
        cause="A relative path starts at the folder the command is run in.",
        fix="Check the spelling, or drag the file into the terminal to get its whole path.",
        code="file_not_found",
    )


def own_texts(paths: Sequence[Path]) -> FileText:
    """Return the texts of several files and folders as one, in the order given; raises what `own_text` raises."""
    if len(paths) == 1:
        return own_text(paths[0])
    found = [own_text(path) for path in paths]
    names = "\n".join(one.source for one in found)
    source = f"{found[0].source} and {len(found) - 1} more ({zlib.crc32(names.encode('utf-8', 'replace')):08x})"
    left_out = [path for one in found for path in one.left_out]
    return FileText([path for one in found for path in one.paths], source, left_out, [one.source for one in found])


def _texts_in(folder: Path) -> FileText:
    """Return the texts of a folder and the folders in it, hidden ones left out; raises DataError for a link."""
    entries = [
        path
        for path in sorted(folder.rglob("*"))
        if not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]
    for path in entries:
        refuse_link(path)
    files = [path for path in entries if path.is_file()]
    found = [path for path in files if path.suffix.lower() in SUFFIXES]
    if not found:
        raise DataError(
            f"There are no texts in the folder {folder}.",
            cause=f"Files that end in {', '.join(SUFFIXES)} are taken, also from the folders in it.",
            fix="Save your texts as plain text (.txt) there, or choose a single file.",
            code="no_texts",
        )
    return FileText(found, str(folder.resolve()), [path for path in files if path.suffix.lower() not in SUFFIXES])


def refuse_link(path: Path) -> None:
    """Raise DataError for a symbolic link: a folder from elsewhere could read any file of yours through one."""
    if path.is_symlink():
        raise DataError(
            f"{path} is a symbolic link.",
            cause="Through a link, a folder from elsewhere could take in any file of this machine.",
            fix="Put the file itself in its place, or leave the link out.",
            code="symbolic_link",
        )


def _size(path: Path) -> int:
    """Return the bytes of a file."""
    try:
        return path.stat().st_size
    except OSError as error:
        raise unreadable(path, error) from error


def _last_ascii(text: str) -> int:
    """Return the place of the last ASCII character, or 0."""
    return next((place for place in range(len(text) - 1, 0, -1) if text[place].isascii()), 0)


def _files(count: int) -> str:
    return "One file" if count == 1 else f"{count:,} files"
