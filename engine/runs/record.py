"""The record of a run, metrics.jsonl and samples.jsonl: one line of JSON an event. Only here is it written and read.

A line is what engine/core/event_json.py makes of an event, with null for numbers that JSON cannot write. The event of
each start says besides, as "format", which version of this format the lines after it have; none is version 1 too. A
reader passes over what it cannot read: a line that a crash tore off, and what a newer version may add.
"""

from __future__ import annotations

import json
import logging
import math
import os
import re
from collections.abc import Callable, Iterator, Mapping
from io import FileIO
from pathlib import Path
from typing import Any, Self, TypeVar

from engine.core.event_json import as_json, event_from_json, event_name
from engine.core.events import Event, Started
from engine.core.files import write_lines
from engine.core.untrusted_files import opened
from engine.core.untrusted_json import parsed

FORMAT = 1
"""The version of the format that is written here."""

_LONGEST_LINE = 2**24
"""Bytes of a line that are read at once; what is longer was not written here."""

E = TypeVar("E", bound=Event)
_log = logging.getLogger(__name__)


class RecordWriter:
    """Adds events to a record, which is opened at the first one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: FileIO | None = None

    def append(self, event: Event) -> None:
        """Write an event as one line, on disk when this returns; raises OSError when there is no room for it."""
        self._file = self._file or _opened(self._path)
        try:
            _write_whole(self._file, _line_of(event))
        except OSError:
            self.close()  # opening it again ends what may have been torn off
            raise

    def close(self) -> None:
        """Close the record; a later append opens it again."""
        if self._file is not None:
            self._file.close()
            self._file = None


class RecordScan:
    """A record in memory, of which only those lines are parsed that are asked for: of 20,000 a few milliseconds."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    @classmethod
    def of(cls, path: Path) -> Self:
        """Return the record in a file, an empty one where there is none; raises OSError when it cannot be read."""
        try:
            with opened(path) as file:
                return cls(file.read())
        except FileNotFoundError:
            return cls(b"")

    @classmethod
    def ends_of(cls, path: Path, size: int) -> Self:
        """Return the first `size` bytes of a record and the last; a line cut in two counts as torn."""
        with opened(path) as file:
            head = file.read(size)
            file.seek(max(len(head), os.fstat(file.fileno()).st_size - size))
            return cls(head + b"\n" + file.read())

    def every(self, kind: type[E], at_most: int | None = None) -> list[E]:
        """Return the events of one kind, in order; of many each n-th, so that they are about `at_most`."""
        places = list(self._places(kind))
        step = max(1, len(places) // at_most) if at_most else 1
        return [event for at in places[::step] if isinstance(event := self._event_at(at), kind)]

    def last(self, kind: type[E], wanted: Callable[[E], bool] = lambda _: True) -> E | None:
        """Return the last event of one kind that can be read and is `wanted`, or None."""
        at, start = len(self._data), _start_of(kind)
        while (at := self._data.rfind(start, 0, at)) >= 0:
            if isinstance(event := self._event_at(at), kind) and wanted(event):
                return event
        return None

    def lowest(self, kind: type[E], name: str) -> E | None:
        """Return the first event of one kind whose number of that name is the lowest, or None; no other is parsed."""
        number = re.compile(rb'"%s": (-?\d[-+.eE\d]*)[,}]' % name.encode())
        found = ((number.search(self._data, at, self._end_of(at)), at) for at in self._places(kind))
        for value, at in sorted((_number(match[1]), at) for match, at in found if match):
            event = self._event_at(at)
            if isinstance(event, kind) and getattr(event, name) == value and math.isfinite(value):
                return event
        return None

    def last_of_all(self) -> Event | None:
        """Return the last event that can be read, or None."""
        end = len(self._data)
        while end > 0:
            start = self._data.rfind(b"\n", 0, end) + 1
            if event := self._event_at(start):
                return event
            end = start - 1
        return None

    def _places(self, kind: type[Event]) -> Iterator[int]:
        """Yield where the lines of one kind begin."""
        at, start = 0, _start_of(kind)
        while (at := self._data.find(start, at)) >= 0:
            yield at
            at += len(start)

    def _event_at(self, at: int) -> Event | None:
        """Return the event whose line begins at an offset, or None when there is none whole."""
        if at and self._data[at - 1 : at] != b"\n":
            return None
        return event_from_json(_parsed(self._data[at : self._end_of(at)]))

    def _end_of(self, at: int) -> int:
        """Return where the line ends that an offset lies in."""
        end = self._data.find(b"\n", at)
        return end if end >= 0 else len(self._data)


def read_events(path: Path) -> Iterator[Event]:
    """Yield the events of a record in order, none where there is no file; raises OSError when it cannot be read."""
    for row in _rows(path):
        event = event_from_json(row)
        if isinstance(event, Started) and _format_of(row) > FORMAT:
            _log.warning("%s is of a newer version: what is unknown to this one is passed over", path)
        if event is not None:
            yield event


def cut_back(path: Path, last: Mapping[type[Event], int], others: int) -> None:
    """Drop the events of a record after an iteration: the `last` of a kind, `others` for all else.

    Lines of a newer version stay as they are; an event without an iteration belongs to the beginning.
    """
    if os.path.lexists(path):
        limits = {event_name(kind): iter_num for kind, iter_num in last.items()}
        kept = (row for row in _rows(path) if _iteration_of(row) <= limits.get(row["event"], others))
        write_lines(path, (json.dumps(row, ensure_ascii=False) + "\n" for row in kept))


def _line_of(event: Event) -> bytes:
    row = as_json(event) | ({"format": FORMAT} if isinstance(event, Started) else {})
    line = json.dumps(_without_nan(row), ensure_ascii=False, allow_nan=False) + "\n"
    return line.encode("utf-8", "surrogatepass")


def _without_nan(value: Any) -> Any:
    """Return the value with null for numbers that JSON cannot write."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {k: _without_nan(v) for k, v in value.items()}
    return [_without_nan(v) for v in value] if isinstance(value, (list, tuple)) else value


def _start_of(kind: type[Event]) -> bytes:
    """Return how the line of an event begins."""
    return json.dumps({"event": event_name(kind)})[:-1].encode()


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines of a record as they were written; a torn or unreadable line is passed over."""
    try:
        file = opened(path)
    except FileNotFoundError:
        return
    with file:
        while line := file.readline(_LONGEST_LINE):
            row = _parsed(line)
            if isinstance(row, dict) and isinstance(row.get("event"), str):
                yield row


def _parsed(line: bytes) -> Any:
    """Return the value of one line of JSON, or None when it is none."""
    try:
        return parsed(line.decode("utf-8", "replace"))
    except ValueError:
        return None


def _number(digits: bytes) -> float:
    try:
        return float(digits)
    except ValueError:
        return math.inf


def _format_of(row: Mapping[str, Any]) -> int:
    version = row.get("format", 1)
    return version if type(version) is int else FORMAT + 1


def _iteration_of(row: Mapping[str, Any]) -> int:
    """Return the iteration of a recorded event; one without belongs to the beginning."""
    iter_num = row.get("iter_num")
    return iter_num if type(iter_num) is int else 0


def _opened(path: Path) -> FileIO:
    """Open a record to add lines; a line that a crash tore off is ended first, so that it spoils no other."""
    torn = os.path.lexists(path) and _last_byte(path) not in (b"\n", b"")
    file = FileIO(path, "a")
    try:
        _write_whole(file, b"\n" if torn else b"")
    except OSError:
        file.close()
        raise
    return file


def _write_whole(file: FileIO, data: bytes) -> None:
    """Write all bytes; raises OSError when there is no room for the last of them."""
    while data:
        data = data[file.write(data) :]


def _last_byte(path: Path) -> bytes:
    with opened(path) as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - 1))
        return file.read(1)
