"""The first bytes of a file, which tell what it is whatever its name ends in."""

from __future__ import annotations

import codecs
import zipfile
from dataclasses import dataclass, field

from engine.text.refusals import unreadable
from engine.text.sources import Source

HEAD = 2**13
"""Bytes looked at."""

MARKS = (  # the longer first: UTF-32's mark begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Byte-order marks, and Python's names of what they tell."""

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How the container of old and of locked Office documents begins."""

_ZIP = b"PK\x03\x04", b"PK\x05\x06"
_ENOUGH_ZEROS = 0.3


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What is seen of a file at first.

    Attributes:
        ending: of its name, with the dot, in small letters.
        head: its first bytes; for an OLE container also those of its directory.
        text: the same as text without white space before it, right as far as ASCII goes.
        is_zip: whether it is a zip; `names` are the files in it, none where it is damaged.
        media_type: what a zip says of itself, as e-books and OpenDocument files do.
    """

    ending: str
    head: bytes
    text: str
    is_zip: bool = False
    names: frozenset[str] = field(default_factory=frozenset)
    media_type: str = ""


def glimpse(source: Source) -> Glimpse:
    """Return what is seen of a file at first; raises DataError when the system does not let us read it."""
    try:
        with source.open("rb") as file:
            head = file.read(HEAD)
            if head.startswith(OLE):
                file.seek(_ole_directory(head))
                head += file.read(HEAD)
    except OSError as error:
        raise unreadable(source, error) from error
    ending = source.suffix.lower()
    if not head.startswith(_ZIP):
        return Glimpse(ending, head, _as_text(head).lstrip("\ufeff \t\r\n"))
    try:
        with source.open("rb") as file, zipfile.ZipFile(file) as archive:
            names = frozenset(archive.namelist())
            media_type = archive.read("mimetype")[:100] if "mimetype" in names else b""
        return Glimpse(ending, head, "", True, names, media_type.decode("ascii", "replace").strip())
    except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError, ValueError):
        return Glimpse(ending, head, "", True)


def marked_encoding(source: Source) -> str:
    """Return the encoding that a byte-order mark tells, as Python reads past it; UTF-8 where there is none.

    Raises OSError when the system does not let us read it.
    """
    with source.open("rb") as file:
        head = file.read(4)
    name = next((name for mark, name in MARKS if head.startswith(mark)), "utf-8")
    return "utf-8-sig" if name == "utf-8" else name[:6]


def _ole_directory(head: bytes) -> int:
    """Return where in its file an OLE container names what is in it: [MS-CFB] 2.2."""
    sector = int.from_bytes(head[48:52], "little") + 1
    return sector << min(12, int.from_bytes(head[30:32], "little"))


def _as_text(head: bytes) -> str:
    """Return the head as text: by its mark, by its zeros, else each byte as a character."""
    for mark, name in MARKS:
        if head.startswith(mark):
            return head[len(mark) :].decode(name, "replace")
    quarters = [head[n::4].count(0) / max(1, len(head[n::4])) for n in range(4)]
    wide = [share > _ENOUGH_ZEROS for share in quarters]
    known = {
        (False, True, False, True): "utf-16-le",
        (True, False, True, False): "utf-16-be",
        (False, False, True, True): "utf-32-le",
        (False, True, True, True): "utf-32-le",
        (True, True, False, False): "utf-32-be",
        (True, True, True, False): "utf-32-be",
    }
    return head.decode(known.get((wide[0], wide[1], wide[2], wide[3]), "latin-1"), "replace")
