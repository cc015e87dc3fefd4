"""Which kinds of files are read, how each is known by its content, and by what it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from engine.core.errors import DataError
from engine.text.account import FileAccount
from engine.text.chats.exports import json_certainty, json_text
from engine.text.chats.shapes import Certainty
from engine.text.chats.tables import table_certainty, table_text
from engine.text.chats.whatsapp import is_whatsapp, whatsapp_text
from engine.text.epub import epub_text
from engine.text.fiction_book import fiction_book_text
from engine.text.glimpse import Glimpse, glimpse
from engine.text.mail import is_letter, is_mailbox, mail_text
from engine.text.notebook import is_notebook, notebook_text
from engine.text.open_document import open_document_text
from engine.text.pdf import pdf_text
from engine.text.plain import read_text
from engine.text.refusals import no_text, unusable
from engine.text.rtf import rtf_text
from engine.text.sources import Source
from engine.text.strangers import stranger, xml_root
from engine.text.subtitles import is_subtitles, subtitles_text
from engine.text.web import web_text
from engine.text.wishes import ReadingWishes
from engine.text.word import word_text

Reader = Callable[[Source, FileAccount, ReadingWishes], Iterator[str]]
"""Yields the text of a file in pieces, from its beginning, and counts in its account what became of it."""

FormatKind = Literal["plain", "document", "chat", "archive"]
"""Plain text, a document whose text is taken out, an exported chat, or a .zip of any of these."""


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file that is read.

    Attributes:
        title: what people call it.
        kind: what is done with it in a folder.
        endings: what names of such files end in.
        looks: whether a file looks like it.
        read: its reader.
        certainty: for chats, whether a file that looks like it is one.
    """

    title: str
    kind: FormatKind
    endings: tuple[str, ...]
    looks: Callable[[Glimpse], bool]
    read: Reader
    certainty: Callable[[Source], Certainty] = lambda source: "sure"


def _is_word(seen: Glimpse) -> bool:
    return any(name.startswith("word/") for name in seen.names)


def _is_epub(seen: Glimpse) -> bool:
    return seen.media_type == "application/epub+zip" or "META-INF/container.xml" in seen.names


def _is_open_document(seen: Glimpse) -> bool:
    return seen.media_type.removesuffix("-template") == "application/vnd.oasis.opendocument.text"


def _is_rich_text(seen: Glimpse) -> bool:
    return seen.head.startswith(b"{\\rtf")


def _is_fiction_book(seen: Glimpse) -> bool:
    return xml_root(seen) == "FictionBook"


def _is_pdf(seen: Glimpse) -> bool:
    return b"%PDF-" in seen.head[:1024]


def _is_page(seen: Glimpse) -> bool:
    start = seen.text[:15].lower()
    named = seen.ending in (".html", ".htm", ".xhtml") and "<" in seen.text
    return start.startswith(("<!doctype html", "<html")) or named or xml_root(seen).lower() == "html"


def _is_json(seen: Glimpse) -> bool:
    return seen.ending in (".json", ".jsonl", ".ndjson") or seen.text.startswith("window.YTD.")


def _is_whatsapp(seen: Glimpse) -> bool:
    return not seen.is_zip and is_whatsapp(seen.head.decode("utf-8-sig", "ignore"))


def _is_table(seen: Glimpse) -> bool:
    return seen.ending in (".csv", ".tsv")


def _is_archive(seen: Glimpse) -> bool:
    return seen.is_zip and bool(seen.names) and seen.ending not in _PACKED and not stranger(seen)


def _within(source: Source, account: FileAccount, wishes: ReadingWishes) -> Iterator[str]:
    """Raise DataError: an archive is read file by file (engine/text/text_files.py), and one in another not at all."""
    raise unusable(source, "It is a .zip in another .zip.", "Unpack the outer one first.")


PLAIN = Format("plain text", "plain", (".txt", ".md", ".text", ".markdown"), lambda seen: True, read_text)

FORMATS = (
    Format("a Word document", "document", (".docx", ".docm", ".dotx"), _is_word, word_text),
    Format("an e-book", "document", (".epub",), _is_epub, epub_text),
    Format("an OpenDocument text", "document", (".odt", ".ott"), _is_open_document, open_document_text),
    Format("a PDF", "document", (".pdf",), _is_pdf, pdf_text),
    Format("Rich Text", "document", (".rtf",), _is_rich_text, rtf_text),
    Format("a FictionBook", "document", (".fb2",), _is_fiction_book, fiction_book_text),
    Format("a notebook", "document", (".ipynb",), is_notebook, notebook_text),
    Format("subtitles", "document", (".srt", ".vtt"), is_subtitles, subtitles_text),
    Format("a mailbox", "document", (".mbox",), is_mailbox, mail_text),
    Format("a letter", "document", (".eml", ".emlx"), is_letter, mail_text),
    Format("a .zip", "archive", (".zip",), _is_archive, _within),
    Format("a web page", "document", (".html", ".htm", ".xhtml"), _is_page, web_text),
    Format("a table of messages", "chat", (".csv", ".tsv"), _is_table, table_text, table_certainty),
    Format("a chat in JSON", "chat", (".json", ".jsonl", ".ndjson"), _is_json, json_text, json_certainty),
    Format("a WhatsApp chat", "chat", (), _is_whatsapp, whatsapp_text),
    PLAIN,
)
"""All that is read; the first that a file looks like is what it is."""

ENDINGS = tuple(ending for each in FORMATS for ending in each.endings)
"""What names of files end in that are read; by itself a file with any other is read too if it holds text."""

_PACKED = (".docx", ".docm", ".dotx", ".epub", ".odt", ".ott", ".pdf")
"""Endings of documents that are never plain text."""


def format_of(source: Source) -> Format:
    """Return what a file is, from its first bytes; raises DataError for what cannot be read, named for what it is."""
    seen = glimpse(source)
    found = next(each for each in FORMATS if each.looks(seen))
    if found is not PLAIN:
        return found
    if what := stranger(seen):
        raise no_text(source, f"This is {what}.", _way_out(seen, what))
    if seen.is_zip or seen.ending in _PACKED:
        meant = next((each.title for each in FORMATS if seen.ending in each.endings), "a .zip")
        holds = "a damaged archive" if seen.is_zip else "something else"
        fix = "Open it in the program it belongs to and save or export it as plain text (.txt)."
        raise unusable(source, f"It is damaged or not {meant}: it holds {holds}.", fix)
    return found


def text_of(source: Source, found: Format, account: FileAccount, wishes: ReadingWishes) -> Iterator[str]:
    """Yield the text of a file in pieces; raises DataError when it cannot be read, whatever it really holds."""
    account.read_as = found.title
    try:
        yield from found.read(source, account, wishes)
    except DataError:
        raise
    except OSError as error:
        fix = "Check that the file is still there and that you may open it."
        raise unusable(source, f"The system says: {error.strerror or error}.", fix) from error
    except Exception as error:  # a damaged document makes its reader raise nearly anything
        fix = "Open it in the program it belongs to and save or export it as plain text (.txt)."
        raise unusable(source, f"It is damaged: it is not {found.title} to its end.", fix) from error


def _way_out(seen: Glimpse, what: str) -> str:
    """Return what to do with a file that cannot be read."""
    if what.startswith("XML") or seen.text.startswith("<"):
        return "Export its text as plain text (.txt); to learn the markup itself, give it the ending .txt."
    return ""
