"""The texts of the catalogue, taken out of the files that they come in."""

from __future__ import annotations

import csv
import hashlib
import re
import sysconfig
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.core.errors import DataError
from engine.core.paths import shipped
from engine.text.catalogue import CatalogueEntry
from engine.text.folder import Found
from engine.text.formats import PLAIN
from engine.text.plays import Plays
from engine.text.refusals import unreadable
from engine.text.text_files import FileText, Text

PYTHON_BYTES = 3_000_000
"""How much of Python's library is taken: its modules in the order of their names."""

_START = re.compile(r"^\*\*\* ?START OF TH(?:IS|E) PROJECT GUTENBERG EBOOK.*$", re.MULTILINE)
_END = re.compile(r"^\*\*\* ?END OF TH(?:IS|E) PROJECT GUTENBERG EBOOK.*$", re.MULTILINE)
_ENCODING = re.compile(rb"^Character set encoding: *([\w-]+)", re.MULTILINE)
_CREDITS = re.compile(r"\A\s*Produced by (?:.+\n)+")
_LAST_WORDS = re.compile(r"^End of (?:the )?Project Gutenberg(?:.+\n?)+\s*\Z", re.MULTILINE)


def built_in_text(entry: CatalogueEntry, paths: Sequence[Path]) -> Text:
    """Return the text of a catalogue entry out of its files, whose sums were checked, in the catalogue's order."""
    if entry.form == "plays":
        return Plays(entry.groups)
    if entry.form == "plain":
        return FileText(Found([(path, PLAIN) for path in paths], []), str(paths[0].resolve()))
    return CataloguedText(entry, paths)


class CataloguedText(Text):
    """A text that is made anew of its files each time it is read, a file at a time."""

    def __init__(self, entry: CatalogueEntry, paths: Sequence[Path]) -> None:
        self.source = entry.title
        self._form = entry.form
        self._paths = list(paths) or library_files()
        self.size = entry.bytes if entry.sha256 else sum(path.stat().st_size for path in self._paths)

    def documents(self) -> Iterator[Iterator[str]]:
        """Return each file's text, or the lines of all of them; raises DataError for a file that cannot be read."""
        if self._form in ("names", "openings"):
            taken = names_in if self._form == "names" else moves_in
            lines = [line for path in self._paths for line in taken(_read(path).decode("utf-8-sig"))]
            return iter([iter(["\n".join(shuffled(lines)) + "\n"])])
        return (iter([self._document(number, path)]) for number, path in enumerate(self._paths))

    @property
    def document_count(self) -> int:
        """The number of files; the lines of all of them are one document."""
        return 1 if self._form in ("names", "openings") else len(self._paths)

    def notes(self) -> list[str]:
        """Return what was done to the text."""
        if self._form == "gutenberg":
            return ["What Project Gutenberg puts before and after the book was left out."]
        if self._form in ("names", "openings"):
            return ["Each line stands in it once, in a random order that is always the same."]
        return []

    def _document(self, number: int, path: Path) -> str:
        between = "\n\n" if number else ""
        content = _read(path)
        return between + (gutenberg_book(content) if self._form == "gutenberg" else _composed(content.decode("utf-8")))


def gutenberg_book(content: bytes) -> str:
    """Return a book of Project Gutenberg without what stands before and after it, nor its name in it.

    Its encoding is the one that it says it is in; UTF-8 where it has that mark. Raises DataError where the lines that
    say where the book begins and ends are missing.
    """
    declared = _ENCODING.search(content)
    marked = content.startswith(b"\xef\xbb\xbf")
    encoding = "utf-8-sig" if marked or not declared else declared[1].decode("ascii")
    text = _composed(content.decode(encoding, "replace"))
    start, end = _START.search(text), _END.search(text)
    if not start or not end or end.start() < start.end():
        raise DataError(
            "This is no book of Project Gutenberg.",
            cause="The lines that say where it begins and where it ends are missing.",
            fix="Get the file again, or prepare it under a name of its own.",
            code="wrong_text",
        )
    book = _CREDITS.sub("", text[start.end() : end.start()])
    return _LAST_WORDS.sub("", book).strip() + "\n"


def names_in(text: str) -> list[str]:
    """Return the names of a list with one on each line."""
    return text.split()


def moves_in(table: str) -> list[str]:
    """Return the moves of each opening of a table of openings, whose column of them is called pgn."""
    return [row["pgn"] for row in csv.DictReader(table.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)]


def shuffled(lines: Sequence[str]) -> list[str]:
    """Return each line once, in a random order that is always the same: what judges is like what is learned."""
    return sorted(set(lines), key=lambda line: hashlib.sha256(line.encode()).digest())


def library_files() -> list[Path]:
    """Return the modules of Python's library, by name: those that ship with the application, else this Python's.

    No more of them than hold PYTHON_BYTES. Raises DataError where this Python came without its sources.
    """
    bundled = shipped("resources", "library")
    folder = bundled if bundled.is_dir() else Path(sysconfig.get_path("stdlib"))
    taken: list[Path] = []
    size = 0
    for path in sorted(folder.glob("*.py")):
        size += path.stat().st_size
        if size > PYTHON_BYTES:
            break
        taken.append(path)
    if not taken:
        raise DataError(
            "The sources of Python’s library are not here.",
            cause=f"This Python came without them: {folder} has no .py files.",
            fix="Choose another text, or prepare a folder of code of your own.",
            code="no_texts",
        )
    return taken


def _composed(text: str) -> str:
    """Return a text with plain line ends and composed letters (NFC)."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
