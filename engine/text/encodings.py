"""The encoding of a text file, found by reading it through, and its text in pieces."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass

from engine.text.refusals import no_text, unreadable
from engine.text.sources import Source

PIECE = 2**18
"""Bytes read at a time: what a preparation holds of a text, however long it is."""

_SAMPLE = 2**18
_COMMONEST = "cp1252"
_MARKS = (  # the longer first: UTF-32's mark begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WORDS = {"cp1252": "Windows-1252 (Western European)"}


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the bytes of a file become text.

    Attributes:
        name: Python's name of it.
        mark: bytes at the beginning that are no text.
        damaged: bytes that belong to no character and become U+FFFD, how many times; 0 for nearly every file.
    """

    name: str
    mark: int = 0
    damaged: int = 0

    @property
    def told(self) -> str:
        """Its name as people know it."""
        return _WORDS.get(self.name, self.name.upper().replace("_", "-"))


def encoding_of(source: Source) -> Encoding:
    """Return the encoding of a file, read through once; raises DataError when it is no text or cannot be read."""
    try:
        with source.open("rb") as file:
            sample = file.read(_SAMPLE)
        for mark, name in _MARKS:
            if sample.startswith(mark):
                return _counted(source, Encoding(name, len(mark)))
        if wide := _without_mark(sample):
            return _counted(source, Encoding(wide))
        return _utf8(source) or _counted(source, Encoding(_guess(source, sample)))
    except OSError as error:
        raise unreadable(source, error) from error


def decoded(source: Source, encoding: Encoding) -> Iterator[str]:
    """Yield a file's text piece by piece; raises DataError when it cannot be read or has changed beyond reading."""
    decoder = codecs.getincrementaldecoder(encoding.name)("replace" if encoding.damaged else "strict")
    try:
        with source.open("rb") as file:
            file.seek(encoding.mark)
            while block := file.read(PIECE):
                yield decoder.decode(block)
            yield decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise no_text(source, f"It is not all in {encoding.told}, or it changed while it was read.") from error
    except OSError as error:
        raise unreadable(source, error) from error


def _utf8(source: Source) -> Encoding | None:
    """Return UTF-8 if the file is in it, perhaps with some damage; raises DataError for zero bytes."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    offset = 0
    try:
        with source.open("rb") as file:
            while block := file.read(PIECE):
                if b"\0" in block:
                    zero = offset + block.index(b"\0")
                    raise no_text(source, f"Byte {zero:,} is zero, which happens only in binary files.")
                decoder.decode(block)
                offset += len(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return _damaged_utf8(source)
    return Encoding("utf-8")


def _damaged_utf8(source: Source) -> Encoding | None:
    """Return UTF-8 if most characters beyond ASCII are intact, or only the last is cut; raises DataError for zeros."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    damaged = wide = offset = 0
    with source.open("rb") as file:
        while True:
            block = file.read(PIECE)
            if b"\0" in block:
                zero = offset + block.index(b"\0")
                raise no_text(source, f"Byte {zero:,} is zero, which happens only in binary files.")
            text = decoder.decode(block, final=not block)
            damaged += text.count("\ufffd")
            wide += sum(not char.isascii() for char in text)
            offset += len(block)
            if not block:
                break
    cut_at_end = damaged == 1 and text == "\ufffd"
    return Encoding("utf-8", damaged=damaged) if cut_at_end or damaged * 20 <= wide - damaged else None


def _counted(source: Source, encoding: Encoding) -> Encoding:
    """Return an encoding once all of the file can be read in it and is text; raises DataError when not."""
    decoder = codecs.getincrementaldecoder(encoding.name)("replace")
    characters = damaged = odd = 0
    with source.open("rb") as file:
        file.seek(encoding.mark)
        while True:
            block = file.read(PIECE)
            text = decoder.decode(block, final=not block)
            characters += len(text)
            damaged += text.count("\ufffd")
            odd += sum(not char.isprintable() and not char.isspace() for char in text)
            if not block:
                break
    if (damaged + odd) * 50 > max(characters, 50):
        raise no_text(source, f"Read as {encoding.told}, too much of it belongs to no character.")
    return Encoding(encoding.name, encoding.mark, damaged)


def _without_mark(sample: bytes) -> str | None:
    """Return UTF-16's name if every other byte is so often zero that it can be nothing else."""
    half = len(sample) // 2
    if half < 2:
        return None
    high, low = sample[0::2].count(0) / half, sample[1::2].count(0) / half
    if low > 0.4 and high < 0.05:
        return "utf-16-le"
    return "utf-16-be" if high > 0.4 and low < 0.05 else None


def _guess(source: Source, sample: bytes) -> str:
    """Return the encoding that an older file is most probably in; raises DataError when none fits."""
    from charset_normalizer import from_bytes  # 0.1 s, which UTF-8 need not wait for

    matches = from_bytes(sample)
    best = matches.best()
    if best is None:
        raise no_text(source, "It is in no encoding that can be told.")
    alike = {name for match in matches if match.chaos <= best.chaos for name in match.could_be_from_charset}
    return _COMMONEST if _COMMONEST in alike or not best.coherence else best.encoding
