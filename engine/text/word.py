"""The text of a Word document (.docx)."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

from engine.text.account import FileAccount
from engine.text.packed import Unfolded, archive_of
from engine.text.sources import Source
from engine.text.wishes import ReadingWishes

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_WORD_CHARACTERS = {_WORD + "tab": "\t", _WORD + "br": "\n", _WORD + "cr": "\n", _WORD + "noBreakHyphen": "-"}


def word_text(source: Source, account: FileAccount, wishes: ReadingWishes) -> Iterator[str]:
    """Yield the paragraphs of a Word document."""
    with archive_of(source) as archive, archive.open("word/document.xml") as packed:
        parts: list[str] = []
        fallback = 0
        for event, element in ElementTree.iterparse(Unfolded(packed, source), events=("start", "end")):
            if element.tag == _FALLBACK:
                fallback += 1 if event == "start" else -1
            if event == "start":
                continue
            if element.tag == _WORD + "t" and not fallback:
                parts.append(element.text or "")
            elif not fallback:
                parts.append(_WORD_CHARACTERS.get(element.tag, ""))
            if element.tag == _WORD + "p":
                yield "".join(parts) + "\n"
                parts.clear()
            if element.tag in (_WORD + "p", _WORD + "tbl"):
                element.clear()
