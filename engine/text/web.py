"""The text of a web page (.html)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser

from engine.text.account import FileAccount
from engine.text.plain import read_text
from engine.text.sources import Source
from engine.text.wishes import ReadingWishes

_SILENT = {"script", "style", "head", "template", "noscript", "svg", "nav", "iframe", "object", "select"}
_PARAGRAPHS = {"p", "div", "section", "article", "blockquote", "ul", "ol", "table", "figure", "h1", "h2", "h3"}
_PARAGRAPHS |= {"h4", "h5", "h6", "pre", "header", "footer", "main", "aside", "body", "dl", "hr", "form"}
_LINES = {"br", "li", "tr", "dt", "dd", "option"}


def web_text(source: Source, account: FileAccount, wishes: ReadingWishes) -> Iterator[str]:
    """Yield what a page says, without its menus and scripts."""
    yield from page_text(read_text(source, account, wishes))


class _Page(HTMLParser):
    """Collects what a page says."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._found: list[str] = []
        self._after_space = True
        self._silent: list[str] = []
        self._preformatted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent.append(tag)
        elif tag == "body":
            self._silent.clear()  # a head may be left open
        self._preformatted += tag == "pre"
        self._break(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._silent:
            while self._silent.pop() != tag:
                pass
        self._preformatted = max(0, self._preformatted - (tag == "pre"))
        if tag not in _LINES:
            self._break(tag)

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        if not self._preformatted:
            data = re.sub(r"\s+", " ", data)
            data = data[1:] if self._after_space and data.startswith(" ") else data
        if data:
            self._found.append(data)
            self._after_space = data[-1].isspace()

    def _break(self, tag: str) -> None:
        if not self._silent and (tag in _PARAGRAPHS or tag in _LINES):
            self._found.append("\n\n" if tag in _PARAGRAPHS else "\n")
            self._after_space = True

    def take(self) -> str:
        """Return what was collected since the last time."""
        found = "".join(self._found)
        self._found.clear()
        return found


def page_text(pieces: Iterable[str]) -> Iterator[str]:
    """Yield what a page says, its paragraphs a blank line apart."""
    page = _Page()
    waiting = ""
    for piece in pieces:
        page.feed(piece)
        waiting = _tidied(waiting + page.take())
        cut = max(0, waiting.rstrip().rfind("\n"))  # white space at the end may go on
        yield waiting[:cut]
        waiting = waiting[cut:]
    page.close()
    yield _tidied(waiting + page.take()).rstrip() + "\n"


def _tidied(text: str) -> str:
    """Return a text with at most one blank line at a time, and no white space before line ends."""
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", text))
