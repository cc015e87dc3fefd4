"""The text of an OpenDocument text (.odt), as LibreOffice writes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from engine.text.account import FileAccount
from engine.text.packed import archive_of, feed_xml, xml_pieces, xml_root_of
from engine.text.refusals import unusable
from engine.text.sources import Source
from engine.text.story import Story
from engine.text.wishes import ReadingWishes

_PARAGRAPHS = ("p", "h")
_ASIDES = ("note-body", "text-box")
_LEFT_OUT = {
    "annotation": "comments",
    "tracked-changes": "deleted text",
    "ruby-text": "readings beside words",
    "hidden-text": "hidden text",
    "hidden-paragraph": "hidden text",
    "note-citation": "",
    "desc": "",
    "title": "",
    "binary-data": "",
}


def open_document_text(source: Source, account: FileAccount, wishes: ReadingWishes) -> Iterator[str]:
    """Yield the paragraphs of an OpenDocument text, notes and boxes after the paragraph they stand in."""
    with archive_of(source) as archive:
        if "content.xml" not in archive.NameToInfo:
            raise unusable(source, "It is damaged: the part with its text is missing.", "Get it once more.")
        if "META-INF/manifest.xml" in archive.NameToInfo:
            names = (str(each.tag) for each in xml_root_of(archive, "META-INF/manifest.xml", source).iter())
            if any(name.endswith("}encryption-data") for name in names):
                fix = "Open it in LibreOffice and save it without a password."
                raise unusable(source, "It is locked with a password.", fix)
        words = _Words(account)
        for _ in feed_xml(xml_pieces(archive, "content.xml", source), source, words):
            yield words.story.take()


class _Words:
    """Hears of the elements of a document, and tells its story."""

    def __init__(self, account: FileAccount) -> None:
        self.story = Story()
        self._account = account
        self._depth = 0
        self._why = ""
        self._in_body = False
        self._style = ""
        self._hidden_styles: set[str] = set()
        self._spans: list[bool] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Hear that an element begins."""
        name = tag.rpartition("}")[2]
        if self._depth:
            self._depth += 1
        elif self._in_body and name in _LEFT_OUT:
            self._depth, self._why = 1, _LEFT_OUT[name]
        elif not self._in_body:
            self._declare(name, attributes)
        else:
            self._begin(name, attributes)

    def end(self, tag: str) -> None:
        """Hear that an element ends."""
        name = tag.rpartition("}")[2]
        if self._depth:
            self._depth -= 1
        elif name in _PARAGRAPHS and self._in_body:
            self.story.end_paragraph(hidden=self._spans.pop())
        elif name == "span" and self._spans:
            self._spans.pop()
        elif name in _ASIDES:
            self.story.end_aside()
        elif name == "table-row":
            self.story.end_row()
        elif name in ("table-cell", "covered-table-cell"):
            self.story.end_cell()

    def data(self, words: str) -> None:
        """Hear what stands in an element; white space stands for one space, wherever more is meant it says so."""
        if self._depth or any(self._spans):
            why = self._why if self._depth else "hidden text"
            self._account.dropped += Counter({why: len(words.strip())} if why else {})
        elif self.story.in_paragraph:
            self.story.write(words.replace("\n", " "))

    def _declare(self, name: str, attributes: Mapping[str, str]) -> None:
        """Note which styles are not to be seen, until the body begins."""
        if name == "style":
            self._style = _named(attributes, "name")
        elif name == "text-properties" and _named(attributes, "display") == "none":
            self._hidden_styles.add(self._style)
        self._in_body = name == "text"

    def _begin(self, name: str, attributes: Mapping[str, str]) -> None:
        if name in _PARAGRAPHS:
            self._spans.append(_named(attributes, "style-name") in self._hidden_styles)
            self.story.begin_paragraph()
        elif name == "span":
            self._spans.append(_named(attributes, "style-name") in self._hidden_styles)
        elif name in _ASIDES:
            self.story.begin_aside()
        elif name == "table-row":
            self.story.begin_row()
        elif name in ("table-cell", "covered-table-cell"):
            self.story.begin_cell()
        elif name == "s":
            count = _named(attributes, "c")
            self.story.write(" " * min(1000, int(count) if count.isdecimal() else 1))
        elif name in ("tab", "line-break"):
            self.story.write("\t" if name == "tab" else "\n")


def _named(attributes: Mapping[str, str], name: str) -> str:
    """Return an attribute by its name without a namespace."""
    return next((value for key, value in attributes.items() if key.rpartition("}")[2] == name), "")
