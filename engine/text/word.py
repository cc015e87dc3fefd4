"""The text of a Word document (.docx)."""

from __future__ import annotations

import posixpath
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping

from engine.text.account import FileAccount
from engine.text.packed import archive_of, attribute, feed_xml, local_name, xml_pieces, xml_root_of
from engine.text.refusals import unusable
from engine.text.sources import Source
from engine.text.story import Story
from engine.text.wishes import ReadingWishes

_NAMESPACES = (
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://purl.oclc.org/ooxml/wordprocessingml/main",  # Strict
    "http://schemas.openxmlformats.org/officeDocument/2006/math",
    "http://purl.oclc.org/ooxml/officeDocument/math",
    "http://schemas.openxmlformats.org/markup-compatibility/2006",
)
_CHARACTERS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_LEFT_OUT = {
    "del": "deleted text",
    "moveFrom": "text moved elsewhere",
    "rt": "readings beside words",
    "Fallback": "",  # the same again, for older programs
}
_NO = ("0", "false", "off")
_NOTES = ("footnotes", "endnotes")
_BESIDE = {"comments": "comments", "header": "headers and footers", "footer": "headers and footers"}


def word_text(source: Source, account: FileAccount, wishes: ReadingWishes) -> Iterator[str]:
    """Yield the paragraphs of a Word document, and its footnotes and endnotes after them.

    Deleted, hidden and moved text, comments, headers and footers are left out and counted.
    """
    with archive_of(source) as archive:
        main = _main_part(archive, source)
        related = _related(archive, main, source)
        hidden = _hidden_styles(archive, related.get("styles", []), source)
        yield from _part(archive, main, source, account, hidden)
        for kind in _NOTES:
            for name in related.get(kind, []):
                yield from _part(archive, name, source, account, hidden)
        for kind, what in _BESIDE.items():
            for name in related.get(kind, []):
                words = "".join(_part(archive, name, source, FileAccount(), hidden)).strip()
                account.dropped += Counter({what: len(words)})  # counts of nothing go
        if embedded := len(related.get("aFChunk", [])):
            account.lost["embedded documents"] += embedded


def _part(
    archive: zipfile.ZipFile, name: str, source: Source, account: FileAccount, hidden: frozenset[str]
) -> Iterator[str]:
    """Yield the paragraphs of one part."""
    words = _Words(account, hidden)
    for _ in feed_xml(xml_pieces(archive, name, source), source, words):
        yield words.story.take()


class _Words:
    """Hears of the elements of a part, and tells its story."""

    def __init__(self, account: FileAccount, hidden_styles: frozenset[str]) -> None:
        self.story = Story()
        self._account = account
        self._hidden_styles = hidden_styles
        self._in_text = False
        self._why = ""
        self._depth = 0
        self._properties = 0
        self._in_paragraph_properties = False
        self._runs: list[bool] = []
        self._hidden_paragraphs: list[bool] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Hear that an element begins."""
        space, _, name = tag.removeprefix("{").rpartition("}")
        if self._depth:
            self._depth += 1
            self._in_text = name in ("t", "delText")
        elif self._properties:
            self._properties += 1
            self._property(name, attributes)
        elif space in _NAMESPACES:
            self._begin(name, attributes)

    def end(self, tag: str) -> None:
        """Hear that an element ends."""
        space, _, name = tag.removeprefix("{").rpartition("}")
        if self._depth:
            self._depth -= 1
            self._in_text = False
        elif self._properties:
            self._properties -= 1
        elif space in _NAMESPACES:
            self._finish(name)

    def data(self, words: str) -> None:
        """Hear what stands in an element."""
        if not self._in_text:
            return
        if self._depth:
            if self._why:
                self._account.dropped[self._why] += len(words)
        elif any(self._runs) or any(self._hidden_paragraphs):
            self._account.dropped["hidden text"] += len(words)
        else:
            self.story.write(words)

    def _begin(self, name: str, attributes: Mapping[str, str]) -> None:
        if name in _LEFT_OUT or _is_separator(name, attributes):
            self._depth, self._why = 1, _LEFT_OUT.get(name, "")
        elif name in ("rPr", "pPr"):
            self._properties, self._in_paragraph_properties = 1, name == "pPr"
        elif name == "t":
            self._in_text = True
        elif name in _CHARACTERS:
            self.story.write(_CHARACTERS[name])
        elif name == "r":
            self._runs.append(False)
        elif name == "p":
            self._hidden_paragraphs.append(False)
            self.story.begin_paragraph()
        elif name == "tr":
            self.story.begin_row()
        elif name == "tc":
            self.story.begin_cell()
        elif name == "txbxContent":
            self.story.begin_aside()
        elif name == "sym":
            self._account.dropped["signs of symbol fonts"] += 1

    def _finish(self, name: str) -> None:
        if name == "t":
            self._in_text = False
        elif name == "r" and self._runs:
            self._runs.pop()
        elif name == "p":
            self.story.end_paragraph(hidden=self._hidden_paragraphs.pop())
        elif name == "tr":
            self.story.end_row()
        elif name == "tc":
            self.story.end_cell()
        elif name == "txbxContent":
            self.story.end_aside()

    def _property(self, name: str, attributes: Mapping[str, str]) -> None:
        """Hide a run, or a paragraph, where it is not to be seen."""
        value = next((value for key, value in attributes.items() if key.endswith("}val")), "")
        vanishes = name == "vanish" and value not in _NO
        if name == "pStyle" and value in self._hidden_styles and self._hidden_paragraphs:
            self._hidden_paragraphs[-1] = True
        if self._runs and not self._in_paragraph_properties:
            self._runs[-1] |= vanishes or (name == "rStyle" and value in self._hidden_styles)


def _is_separator(name: str, attributes: Mapping[str, str]) -> bool:
    """Return whether an element is a note that is only the line above notes."""
    return name in ("footnote", "endnote") and any(
        key.endswith("}type") and value != "normal" for key, value in attributes.items()
    )


def _main_part(archive: zipfile.ZipFile, source: Source) -> str:
    """Return the name of the part with the text: as the relationships say, else the one there is."""
    found = _related(archive, "", source).get("officeDocument", [])
    found += [name for name in archive.namelist() if name.startswith("word/document") and name.endswith(".xml")]
    if not found:
        raise unusable(source, "It is damaged: the part with its text is missing.", "Get it once more.")
    return found[0]


def _related(archive: zipfile.ZipFile, part: str, source: Source) -> dict[str, list[str]]:
    """Return the parts that a part refers to, by what they are to it."""
    folder, name = posixpath.split(part)
    relationships = posixpath.join(folder, "_rels", f"{name}.rels")
    if relationships not in archive.NameToInfo:
        return {}
    found: dict[str, list[str]] = {}
    for each in xml_root_of(archive, relationships, source):
        target = posixpath.normpath(posixpath.join("/", folder, each.get("Target", ""))).removeprefix("/")
        if each.get("TargetMode") != "External" and target in archive.NameToInfo:
            found.setdefault(each.get("Type", "").rpartition("/")[2], []).append(target)
    return found


def _hidden_styles(archive: zipfile.ZipFile, parts: list[str], source: Source) -> frozenset[str]:
    """Return the styles whose text is hidden, by their own properties or by those of the style they are based on."""
    hidden, based = set(), {}
    for name in parts:
        for style in (each for each in xml_root_of(archive, name, source) if local_name(each) == "style"):
            identity = attribute(style, "styleId")
            for element in style.iter():
                if local_name(element) == "vanish" and attribute(element, "val") not in _NO:
                    hidden.add(identity)
                elif local_name(element) == "basedOn":
                    based[identity] = attribute(element, "val")
    for identity in based:
        seen = {identity}
        while (base := based.get(identity, "")) and base not in seen:
            seen.add(base)
            identity = base
            if base in hidden:
                hidden |= seen
    return frozenset(hidden)
