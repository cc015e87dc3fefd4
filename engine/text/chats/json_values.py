"""The values in a file of JSON, one at a time, whatever it is called: an array's, those on lines, or a single one."""

from __future__ import annotations

import collections
import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

VALUE_LIMIT = 2**27
"""Characters of a single value: what is in memory at once."""

WHOLE_LIMIT = 2**25
"""Characters of an object that is read as a whole; of a longer one the list of its messages comes one at a time."""

_LISTS = ("messages", "orderedItems")
"""Keys of lists that may be longer than memory, in an object that is the whole file."""

_WRAPPINGS = ("chats", "left_chats", "list")
"""Keys of objects and lists that hold such objects."""

_BLANKS = re.compile(r"[ \t\r\n]*")
_ASSIGNMENT = re.compile(r"\s*window\.YTD\.[\w.]+\s*=\s*")
_BEGUN = re.compile(r"(?:tr?u?|fa?l?s?|nu?l?|-|\\?u?[0-9A-Fa-f]{0,4})[ \t\r\n]*")
"""What may stand where a file is cut: the beginning of a word, a number or an escape, or nothing."""

_LONGEST_ASSIGNMENT = 200
_NEAR_END = 24
"""Characters within which an end of the file explains an error: the longest escape or number's tail, and some more."""


class JsonError(Exception):
    """A file of JSON that cannot be read on.

    Attributes:
        why: the reason, for people.
        is_cut: whether the file ends too early.
    """

    def __init__(self, why: str, *, is_cut: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.is_cut = is_cut


class LongValueError(JsonError):
    """A single value that is longer than is read as a whole."""


class LongList:
    """The elements of an array that is longer than memory; they can be read once.

    Attributes:
        first: the first of them, None where there is none.
    """

    def __init__(self, values: Iterator[JsonValue]) -> None:
        self._values = (one.value for one in values)
        self._waiting = list(itertools.islice(self._values, 1))
        self.first = self._waiting[0] if self._waiting else None

    def __iter__(self) -> Iterator[Any]:
        """Yield those that were not read yet."""
        while self._waiting:
            yield self._waiting.pop()
        yield from self._values


@dataclass(frozen=True, slots=True)
class JsonValue:
    """A value, and the line of the file that it begins on, from 1."""

    line: int
    value: Any


class JsonFile:
    """The values in a file of JSON: its only value, or the elements of its arrays and the values on its lines.

    Attributes:
        is_single: whether the file is one value that is no array, and all of it at hand.
        is_long: whether it begins with an object too long for that; each of its values is to be read before the next.
        cut_line: the last line, once it turned out to be cut off; 0 where all is whole.
    """

    def __init__(self, pieces: Iterator[str]) -> None:
        """Begin to read the text of a file; raises JsonError when it does not begin as JSON does."""
        self.cut_line = 0
        self._scanner = _Scanner(pieces)
        self._scanner.skip(_ASSIGNMENT)
        if not self._scanner.peek():
            raise JsonError("There is nothing in it.")
        self._first: list[JsonValue] = []
        self.is_long = False
        if self._scanner.peek() != "[":
            try:
                self._first.append(self._scanner.value(limit=WHOLE_LIMIT))
            except LongValueError:
                self.is_long = self._scanner.peek() == "{"
        self.is_single = bool(self._first) and self._scanner.peek() in ("", ";")

    def values(self) -> Iterator[JsonValue]:
        """Yield each value once; raises JsonError at what is none, but a cut last line only ends it."""
        yield from self._first
        if self.is_long:
            yield from self._long_object()
        several = bool(self._first)
        while char := self._scanner.peek():
            if char == "[":
                yield from self._elements()
            elif char == ";":
                self._scanner.take()
            elif several and self._scanner.is_last_line:
                yield from self._last_line()
            else:
                yield self._scanner.value(is_line=True)
                several = True

    def _elements(self) -> Iterator[JsonValue]:
        """Yield the elements of the array that begins here."""
        scanner = self._scanner
        scanner.take()
        if scanner.peek() == "]":
            scanner.take()
            return
        while True:
            yield scanner.value()
            char = scanner.peek()
            if char not in (",", "]"):
                raise scanner.bad(scanner.place, is_cut=not char)
            scanner.take()
            if char == "]":
                return

    def _long_object(self) -> Iterator[JsonValue]:
        """Yield the objects within the one that begins here that have lists of messages; itself where none has."""
        scanner, is_told = self._scanner, False
        head: dict[str, Any] = {}
        line = scanner.line
        scanner.take()
        while scanner.peek() == '"':
            key = scanner.value().value
            scanner.expect(":")
            inner = scanner.peek()
            if key in _LISTS and inner == "[":
                rows, is_told = LongList(self._elements()), True
                yield JsonValue(line, head | {key: rows})
                collections.deque(rows, maxlen=0)  # what nobody wanted
            elif key in _WRAPPINGS and inner in ("[", "{"):
                yield from self._elements() if inner == "[" else self._long_object()
                is_told = True
            else:
                head[key] = scanner.value().value
            if scanner.peek() != "}":
                scanner.expect(",")
        scanner.expect("}")
        if not is_told:
            yield JsonValue(line, head)

    def _last_line(self) -> Iterator[JsonValue]:
        """Yield the value on the last line, unless the line is cut off."""
        line = self._scanner.line
        try:
            yield self._scanner.value()
        except JsonError as error:
            if not error.is_cut:
                raise
            self.cut_line = line
            self._scanner.drop()


class _Scanner:
    """A text that comes in pieces, and the place in it.

    Attributes:
        place: where in what is at hand.
    """

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces
        self._ended = False
        self._text = ""
        self.place = 0
        self._line, self._line_place = 1, 0
        self._decoder = json.JSONDecoder()
        self._limit = VALUE_LIMIT

    @property
    def line(self) -> int:
        """The line of the place, from 1."""
        self._line += self._text.count("\n", self._line_place, self.place)
        self._line_place = self.place
        return self._line

    @property
    def is_last_line(self) -> bool:
        """Whether only white space follows the line of the place."""
        while True:
            end = self._text.find("\n", self.place)
            if end >= 0 and self._behind_blanks(end) < len(self._text):
                return False
            if not self._more():
                return True

    def skip(self, pattern: re.Pattern[str]) -> None:
        """Go behind what a pattern matches here, if it does."""
        while self.peek() and len(self._text) - self.place < _LONGEST_ASSIGNMENT and self._more():
            pass
        if match := pattern.match(self._text, self.place):
            self.place = match.end()

    def peek(self) -> str:
        """Return the next character that is no white space; an empty text at the end."""
        while True:
            self.place = self._behind_blanks(self.place)
            if self.place < len(self._text):
                return self._text[self.place]
            if not self._more():
                return ""

    def expect(self, sign: str) -> None:
        """Go behind a sign; raises JsonError where another stands here."""
        if (found := self.peek()) != sign:
            raise self.bad(self.place, is_cut=not found)
        self.take()

    def take(self) -> None:
        """Go behind one character."""
        self.place += 1

    def drop(self) -> None:
        """Go behind all that is at hand."""
        self.place = len(self._text)

    def value(self, *, is_line: bool = False, limit: int | None = None) -> JsonValue:
        """Return the value that begins here, and go behind it; raises JsonError when none does, or it is too long.

        The error names the line of the fault; where each line is a value of its own, the line that it begins on.
        """
        self.peek()
        line = self.line
        self._limit = limit or VALUE_LIMIT
        while True:
            begin = self.place
            try:
                value, end = self._decoder.raw_decode(self._text, begin)
            except json.JSONDecodeError as error:
                unclosed = error.msg.startswith("Unterminated")
                if (unclosed or error.pos > len(self._text) - _NEAR_END) and self._more():
                    continue
                place = self.place + error.pos - begin
                is_cut = unclosed or _BEGUN.fullmatch(self._text, place) is not None
                raise self.bad(self.place if is_line else place, is_cut) from error
            except RecursionError as error:
                raise JsonError(f"What begins in line {line:,} is nested deeper than anything written is.") from error
            except ValueError as error:  # Python's bound on numbers
                raise JsonError(f"What begins in line {line:,} holds a number of thousands of digits.") from error
            else:
                if end < len(self._text) or not self._more():  # a number may go on
                    self.place += end - begin
                    return JsonValue(line, value)

    def bad(self, place: int, is_cut: bool) -> JsonError:
        """Return the error for what stands at a place, or for a file that ends before its value does."""
        line = self.line + self._text.count("\n", self.place, place)
        if is_cut:
            return JsonError(f"It ends in the middle of line {line:,}: a copy or a download broke off.", is_cut=True)
        return JsonError(f"Line {line:,} is no JSON.")

    def _behind_blanks(self, place: int) -> int:
        """Return the place of what is no white space, from a place on."""
        match = _BLANKS.match(self._text, place)
        return match.end() if match else place

    def _more(self) -> bool:
        """Take in about as much again as is at hand; tells whether there was anything."""
        line, rest = self.line, self._text[self.place :]
        if len(rest) > self._limit:
            raise LongValueError(f"A single value of it, from line {line:,} on, is longer than {self._limit >> 20} MB.")
        found, wanted = [rest], len(rest) + 1
        for piece in self._pieces:
            found.append(piece)
            wanted -= len(piece)
            if wanted <= 0:
                break
        else:
            self._ended = True
        self._text = "".join(found)
        self.place = self._line_place = 0
        return len(self._text) > len(rest)
