"""What is packed in an archive, unfolded within bounds and parsed as XML that refers to nothing outside."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from engine.core.errors import DataError
from engine.text.refusals import unusable
from engine.text.sources import Source

EXPANDED_LIMIT = 2**28
"""Bytes a packed document may unfold to: more is no text that anybody wrote."""

_PIECE = 2**16

PART_LIMIT = 2**24
"""Bytes of a part that is there as a whole: a table of contents, a list of relationships."""


@contextmanager
def archive_of(source: Source) -> Iterator[zipfile.ZipFile]:
    """Have an archive open for a while."""
    with source.open("rb") as file, zipfile.ZipFile(file) as archive:
        yield archive


def xml_root_of(archive: zipfile.ZipFile, name: str, source: Source) -> Any:
    """Return the root of a small XML file in an archive; raises DataError for one that is large or damaged."""
    from lxml import etree

    if archive.getinfo(name).file_size > PART_LIMIT:
        raise unfolds_too_far(source)
    try:
        return etree.fromstring(archive.read(name), etree.XMLParser(**SAFELY))
    except etree.XMLSyntaxError as error:
        raise unusable(source, f"It is damaged: {name} in it cannot be understood.", "Get it once more.") from error


def xml_pieces(archive: zipfile.ZipFile, name: str, source: Source) -> Iterator[bytes]:
    """Yield an XML file of an archive in pieces; raises DataError for one that unfolds too far."""
    if archive.getinfo(name).file_size > EXPANDED_LIMIT:
        raise unfolds_too_far(source)
    with archive.open(name) as packed:
        while piece := packed.read(_PIECE):
            yield piece


def feed_xml(pieces: Iterable[bytes] | Iterable[str], source: Source, target: Any) -> Iterator[None]:
    """Tell a target of each element and each text of an XML file, and come back after each piece.

    There is no tree, so that neither memory nor time depend on how the file is built. Raises DataError for a file that
    is damaged, or that defines entities, as only attacks do.
    """
    from lxml import etree

    parser = etree.XMLParser(target=_Guarded(target, source), **SAFELY | {"recover": False, "huge_tree": True})
    try:
        for piece in pieces:
            parser.feed(piece)
            yield
        parser.close()
        yield
    except etree.XMLSyntaxError as error:
        fix = "Open it in the program it belongs to and save it once more, or export it as plain text (.txt)."
        raise unusable(source, "It is damaged: its XML cannot be understood to the end.", fix) from error


class _Guarded:
    """Passes on what a parser finds, but for what no document of ours has."""

    def __init__(self, target: Any, source: Source) -> None:
        self.start = target.start
        self.end = target.end
        self.data = target.data
        self._source = source

    def doctype(self, name: str, public: str | None, system: str | None) -> None:
        """Raise DataError: what defines entities could make gigabytes of a line, or name files of this machine."""
        fix = "Open it in the program it belongs to and save it once more."
        raise unusable(self._source, "It defines entities of its own, which such documents do not.", fix)

    def close(self) -> None:
        """Hear that the file ends."""


SAFELY: dict[str, Any] = {
    "resolve_entities": False,
    "load_dtd": False,
    "no_network": True,
    "huge_tree": False,
    "recover": True,
    "remove_comments": True,
    "remove_pis": True,
}
"""How XML is parsed: nothing outside is fetched, and no entity is unfolded."""


def unfolds_too_far(source: Source) -> DataError:
    """Return the error for a document that is larger than any that somebody wrote."""
    cause = f"It unfolds to more than {EXPANDED_LIMIT >> 20} MB, which no text does."
    return unusable(source, cause, "Export it as plain text (.txt), if it is what you think it is.")


def local_name(element: Any) -> str:
    """Return the name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def attribute(element: Any, name: str) -> str:
    """Return an attribute by its name without a namespace; empty where there is none."""
    return next((str(value) for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")
