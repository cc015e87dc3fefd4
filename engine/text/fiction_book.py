"""The text of a FictionBook (.fb2)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from engine.text.account import FileAccount
from engine.text.encodings import declared_in
from engine.text.packed import feed_xml
from engine.text.plain import read_text
from engine.text.sources import Source
from engine.text.story import Story
from engine.text.wishes import ReadingWishes

_LINES = ("p", "v", "subtitle", "text-author", "date")
_APART = ("section", "title", "epigraph", "poem", "stanza", "cite", "annotation", "empty-line", "subtitle")
_LEFT_OUT = ("description", "binary", "stylesheet")
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")


def fiction_book_text(source: Source, account: FileAccount, wishes: ReadingWishes) -> Iterator[str]:
    """Yield the paragraphs of a FictionBook, its notes last; its description and pictures are left out."""
    with source.open("rb") as file:
        declared = declared_in(file.read(2**10))
    words = _Words()
    pieces = read_text(source, account, wishes, declared)
    for _ in feed_xml(_undeclared(pieces), source, words):
        yield words.story.take()


class _Words:
    """Hears of the elements of a book, and tells its story."""

    def __init__(self) -> None:
        self.story = Story()
        self._depth = 0
        self._blank = True

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Hear that an element begins."""
        name = tag.rpartition("}")[2]
        if self._depth or name in _LEFT_OUT:
            self._depth += 1
        elif name in _APART and not self._blank and not self.story.in_paragraph:
            self._add_blank_line()
        if self._depth:
            return
        if name in _LINES:
            self.story.begin_paragraph()
        elif name == "tr":
            self.story.begin_row()
        elif name in ("td", "th"):
            self.story.begin_cell()
            self.story.begin_paragraph()

    def end(self, tag: str) -> None:
        """Hear that an element ends."""
        name = tag.rpartition("}")[2]
        if self._depth:
            self._depth -= 1
        elif name in _LINES:
            self.story.end_paragraph()
            self._blank = False
        elif name in ("td", "th"):
            self.story.end_paragraph()
            self.story.end_cell()
        elif name == "tr":
            self.story.end_row()
        elif name in _APART and not self._blank and not self.story.in_paragraph:
            self._add_blank_line()

    def data(self, words: str) -> None:
        """Hear what stands in an element."""
        if not self._depth and self.story.in_paragraph:
            self.story.write(re.sub(r"\s+", " ", words))

    def _add_blank_line(self) -> None:
        self.story.begin_paragraph()
        self.story.end_paragraph()
        self._blank = True


def _undeclared(pieces: Iterable[str]) -> Iterator[str]:
    """Yield a file without the declaration of an encoding that it is no longer in."""
    first = True
    for piece in pieces:
        yield _DECLARATION.sub("", piece) if first else piece
        first = False
