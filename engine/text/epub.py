"""The text of an e-book (.epub)."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from engine.core.errors import DataError
from engine.text import packed
from engine.text.account import FileAccount
from engine.text.encodings import declared_in
from engine.text.packed import archive_of, local_name, xml_root_of
from engine.text.plain import read_text
from engine.text.refusals import unusable
from engine.text.sources import Source, ZippedFile
from engine.text.web import page_text
from engine.text.wishes import ReadingWishes

_PAGES = {"application/xhtml+xml", "text/html", "text/x-oeb1-document", "application/x-dtbook+xml"}
_NOTES = 9
_FONTS_ONLY = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
"""Ways of encrypting that are used for fonts alone, which readers undo by themselves."""


def epub_text(source: Source, account: FileAccount, wishes: ReadingWishes) -> Iterator[str]:
    """Yield the chapters of an e-book in reading order; raises DataError for one with copy protection."""
    with archive_of(source) as archive:
        book = _Book(source, archive)
        spine = book.spine()
        book.refuse_protected({chapter.name for chapter in spine})
        book.refuse_bomb(spine)
        for chapter in spine:
            yield from _chapter(book, chapter, account, wishes)
        account.encoding = " and ".join(sorted(book.encodings)) if book.encodings != {"UTF-8"} else ""
        apart = book.pages - {chapter.name for chapter in spine}
        if apart:
            account.dropped["pages that are not in the reading order"] += len(apart)


@dataclass(frozen=True, slots=True)
class _Chapter:
    """A part of the reading order: the name of its file in the archive, empty where it names none, and its kind."""

    name: str
    kind: str


@dataclass(slots=True)
class _Book:
    """An e-book's archive: what its package says is in it."""

    source: Source
    archive: zipfile.ZipFile
    pages: set[str] = field(default_factory=set)
    encodings: set[str] = field(default_factory=set)
    spellings: dict[str, str] = field(default_factory=dict)

    def spine(self) -> list[_Chapter]:
        """Return the reading order; raises DataError where there is none."""
        place = self._package()
        items, order = {}, []
        for element in xml_root_of(self.archive, place, self.source).iter():
            if local_name(element) == "item":
                name = self._resolved(place, element.get("href", ""))
                items[element.get("id")] = _Chapter(name, element.get("media-type", ""))
                if element.get("media-type") in _PAGES and "nav" not in element.get("properties", "").split():
                    self.pages.add(name)
            elif local_name(element) == "itemref":
                order.append(element.get("idref"))
        if not order:
            raise unusable(self.source, "It has no reading order.", "Open it in Calibre and convert it to .epub anew.")
        return [items.get(reference, _Chapter("", "")) for reference in order]

    def refuse_protected(self, chapters: set[str]) -> None:
        """Raise DataError where chapters are encrypted."""
        if "META-INF/encryption.xml" not in self.archive.namelist():
            return
        for data in xml_root_of(self.archive, "META-INF/encryption.xml", self.source).iter():
            if local_name(data) != "EncryptedData":
                continue
            inside = {local_name(element): element for element in data.iter()}
            way, what = inside.get("EncryptionMethod"), inside.get("CipherReference")
            if way is not None and way.get("Algorithm") in _FONTS_ONLY:
                continue
            if what is None or unquote(what.get("URI", "")) in chapters:
                fix = "Understudy opens no locks. Get the book without copy protection (DRM)."
                raise unusable(self.source, "The book is copy-protected: its chapters are encrypted.", fix)

    def refuse_bomb(self, chapters: list[_Chapter]) -> None:
        """Raise DataError where the chapters unfold to more than any book has."""
        names = set(self.archive.namelist())
        sizes = (self.archive.getinfo(each.name).file_size for each in chapters if each.name in names)
        if sum(sizes) > packed.EXPANDED_LIMIT:
            raise packed.unfolds_too_far(self.source)

    def _package(self) -> str:
        """Return the name of the package file: as the container says, else the one there is."""
        names = self.archive.namelist()
        if "META-INF/container.xml" in names:
            for element in xml_root_of(self.archive, "META-INF/container.xml", self.source).iter():
                if local_name(element) == "rootfile" and element.get("full-path") in names:
                    return str(element.get("full-path"))
        found = [name for name in names if name.endswith(".opf")]
        if not found:
            raise unusable(self.source, "It does not say what is in it: its package file is missing.", "Get it anew.")
        return found[0]

    def _resolved(self, place: str, reference: str) -> str:
        """Return the name of a file of the archive that another refers to, as it is spelled there."""
        path = urlsplit(reference).path
        names = self.archive.NameToInfo
        for spelling in (unquote(path), path):
            name = posixpath.normpath(posixpath.join(posixpath.dirname(place), spelling))
            if name in names:
                return name
        return self._spelled().get(name.casefold(), name)

    def _spelled(self) -> dict[str, str]:
        """Return the names in the archive by how they would be in small letters."""
        if not self.spellings:
            self.spellings |= {name.casefold(): name for name in self.archive.NameToInfo}
        return self.spellings


def _chapter(book: _Book, chapter: _Chapter, account: FileAccount, wishes: ReadingWishes) -> Iterator[str]:
    """Yield the text of a chapter, and count what cannot be read of it."""
    if chapter.name not in book.archive.NameToInfo:
        account.lost["missing chapters"] += 1
        return
    if chapter.kind.startswith(("image/", "audio/", "video/", "font/")):
        account.dropped["pictures and the like among the chapters"] += 1
        return
    file = ZippedFile(book.archive, book.archive.getinfo(chapter.name))
    inner = FileAccount()
    try:
        yield from _pages(file, chapter.kind, inner, account, wishes)
    except (DataError, OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError):
        account.lost["damaged chapters"] += 1
        return
    yield "\n\n"
    account.parts += 1
    account.replaced += inner.replaced
    book.encodings.add(inner.encoding)


def _pages(
    file: ZippedFile, kind: str, inner: FileAccount, account: FileAccount, wishes: ReadingWishes
) -> Iterator[str]:
    """Yield the text of a chapter's file: a page, or plain text where it is no page."""
    with file.open() as opened:
        head = opened.read(2**12)
    declared = declared_in(head)
    asked = wishes if not declared else ReadingWishes()
    if kind not in _PAGES and len(account.notes) < _NOTES:
        account.notes.append(f"{file.name} is of a kind that books do not have ({kind or 'none'}); read all the same.")
    pieces = read_text(file, inner, asked, declared)
    yield from pieces if kind == "text/plain" else page_text(pieces, account)
