"""What is packed in an archive, unfolded within bounds and parsed as XML that refers to nothing outside."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any
from xml.etree import ElementTree

from engine.text.refusals import unusable
from engine.text.sources import Source

EXPANDED_LIMIT = 2**28
"""Bytes a packed document may unfold to: more is no text that anybody wrote."""


@contextmanager
def archive_of(source: Source) -> Iterator[zipfile.ZipFile]:
    """Have an archive open for a while."""
    with source.open("rb") as file, zipfile.ZipFile(file) as archive:
        yield archive


class Unfolded(io.RawIOBase):
    """What is unpacked from an archive, up to a limit."""

    def __init__(self, packed: IO[bytes], source: Source, left: int | None = None) -> None:
        self.left = EXPANDED_LIMIT if left is None else left
        self._packed = packed
        self._source = source

    def readable(self) -> bool:
        """Return that it is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer; raises DataError once more came out than the limit."""
        block = self._packed.read(len(buffer))
        self.left -= len(block)
        if self.left < 0:
            cause = f"It unfolds to more than {EXPANDED_LIMIT >> 20} MB, which no text does."
            raise unusable(self._source, cause, "Export it as plain text (.txt), if it is what you think it is.")
        buffer[: len(block)] = block
        return len(block)


def parsed(archive: zipfile.ZipFile, name: str, source: Source) -> ElementTree.Element:
    """Return the root of an XML file in an archive."""
    with archive.open(name) as packed:
        return ElementTree.parse(Unfolded(packed, source, 2**24)).getroot()


def local_name(element: ElementTree.Element) -> str:
    """Return the name of an element without its namespace."""
    return element.tag.rsplit("}", 1)[-1]
