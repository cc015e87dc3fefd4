"""The text of a web page (.html)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum

from engine.text.account import FileAccount
from engine.text.encodings import declared_in
from engine.text.plain import read_text
from engine.text.sources import Source
from engine.text.wishes import ReadingWishes

_HEAD = 2**12
_SILENT = {"script", "style", "head", "title", "template", "noscript", "svg", "iframe", "object", "select", "audio"}
_SILENT |= {"video", "canvas", "datalist", "math-annotation"}
_SCRIPTS = "scripts and the like"
_READINGS = {"rt", "rp", "rtc"}
_PARAGRAPHS = {"p", "div", "section", "article", "blockquote", "ul", "ol", "table", "figure", "h1", "h2", "h3"}
_PARAGRAPHS |= {"h4", "h5", "h6", "pre", "header", "footer", "main", "aside", "body", "dl", "hr", "form", "nav"}
_LINES = {"li", "tr", "dt", "dd", "option", "caption", "figcaption"}
_CELLS = {"td", "th"}
_AFTER_MENU = {"main", "article", "h1"}
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\n\r\f\xa0]+")
_LONGEST_MENU = 2**16


class _Gap(IntEnum):
    """What stands between two words of a page, the greater where several meet."""

    NONE = 0
    SPACE = 1
    TAB = 2
    LINE = 3
    PARAGRAPH = 4


_GAPS = {_Gap.NONE: "", _Gap.SPACE: " ", _Gap.TAB: "\t", _Gap.LINE: "\n", _Gap.PARAGRAPH: "\n\n"}


def web_text(source: Source, account: FileAccount, wishes: ReadingWishes) -> Iterator[str]:
    """Yield what a page says, without its menus and scripts."""
    with source.open("rb") as file:
        declared = declared_in(file.read(_HEAD))
    yield from page_text(read_text(source, account, wishes, declared), account)
    yield "\n"


def page_text(pieces: Iterable[str], account: FileAccount) -> Iterator[str]:
    """Yield what a page says, its paragraphs a blank line apart, table cells a tab.

    The parser is fed piece by piece and keeps no tree, so that neither memory nor time depend on how a page is built.
    """
    from lxml import etree  # which plain text need not wait for

    page = _Page(account)
    parser = etree.HTMLParser(target=page, huge_tree=True)
    anything = False
    for piece in pieces:
        parser.feed(piece)
        anything = anything or bool(piece)
        yield page.take()
    if anything:
        parser.close()
    yield page.take()


class _Page:
    """Collects what a page says from the elements that the parser meets."""

    def __init__(self, account: FileAccount) -> None:
        self._account = account
        self._found: list[str] = []
        self._gap = _Gap.NONE
        self._begun = False
        self._cells = 0
        self._tabs = 0
        self._in_new_cell = False
        self._preformatted = 0
        self._at_start = False
        self._left_out: list[str] = []
        self._why = ""
        self._menu: _Menu | None = None

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Hear that an element begins."""
        if self._left_out:
            self._left_out.append(tag)
            return
        if why := _why_left_out(tag, attributes):
            self._left_out, self._why = [tag], why
            return
        if self._menu and tag in _AFTER_MENU:
            self._end_menu(drop=True)
        if tag == "nav" and not self._menu:
            self._menu = _Menu(self._found, self._gap)
            self._found = []
        if self._menu:
            self._menu.links += tag == "a"
        self._preformatted += tag == "pre"
        self._at_start = tag == "pre"
        self._separate(tag)

    def end(self, tag: str) -> None:
        """Hear that an element ends, by its end tag or because another begins."""
        if self._left_out:
            self._left_out.pop()
            return
        if self._menu:
            self._menu.links -= tag == "a"
            if tag == "nav":
                self._end_menu(drop=self._menu.is_one)
        self._preformatted = max(0, self._preformatted - (tag == "pre"))
        if tag in _PARAGRAPHS:
            self._widen(_Gap.PARAGRAPH)
        elif tag in _LINES:
            self._widen(_Gap.LINE)

    def data(self, words: str) -> None:
        """Hear what stands in an element."""
        if self._left_out:
            if self._why != _SCRIPTS:
                self._account.dropped[self._why] += len(words.strip())
            return
        if self._preformatted:
            self._write(words.removeprefix("\n") if self._at_start else words)
            self._at_start = False
            return
        words = _SPACE.sub(" ", words)
        if words.startswith(" "):
            self._widen(_Gap.SPACE)
        if inner := words.strip(" "):
            self._write(inner)
            if words.endswith(" "):
                self._widen(_Gap.SPACE)

    def comment(self, words: str) -> None:
        """Pass over what only authors see."""

    def close(self) -> None:
        """Hear that the page ends."""
        if self._menu:
            self._end_menu(drop=self._menu.is_one)

    def take(self) -> str:
        """Return what was collected since the last time, but for a menu that has not ended."""
        if self._menu:
            return self._menu.take_before()
        found = "".join(self._found)
        self._found.clear()
        return found

    def _separate(self, tag: str) -> None:
        """Make room before an element."""
        if tag in _CELLS:
            self._tabs = self._tabs + 1 if self._cells and self._in_new_cell else 1
            self._gap = _Gap.TAB if self._cells else _Gap.LINE
            self._cells += 1
            self._in_new_cell = True
        elif tag == "tr":
            self._cells = 0
            self._widen(_Gap.LINE)
        elif tag == "br":
            self._gap = _Gap.PARAGRAPH if self._gap >= _Gap.LINE else _Gap.LINE
        elif tag in _PARAGRAPHS:
            self._widen(_Gap.PARAGRAPH)
        elif tag in _LINES:
            self._widen(_Gap.LINE)

    def _widen(self, gap: _Gap) -> None:
        """Have at least such a gap before the next words; a cell's first words stand where the cell does."""
        if not self._in_new_cell or gap is _Gap.SPACE:
            self._gap = max(self._gap, gap)

    def _write(self, words: str) -> None:
        if self._begun:
            self._found.append(_GAPS[self._gap] * (self._tabs if self._gap is _Gap.TAB else 1))
        self._found.append(words)
        self._gap, self._begun, self._in_new_cell = _Gap.NONE, True, False
        if self._menu:
            self._menu.count(words)
            if self._menu.size > _LONGEST_MENU:
                self._end_menu(drop=self._menu.is_one)

    def _end_menu(self, *, drop: bool) -> None:
        """Leave out what a menu says; what was no menu, or never ended, is text like any other."""
        menu = self._menu
        if menu is None:
            return
        inside = self._found
        self._found, self._menu = menu.before, None
        if drop:
            self._account.dropped["menus"] += menu.size
            self._gap, self._begun = max(menu.gap, _Gap.PARAGRAPH), bool(self._found) or menu.begun_before
        else:
            self._found += inside


class _Menu:
    """A part of a page that its author calls navigation: what stands before it, and how much of it is links."""

    def __init__(self, before: list[str], gap: _Gap) -> None:
        self.before = before
        self.gap = gap
        self.links = 0
        self.size = 0
        self.begun_before = False
        self._linked = 0

    @property
    def is_one(self) -> bool:
        """Whether it is a menu: mostly links, or short."""
        return self._linked * 2 >= self.size or self.size < 100

    def count(self, words: str) -> None:
        """Count words that stand in it."""
        self.size += len(words)
        self._linked += len(words) if self.links > 0 else 0

    def take_before(self) -> str:
        """Return what stands before it, once."""
        before = "".join(self.before)
        self.before.clear()
        self.begun_before = self.begun_before or bool(before)
        return before


def _why_left_out(tag: str, attributes: Mapping[str, str]) -> str:
    """Return why an element is no text, as it is counted; empty where it is text."""
    if tag in _SILENT:
        return _SCRIPTS
    if tag in _READINGS:
        return "readings beside words"
    if tag == "div" and attributes.get("title") in ("header", "footer"):  # what LibreOffice makes of each page's
        return "headers and footers"
    if "hidden" in attributes or _HIDDEN.search(attributes.get("style", "")):
        return "hidden text"
    return ""
