"""Texts to learn from, read a piece at a time: files of one's own, checked to be text."""

from __future__ import annotations

import hashlib
import zlib
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, repeat
from pathlib import Path
from typing import Protocol

from engine.core.errors import DataError
from engine.text.account import Account, FileAccount
from engine.text.chats.layout import names_not_found
from engine.text.cleaning import cleaned
from engine.text.encodings import Encoding
from engine.text.folder import Found, texts_in_archive, texts_in_folder
from engine.text.formats import Format, format_of, text_of
from engine.text.letters import LetterCount
from engine.text.refusals import unreadable
from engine.text.sources import Source, size_of
from engine.text.turns import Turns
from engine.text.wishes import ReadingWishes


class Text(Protocol):
    """Something to learn from that can be read more than once.

    Attributes:
        source: where it comes from, for people, and to tell whether two texts are versions of one.
        size: its bytes, near enough to show progress.
        sources: the files and folders it was asked for by, where there are any.
        made_of: the fingerprint of the dataset whose text it is; empty where it comes from elsewhere.
        turns: who speaks in it, where that is known before it is read.
    """

    source: str
    size: int
    sources: tuple[str, ...] = ()
    made_of: str = ""
    turns: Turns | None = None

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

    @property
    def account(self) -> Account:
        """What became of the files it is from, once it has been read."""
        return Account()

    @property
    def document_count(self) -> int:
        """How many documents it is in, known before any is read."""
        return 1


class FileText(Text):
    """One file, or several with a blank line between them, each read for what it is and cleaned (cleaning.py).

    Attributes:
        files: what is read, in order.
        left_out: other files of the folders they are from, and why.
    """

    def __init__(
        self, found: Found, source: str, sources: Sequence[str] = (), wishes: ReadingWishes | None = None
    ) -> None:
        self.source = source
        self.sources = tuple(sources) or (source,)
        self.files = found.files
        self.left_out = tuple(found.left_out)
        self.size = sum(_size(file) for file, _ in self.files)
        self._wishes = wishes or ReadingWishes()
        self._accounts: list[FileAccount] = []
        self._last = ""

    def documents(self) -> Iterator[Iterator[str]]:
        """Return the text of each file; raises DataError for a file that cannot be read or is no text."""
        known = [account.found_encoding for account in self._accounts]
        self._accounts.clear()
        self._last = ""
        encodings = chain(known, repeat(None))
        return (self._document(file, kind, known) for (file, kind), known in zip(self.files, encodings, strict=False))

    @property
    def account(self) -> Account:
        """What became of the files, as far as they have been read."""
        return Account(tuple(self._accounts), self.left_out)

    @property
    def document_count(self) -> int:
        """The number of files."""
        return len(self.files)

    def notes(self) -> list[str]:
        """Return what was changed on the way."""
        account = self.account
        strange = names_not_found(self._wishes, account.messages)
        return [*account.sentences(), *(f"Nobody in it is called {name}, to be called otherwise." for name in strange)]

    def _document(self, file: Source, kind: Format, known: Encoding | None) -> Iterator[str]:
        """Yield the text of one file, a blank line between it and what came before."""
        account = FileAccount(str(file), found_encoding=known)
        self._accounts.append(account)
        between = "" if not self._last else "\n" if self._last.endswith("\n") else "\n\n"
        for piece in cleaned(text_of(file, kind, account, self._wishes), account):
            account.characters += len(between) + len(piece)
            yield between + piece
            between, self._last = "", piece


@dataclass(slots=True)
class Survey:
    """What reading a text through tells of it.

    Attributes:
        characters, bytes: how long it is; bytes of UTF-8.
        tells_symbols: whether to find its different characters, which takes time and only the char tokenizer needs.
        symbols: its different characters.
        blank: whether it is nothing but white space.
        documents: the characters of each document.
        letters: in which kind of script it is.
    """

    tells_symbols: bool = True
    characters: int = 0
    bytes: int = 0
    symbols: set[str] = field(default_factory=set)
    blank: bool = True
    documents: list[int] = field(default_factory=list)
    letters: LetterCount = field(default_factory=LetterCount)
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
        self.letters.add(piece)
        self.blank = self.blank and piece.isspace()
        self._digest.update(encoded)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the text so far, as UTF-8."""
        return self._digest.hexdigest()


def own_text(path: Path, wishes: ReadingWishes | None = None) -> FileText:
    """Return the text of a file, or of all texts of a folder and the folders in it, or of a .zip, in natural order.

    Raises DataError when there is nothing to read, or when a part of a folder may not be read and `wishes` do not say
    to go on without it.
    """
    return own_texts([path], wishes)


def whole_text(path: Path) -> str:
    """Return the text of a file at once; raises DataError for a folder, and for what cannot be read without loss."""
    if path.is_dir():
        raise DataError(f"{path} is a folder.", fix="Choose a text file.", code="not_a_file")
    text = own_text(path)
    whole = "".join(text.pieces())
    text.account.refuse_loss(text.source)
    return whole


def own_texts(paths: Sequence[Path], wishes: ReadingWishes | None = None) -> FileText:
    """Return the texts of several files and folders as one, in the order given; raises what `own_text` raises."""
    wishes = wishes or ReadingWishes()
    parts = [_found(path) for path in paths]
    sources = [str(path.resolve()) for path in paths]
    source = sources[0]
    if len(paths) > 1:
        names = "\n".join(sources)
        source += f" and {len(paths) - 1} more ({zlib.crc32(names.encode('utf-8', 'replace')):08x})"
    found = Found([file for part in parts for file in part.files], [out for part in parts for out in part.left_out])
    if not wishes.allow_loss:
        Account(left_out=found.left_out).refuse_loss(source)
    return FileText(found, source, sources, wishes)


def _found(path: Path) -> Found:
    """Return the files that are read for a path; raises DataError when there is none."""
    try:
        if path.is_dir():
            return texts_in_folder(path)
        if path.is_file():
            kind = format_of(path)
            return texts_in_archive(path) if kind.kind == "archive" else Found([(path, kind)], [])
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


def _size(source: Source) -> int:
    """Return the bytes of a file."""
    try:
        return size_of(source)
    except OSError as error:
        raise unreadable(source, error) from error
