"""The messages of a table (.csv, .tsv)."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from engine.text.account import FileAccount
from engine.text.chats.messages import WHAT, messages, some
from engine.text.plain import lines_of
from engine.text.refusals import unusable
from engine.text.sources import Source
from engine.text.wishes import ReadingWishes


def table_text(source: Source, account: FileAccount, wishes: ReadingWishes) -> Iterator[str]:
    """Yield the messages of a table whose first line names a column text, content, message or body."""
    lines = lines_of(source, account, wishes)
    first = next(lines, "")
    delimiter = max(",;\t|", key=first.count)
    columns = [name.strip().lower() for name in next(csv.reader([first], delimiter=delimiter), [])]
    if not set(WHAT) & set(columns):
        cause = f"Its columns are {', '.join(columns)[:200] or 'without names'}."
        raise unusable(source, cause, f"Name the column with the text {' or '.join(WHAT)} in the first line.")
    rows = (dict(zip(columns, row, strict=False)) for row in csv.reader(lines, delimiter=delimiter))
    yield from some(source, (text for row in rows for text in messages(row)))
