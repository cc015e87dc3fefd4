"""The text of a PDF."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from engine.text.account import FileAccount
from engine.text.refusals import unusable
from engine.text.sources import Source
from engine.text.wishes import ReadingWishes


def pdf_text(source: Source, account: FileAccount, wishes: ReadingWishes) -> Iterator[str]:
    """Yield the text of a PDF, page by page; raises DataError for one that needs a password or has only pictures."""
    import pypdf  # 0.2 s, which plain text need not wait for

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it tells of each oddity on standard error
    anything = False
    with source.open("rb") as file:
        reader = pypdf.PdfReader(file)
        if reader.is_encrypted and not reader.decrypt(""):
            raise unusable(source, "It is locked with a password.", "Unlock it in Preview and export it again.")
        for page in reader.pages:
            text = page.extract_text().strip()
            anything = anything or bool(text)
            yield text + "\n\n"
    if not anything:
        raise unusable(source, "Its pages are pictures.", "Let a program with text recognition (OCR) read it first.")
