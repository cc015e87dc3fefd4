"""Tables as text (.csv, .tsv): one column has the words, another who says them, whatever made the file."""

from __future__ import annotations

import csv
import itertools
import re
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from typing import Any

from engine.text.account import FileAccount
from engine.text.chats.discord import DISCORD_PACKAGE
from engine.text.chats.layout import laid_out
from engine.text.chats.rows import WORDS, keys_told, row_messages
from engine.text.chats.shapes import Certainty, Family
from engine.text.chats.training_sets import PAIRS
from engine.text.glimpse import marked_encoding
from engine.text.plain import lines_of
from engine.text.refusals import unusable
from engine.text.sources import Source
from engine.text.wishes import ReadingWishes

FIELD_LIMIT = 2**26
"""Characters of a field, and how far a quote may be from the one that closes it."""

_DELIMITERS = ",;\t|"
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"')
_NAMED = 3
_LOOKED_AT = 2**16
_FAMILIES = (DISCORD_PACKAGE, PAIRS)


class TableRows:
    """The rows of a table, each a list of texts; a quote that is never closed ends with its line.

    Attributes:
        open_quotes: the lines on which such a quote stands, from 1.
    """

    def __init__(self, lines: Iterator[str]) -> None:
        """Begin to read lines, each with its end; the first may say what separates columns, as Excel writes it."""
        csv.field_size_limit(FIELD_LIMIT)
        self.open_quotes: list[int] = []
        self._lines = lines
        self._waiting: deque[str] = deque()
        self._line = 0
        first = next(self._lines, "")
        separator = _SEPARATOR_LINE.fullmatch(first)
        if separator:
            self._line = 1
        else:
            self._waiting.append(first)
        bare = _QUOTED.sub("", first)
        self.delimiter = separator[1] if separator else max(_DELIMITERS, key=bare.count)

    def __iter__(self) -> Iterator[list[str]]:
        """Yield each row that is not blank."""
        while record := self._next_line():
            row = self._row(record)
            if any(row):
                yield row

    def _row(self, record: str) -> list[str]:
        """Return the row that begins with a line, and take as many lines more as its quotes reach over."""
        taken = [record]
        try:
            return next(csv.reader(self._recorded(taken), delimiter=self.delimiter, strict=True), [])
        except csv.Error:
            self.open_quotes.append(self._line - len(taken) + 1)
            self._line -= len(taken) - 1
            self._waiting.extendleft(reversed(taken[1:]))
            return next(csv.reader([record], delimiter=self.delimiter), [])

    def _recorded(self, taken: list[str]) -> Iterator[str]:
        """Yield the lines of a row, and keep those that follow the first; raises csv.Error when there are too many."""
        yield taken[0]
        characters = 0
        while line := self._next_line():
            taken.append(line)
            characters += len(line)
            if characters > FIELD_LIMIT:
                raise csv.Error
            yield line

    def _next_line(self) -> str:
        """Return the next line; an empty text at the end."""
        line = self._waiting.popleft() if self._waiting else next(self._lines, "")
        self._line += bool(line)
        return line


def table_text(source: Source, account: FileAccount, wishes: ReadingWishes) -> Iterator[str]:
    """Yield the messages of a table; raises DataError when no column is known to hold the words."""
    rows = TableRows(lines_of(source, account, wishes))
    every = iter(rows)
    columns = _columns(next(every, []), wishes)
    if isinstance(columns, list):
        every = itertools.chain([columns], every)
        columns = [str(number) for number in range(1, len(columns) + 1)]
    values: Iterator[dict[str, Any]] = (_named(columns, row, rows.delimiter) for row in every)
    account.read_as = "a table"
    family = None if wishes.text_key else _family(columns)
    if family:
        account.read_as = family.read_as
        yield from laid_out(family.conversations(values, account, source), account, wishes)
    else:
        account.keys.update(dict.fromkeys(filter(None, columns), 0))
        _check(source, columns, wishes)
        yield from laid_out([row_messages(values, account, wishes)], account, wishes)
    if rows.open_quotes:
        account.notes.append(_quotes_told(rows.open_quotes))
    if not account.messages and family is None:
        raise unusable(source, "Its rows have no words.", "Check that it is the table you think it is.")


def table_certainty(source: Source) -> Certainty:
    """Return whether a table is a chat, by the names of its columns."""
    try:
        encoding = marked_encoding(source)
        with source.open("rb") as file:
            lines = file.read(_LOOKED_AT).decode(encoding, "replace").splitlines(keepends=True)
    except OSError:
        return "no"
    columns = _columns(next(iter(TableRows(iter(lines))), []), ReadingWishes())
    if _family(columns):
        return "sure"
    return "perhaps" if {name.lower() for name in columns} & set(WORDS) else "no"


def _named(columns: Sequence[str], row: list[str], delimiter: str) -> dict[str, Any]:
    """Return the fields of a row by column; those beyond the last belong to it, whose delimiters were not quoted."""
    last = len(columns) - 1
    if len(row) > len(columns) > 0:
        row = [*row[:last], delimiter.join(row[last:])]
    return dict(zip(columns, row, strict=False))


def _family(columns: Sequence[str]) -> Family | None:
    """Return the family whose columns these are."""
    return next((family for family in _FAMILIES if family.takes(dict.fromkeys(columns, ""))), None)


def _columns(first: list[str], wishes: ReadingWishes) -> list[str] | tuple[str, ...]:
    """Return the names of the columns; the first row itself, a list, where a column is asked for by its number."""
    names = tuple(name.strip() for name in first)
    if wishes.text_key.isdecimal() and wishes.text_key not in names:
        return first
    return names


def _check(source: Source, columns: Sequence[str], wishes: ReadingWishes) -> None:
    """Raise DataError when no column holds the words, or the one that was asked for is not there."""
    known = {name.lower() for name in columns}
    for asked in filter(None, (wishes.text_key, wishes.speaker_key)):
        if asked.strip().lower() not in known:
            raise unusable(source, f"It has no column {asked}. {_in_words(columns)}", "Name one of its columns.")
    if not wishes.text_key and not known & set(WORDS):
        fix = "Say which of them holds the words: --text_key=COLUMN, and --speaker_key=COLUMN for who says them."
        raise unusable(source, f"No column is called {' or '.join(WORDS)}. {_in_words(columns)}", fix)


def _in_words(columns: Sequence[str]) -> str:
    names = keys_told(Counter({name: 1 for name in columns if name}))
    return f"Its columns are {names}." if names else "Its first line names no columns."


def _quotes_told(lines: Sequence[int]) -> str:
    """Return the sentence on quotes that are never closed."""
    numbers = ", ".join(f"{line:,}" for line in lines[:_NAMED])
    more = f" and {len(lines) - _NAMED:,} more" if len(lines) > _NAMED else ""
    what = "Line" if len(lines) == 1 else "Lines"
    return f"{what} {numbers}{more}: a quote is never closed properly. It was taken to end with its line."
