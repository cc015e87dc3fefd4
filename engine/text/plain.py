"""Plain text: the characters of a file in pieces or lines, and how they were found, in its account."""

from __future__ import annotations

import io
from collections.abc import Iterator

from engine.text.account import FileAccount
from engine.text.encodings import Encoding, decoded, encoding_of
from engine.text.refusals import unusable
from engine.text.sources import Source
from engine.text.wishes import ReadingWishes

LONGEST_LINE = 2**28


def read_text(source: Source, account: FileAccount, wishes: ReadingWishes, declared: str = "") -> Iterator[str]:
    """Yield the characters of a file, and tell its account how they were found.

    `declared` is the encoding that the file or what it came in says it is in. Raises what `encoding_of` raises.
    """
    encoding = account.found_encoding or encoding_of(source, wishes.encoding, declared)
    account.found_encoding = encoding
    account.encoding = encoding.words
    if encoding.mark:
        account.notes.append("A byte-order mark at the beginning was left out.")
    if encoding.other:
        lines = "One line that is" if encoding.other_lines == 1 else f"{encoding.other_lines:,} lines that are"
        account.notes.append(f"Read as {Encoding(encoding.other).words}: {lines} not UTF-8.")
    account.replaced += encoding.damaged
    yield from decoded(source, encoding)


def lines_of(source: Source, account: FileAccount, wishes: ReadingWishes) -> Iterator[str]:
    """Yield the lines of a text file, each with its end as LF; raises DataError for one that never ends."""
    newlines = io.IncrementalNewlineDecoder(None, translate=True)
    waiting: list[str] = []
    size = 0
    for piece in read_text(source, account, wishes):
        *lines, last = newlines.decode(piece).split("\n")
        for line in lines:
            yield "".join((*waiting, line, "\n"))
            waiting.clear()
            size = 0
        waiting.append(last)
        size += len(last)
        if size > LONGEST_LINE:
            raise unusable(source, "A single line of it is longer than any message.", "Check how it was exported.")
    if rest := "".join((*waiting, newlines.decode("", final=True))):
        yield rest
