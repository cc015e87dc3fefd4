"""The text of a PDF."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import Any

from engine.core.errors import DataError
from engine.text.account import FileAccount
from engine.text.refusals import unusable
from engine.text.sources import Source
from engine.text.wishes import ReadingWishes

_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "ſt", "ﬆ": "st"}
_LONGEST_NUMBER = 5
_UNLIGATED = str.maketrans(_LIGATURES)
_HYPHENATED = re.compile(r"(?<!\w)\w++-\w++")
_DIVIDED = re.compile(r"(?<!\w)(\w++)[-\u2010\u00ad][ \t]*\n[ \t]*([^\W\d_]\w*)")


def pdf_text(source: Source, account: FileAccount, wishes: ReadingWishes) -> Iterator[str]:
    """Yield the text of a PDF, page by page; raises DataError for one that needs a password or has only pictures.

    Ligatures become letters, and words that were divided at line ends are joined. Pages that are pictures, or cannot be
    read, are lost.
    """
    import pypdf  # 0.2 s, which plain text need not wait for

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it tells of each oddity on standard error
    joined = 0
    with source.open("rb") as file:
        reader = pypdf.PdfReader(file)
        if reader.is_encrypted and not reader.decrypt(""):
            raise unusable(source, "It is locked with a password.", "Unlock it in Preview and export it again.")
        numbers = _PageNumbers()
        for number, page in enumerate(reader.pages, 1):
            text = _page_text(page, account).translate(_UNLIGATED).strip()
            if numbers.ends(text, number):
                text = text.rpartition("\n")[0].rstrip()
                account.dropped["page numbers"] += 1
            mended = _joined(text)
            joined += text.count("\n") - mended.count("\n")
            account.parts += bool(text)
            yield mended + "\n\n" if text else ""
    if not account.parts:
        raise unusable(source, "Its pages are pictures.", "Let a program with text recognition (OCR) read it first.")
    if joined:
        account.notes.append(f"{joined:,} words that were divided at line ends were joined.")


class _PageNumbers:
    """Knows a page's number at its foot by the count of pages: it goes up by one with each."""

    def __init__(self) -> None:
        self._before = 0

    def ends(self, text: str, page: int) -> bool:
        """Whether a page ends with its number, on a line of its own."""
        last = text.rpartition("\n")[2].strip()
        if "\n" not in text or not last.isdecimal() or len(last) > _LONGEST_NUMBER:
            return False
        shift, self._before = self._before, int(last) - page
        return self._before in (0, shift)


def _page_text(page: Any, account: FileAccount) -> str:
    """Return the text of a page, and count one that is lost."""
    try:
        text: str = page.extract_text()
        if not text.strip() and _shows_pictures(page):
            account.lost["pages that are pictures"] += 1
    except DataError:
        raise
    except Exception:  # a damaged page makes its reader raise nearly anything
        account.lost["damaged pages"] += 1
        return ""
    return text


def _shows_pictures(page: Any) -> bool:
    """Return whether a page refers to pictures."""
    resources = page.get("/Resources")
    objects = resources.get_object().get("/XObject") if resources is not None else None
    shown = objects.get_object().values() if objects is not None else ()
    return any(each.get_object().get("/Subtype") == "/Image" for each in shown)


def _joined(text: str) -> str:
    """Return a page with words whole that were divided at line ends; a hyphen that is used elsewhere in it stays."""
    hyphenated = set(_HYPHENATED.findall(text))

    def whole(found: re.Match[str]) -> str:
        first, last = found[1], found[2]
        if not first[-1].isalpha() or not last[0].islower():
            return found[0]
        return f"{first}-{last}" if f"{first}-{last}" in hyphenated else first + last

    return _DIVIDED.sub(whole, text)
