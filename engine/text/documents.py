"""Text out of what people have besides plain text: .docx, .epub, .html, .pdf, and chats exported as .json or .csv.

Each reader takes the text alone, in the order it is read in; nothing in a document is run, followed or fetched.
"""

from __future__ import annotations

import csv
import io
import json
import logging
import posixpath
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote
from xml.etree import ElementTree

from engine.core.errors import DataError
from engine.text.encodings import PIECE, decoded, encoding_of

EXPANDED_LIMIT = 2**28
"""Bytes a packed document may unfold to: more is no text that anybody wrote."""

WHOLE_LIMIT = 2**28
"""Bytes of a .json that is read whole."""

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_WORD_CHARACTERS = {_WORD + "tab": "\t", _WORD + "br": "\n", _WORD + "cr": "\n", _WORD + "noBreakHyphen": "-"}
_SILENT = {"script", "style", "head", "template", "noscript", "svg", "nav", "iframe", "object", "select"}
_PARAGRAPHS = {"p", "div", "section", "article", "blockquote", "ul", "ol", "table", "figure", "h1", "h2", "h3"}
_PARAGRAPHS |= {"h4", "h5", "h6", "pre", "header", "footer", "main", "aside", "body", "dl", "hr", "form"}
_LINES = {"br", "li", "tr", "dt", "dd", "option"}
_WHO = ("from", "author", "sender", "sender_name", "user", "username", "name", "role")
_WHAT = ("text", "content", "message", "body")


def docx_text(path: Path) -> Iterator[str]:
    """Yield the paragraphs of a Word document."""
    with zipfile.ZipFile(path) as archive, archive.open("word/document.xml") as packed:
        parts: list[str] = []
        fallback = 0
        for event, element in ElementTree.iterparse(_Bounded(packed, path), events=("start", "end")):
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


def epub_text(path: Path) -> Iterator[str]:
    """Yield the chapters of an e-book in reading order."""
    with zipfile.ZipFile(path) as archive:
        container = _parsed(archive, "META-INF/container.xml", path)
        root = next(element.get("full-path", "") for element in container.iter() if _local(element) == "rootfile")
        package = _parsed(archive, root, path)
        manifest = {
            element.get("id"): element.get("href", "") for element in package.iter() if _local(element) == "item"
        }
        left = EXPANDED_LIMIT
        for reference in (element for element in package.iter() if _local(element) == "itemref"):
            name = posixpath.normpath(
                posixpath.join(posixpath.dirname(root), unquote(manifest[reference.get("idref")]))
            )
            with archive.open(name) as packed:
                bounded = _Bounded(packed, path, left)
                lines = io.TextIOWrapper(io.BufferedReader(bounded), "utf-8-sig", "replace")
                yield from _html(iter(lambda lines=lines: lines.read(PIECE), ""))  # type: ignore[misc]
                left = bounded.left
            yield "\n\n"


def html_text(path: Path) -> Iterator[str]:
    """Yield what a page says, without its menus and scripts."""
    yield from _html(decoded(path, encoding_of(path)))


def pdf_text(path: Path) -> Iterator[str]:
    """Yield the text of a PDF, page by page; raises DataError for one that needs a password or has only pictures."""
    import pypdf  # 0.2 s, which plain text need not wait for

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it tells of each oddity on standard error
    reader = pypdf.PdfReader(path)
    if reader.is_encrypted and not reader.decrypt(""):
        raise _unusable(path, "It is locked with a password.", "Unlock it in Preview and export it again.")
    anything = False
    for page in reader.pages:
        text = page.extract_text().strip()
        anything = anything or bool(text)
        yield text + "\n\n"
    if not anything:
        raise _unusable(path, "Its pages are pictures.", "Let a program with text recognition (OCR) read it first.")


def json_text(path: Path) -> Iterator[str]:
    """Yield the messages of a chat that was exported as .json, or as .jsonl with one on each line."""
    if path.suffix.lower() == ".jsonl":
        values: Iterable[Any] = map(json.loads, filter(str.strip, _lines(path)))
    elif path.stat().st_size > WHOLE_LIMIT:
        fix = "Export a part of it, or save it as .jsonl, one message on each line."
        raise _unusable(path, f"A .json of more than {WHOLE_LIMIT >> 20} MB cannot be read in one piece.", fix)
    else:
        values = [json.loads("".join(decoded(path, encoding_of(path))))]
    yield from _some(path, (text for value in values for text in _messages(value)))


def csv_text(path: Path) -> Iterator[str]:
    """Yield the messages of a table whose first line names a column text, content, message or body."""
    lines = _lines(path)
    first = next(lines, "")
    delimiter = max(",;\t|", key=first.count)
    columns = [name.strip().lower() for name in next(csv.reader([first], delimiter=delimiter), [])]
    if not set(_WHAT) & set(columns):
        cause = f"Its columns are {', '.join(columns)[:200] or 'without names'}."
        raise _unusable(path, cause, f"Name the column with the text {' or '.join(_WHAT)} in the first line.")
    rows = (dict(zip(columns, row, strict=False)) for row in csv.reader(lines, delimiter=delimiter))
    yield from _some(path, (text for row in rows for text in _messages(row)))


Reader = Callable[[Path], Iterator[str]]

DOCUMENTS: dict[str, Reader] = {
    ".docx": docx_text,
    ".epub": epub_text,
    ".html": html_text,
    ".htm": html_text,
    ".xhtml": html_text,
    ".pdf": pdf_text,
}
"""Readers of documents by the ending of their names."""

CHATS: dict[str, Reader] = {".json": json_text, ".jsonl": json_text, ".csv": csv_text}
"""Readers of exported chats; such files of a folder may be anything, so they are taken only by themselves."""


def document_text(path: Path) -> Iterator[str]:
    """Yield the text of a document in pieces; raises DataError when it cannot be read, whatever it really holds."""
    reader = (DOCUMENTS | CHATS)[path.suffix.lower()]
    try:
        yield from map(_whole_characters, reader(path))
    except DataError:
        raise
    except OSError as error:
        fix = "Check that the file is still there and that you may open it."
        raise _unusable(path, f"The system says: {error.strerror or error}.", fix) from error
    except Exception as error:  # a damaged document makes its reader raise nearly anything
        cause = f"It is damaged, locked, or no real {path.suffix.lower()}: {error or type(error).__name__}"
        fix = "Open it in the program it belongs to and save or export it as plain text (.txt)."
        raise _unusable(path, cause[:300].rstrip(".") + ".", fix) from error


def _whole_characters(text: str) -> str:
    """Return a text with U+FFFD for halves of characters, which .json can name and damaged fonts of a PDF give."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class _Bounded(io.RawIOBase):
    """What is unpacked from an archive, up to a limit."""

    def __init__(self, packed: IO[bytes], path: Path, left: int | None = None) -> None:
        self.left = EXPANDED_LIMIT if left is None else left
        self._packed = packed
        self._path = path

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        block = self._packed.read(len(buffer))
        self.left -= len(block)
        if self.left < 0:
            cause = f"It unfolds to more than {EXPANDED_LIMIT >> 20} MB, which no text does."
            raise _unusable(self._path, cause, "Export it as plain text (.txt), if it is what you think it is.")
        buffer[: len(block)] = block
        return len(block)


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


def _html(pieces: Iterable[str]) -> Iterator[str]:
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


def _parsed(archive: zipfile.ZipFile, name: str, path: Path) -> ElementTree.Element:
    with archive.open(name) as packed:
        return ElementTree.parse(_Bounded(packed, path, 2**24)).getroot()


def _local(element: ElementTree.Element) -> str:
    return element.tag.rsplit("}", 1)[-1]


def _lines(path: Path) -> Iterator[str]:
    """Yield the lines of a text file, each with its end."""
    waiting = ""
    for piece in decoded(path, encoding_of(path)):
        *lines, waiting = (waiting + piece).split("\n")
        if len(waiting) > WHOLE_LIMIT:
            raise _unusable(path, "A single line of it is longer than any message.", "Check how it was exported.")
        yield from (line + "\n" for line in lines)
    if waiting:
        yield waiting


def _some(path: Path, messages: Iterator[str]) -> Iterator[str]:
    """Yield messages; raises DataError when there is none."""
    anything = False
    for message in messages:
        anything = True
        yield message
    if not anything:
        cause = f"Nothing in it is called {' or '.join(_WHAT)}, as messages are."
        raise _unusable(path, cause, "Save what you want to learn from as plain text (.txt).")


def _messages(value: Any) -> Iterator[str]:
    """Yield each message in a value from outside, laid out like a play: who speaks and a colon, what, a blank line."""
    if isinstance(value, dict):
        for key in _WHAT:
            if (text := _plain(value.get(key))) is not None:
                who = next(filter(None, (_name(value.get(key)) for key in _WHO)), "")
                if text.strip():
                    yield (f"{who}:\n" if who else "") + text.strip() + "\n\n"
                return
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _messages(inner)


def _plain(value: Any) -> str | None:
    """Return the words of a message: a text, a list of texts and styled texts, or ChatGPT's parts; None for others."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and isinstance(value.get("parts"), list):
        return "\n".join(part for part in value["parts"] if isinstance(part, str))
    if isinstance(value, list) and value and all(isinstance(part, str) or _styled(part) for part in value):
        return "".join(part if isinstance(part, str) else part["text"] for part in value)
    return None


def _styled(part: Any) -> bool:
    return isinstance(part, dict) and isinstance(part.get("text"), str) and not any(key in part for key in _WHO)


def _name(value: Any) -> str:
    """Return the name of who speaks, on one line; an empty text when it is none."""
    if isinstance(value, dict):
        value = next((value[key] for key in _WHO if isinstance(value.get(key), str)), "")
    return " ".join(value.split())[:80] if isinstance(value, str) else ""


def _unusable(path: Path, cause: str, fix: str) -> DataError:
    return DataError(f"{path} cannot be read.", cause=cause, fix=fix, code="unreadable_document")
