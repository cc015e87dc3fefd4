"""The encoding of a file, as it is asked for, declared or found by reading it through, and its text in pieces."""

from __future__ import annotations

import codecs
import contextlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from engine.core.errors import DataError, SettingError
from engine.text.detection import detected, seems_wide
from engine.text.glimpse import MARKS
from engine.text.refusals import no_text, unreadable
from engine.text.sources import Source

PIECE = 2**18
"""Bytes read at a time: what a preparation holds of a text, however long it is."""

_SAMPLE = 2**16
_LONGEST_LINE = 2**24
_FEW_ZEROS = 1000
_ENOUGH_LINES = 5000
_CONTROLS = (*range(9), *range(14, 26), *range(28, 32), 127)
_DECLARED = re.compile(
    rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]+)|<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]+)",
    re.IGNORECASE,
)
_WIDER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "shift_jis": "cp932",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
"""What files are really in that declare an older encoding, as browsers take it: https://encoding.spec.whatwg.org."""

_LABELS = {
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "windows-874": "cp874",
    "iso-8859-8-i": "iso8859-8",
    "x-mac-cyrillic": "mac-cyrillic",
    "x-mac-roman": "mac-roman",
    "x-gbk": "gb18030",
    "unicode": "utf-16",
}
_NO_ENCODINGS = {"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "mbcs", "oem"}
_WORDS = {
    "cp1250": "Windows-1250 (Central European)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "cp1252": "Windows-1252 (Western European)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1254": "Windows-1254 (Turkish)",
    "cp1255": "Windows-1255 (Hebrew)",
    "cp1256": "Windows-1256 (Arabic)",
    "cp1257": "Windows-1257 (Baltic)",
    "cp932": "Shift JIS (Japanese)",
    "cp949": "EUC-KR (Korean)",
    "big5hkscs": "Big5 (Chinese)",
    "gb18030": "GB 18030 (Chinese)",
}


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the bytes of a file become text.

    Attributes:
        name: Python's name of it.
        mark: bytes at the beginning that are no text.
        damaged: bytes that belong to no character and become U+FFFD, how many times; 0 for nearly every file.
        other: the encoding of lines that are not in UTF-8, where a file is in two; `other_lines` is how many.
    """

    name: str
    mark: int = 0
    damaged: int = 0
    other: str = ""
    other_lines: int = 0

    @property
    def words(self) -> str:
        """Its name as people know it."""
        known = _WORDS.get(self.name, self.name.upper().replace("_", "-").replace("ISO8859", "ISO 8859"))
        return f"{known} and {Encoding(self.other).words} by turns" if self.other else known


def encoding_of(source: Source, asked: str = "", declared: str = "") -> Encoding:
    """Return the encoding of a file, read through at least once: as asked for, else as its bytes tell, or as declared.

    Raises DataError when the file is no text, cannot be read, or is in an encoding that cannot be told for sure, and
    SettingError when what is asked for is no encoding.
    """
    try:
        with source.open("rb") as file:
            sample = file.read(_SAMPLE)
        for mark, name in MARKS:
            if sample.startswith(mark):
                return _counted(source, Encoding(name, len(mark)))
        if asked:
            return _as_asked(source, known_encoding(asked))
        if wide := seems_wide(sample):
            return _counted(source, Encoding(wide))
        whole = _utf8(source)
        if whole == "utf-8":
            return Encoding("utf-8")
        declares = _as_declared(source, declared)
        if whole == "ascii":
            return declares or Encoding("utf-8")
        seen = _look(source)
        if not seen.invalid:  # ASCII, with escapes to other letters
            return declares or Encoding(detected(bytes(seen.sample)) or "utf-8")
        return declares or _mixed(source, seen) or _guessed(source, seen)
    except OSError as error:
        raise unreadable(source, error) from error


def known_encoding(label: str) -> str:
    """Return Python's name for an encoding as people and files call it; raises SettingError for what is none."""
    found = _codec(label)
    if not found:
        raise SettingError(
            f"There is no encoding {label!r}.",
            fix="Give a name that Python knows: utf-8, cp1250, iso8859-2, shift_jis, koi8-r, mac-roman …",
            problems={"encoding": "unknown"},
        )
    return found


def declared_in(head: bytes) -> str:
    """Return what the first bytes of a page or of XML declare as their encoding; empty where they do not."""
    found = _DECLARED.search(head)
    return (found[1] or found[2]).decode("ascii") if found else ""


def decoded(source: Source, encoding: Encoding) -> Iterator[str]:
    """Yield a file's text piece by piece; raises DataError when it cannot be read or has changed beyond reading."""
    if encoding.other:
        yield from _by_lines(source, encoding)
        return
    decoder = codecs.getincrementaldecoder(encoding.name)("replace" if encoding.damaged else "strict")
    try:
        with source.open("rb") as file:
            file.seek(encoding.mark)
            while block := file.read(PIECE):
                yield decoder.decode(block)
            yield decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise no_text(source, f"It is not all in {encoding.words}, or it changed while it was read.") from error
    except OSError as error:
        raise unreadable(source, error) from error


@dataclass(slots=True)
class _Seen:
    """What a file's lines are, taken for UTF-8: how many tell that they are, how many are not; a sample of those."""

    telling: int = 0
    invalid: int = 0
    damaged: int = 0
    wide: int = 0
    sample: bytearray = field(default_factory=bytearray)


def _utf8(source: Source) -> str:
    """Return "utf-8" or "ascii" for a file that is wholly in it; raises DataError for more zeros than a slip leaves.

    ASCII with the escapes that lead to other letters in some encodings is neither.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    zeros = size = 0
    valid = is_ascii = True
    with source.open("rb") as file:
        while block := file.read(PIECE):
            size += len(block)
            zeros += block.count(0)
            is_ascii = is_ascii and block.isascii()
            valid = valid and b"\x1b$" not in block and _takes(decoder, block)
    if zeros * _FEW_ZEROS > size:
        raise no_text(source, f"{zeros:,} of its {size:,} bytes are zero, which happens only in binary files.")
    if not valid or decoder.getstate()[0]:
        return ""
    return "ascii" if is_ascii else "utf-8"


def _look(source: Source) -> _Seen:
    """Return what the lines of a file are that is not wholly in UTF-8."""
    seen = _Seen()
    for line in _byte_lines(source):
        if line.isascii() and b"\x1b" not in line:
            continue
        try:
            seen.wide += len(line) - len(line.decode("utf-8"))
            seen.telling += b"\x1b" not in line
        except UnicodeDecodeError:
            text = line.decode("utf-8", "replace")
            seen.invalid += 1
            seen.damaged += text.count("\ufffd")
            seen.wide += len(text) - len(text.encode("ascii", "ignore")) - text.count("\ufffd")
        if len(seen.sample) < _SAMPLE:
            seen.sample += line
        if seen.invalid > _ENOUGH_LINES and not seen.telling:
            break
    return seen


def _as_asked(source: Source, name: str) -> Encoding:
    """Return the encoding asked for, or the wider one that its files are in, with what of a file is not."""
    wider = _WIDER.get(name, name)
    found = _measured(source, Encoding(wider))
    return found if wider == name or not found.damaged else _measured(source, Encoding(name))


def _as_declared(source: Source, label: str) -> Encoding | None:
    """Return the encoding that a file declares, if it decodes nearly all of it."""
    name = _codec(label)
    if not name or name.startswith(("utf-16", "utf-32")):  # no such file could have declared it in ASCII
        return None
    found = _as_asked(source, name)
    return found if found.damaged * _FEW_ZEROS <= max(_FEW_ZEROS, _size(source)) else None


def _mixed(source: Source, seen: _Seen) -> Encoding | None:
    """Return UTF-8 with a little damage, or with lines in an older encoding; None for what is not UTF-8 at all."""
    if seen.damaged * 20 <= seen.wide or (seen.invalid == 1 and seen.damaged == 1 and _is_cut(source)):
        return Encoding("utf-8", damaged=seen.damaged)
    if seen.telling < seen.invalid / 4:  # few lines are whole; in an older encoding next to no sequences are UTF-8's
        return Encoding("utf-8", damaged=seen.damaged) if seen.wide >= 2 * seen.damaged else None
    strays = bytearray()
    for line in _byte_lines(source):
        if not line.isascii() and not _is_utf8(line) and len(strays) < _SAMPLE:
            strays += line
    other = detected(bytes(strays)) or "cp1252"
    return Encoding("utf-8", other=other, other_lines=seen.invalid)


def _guessed(source: Source, seen: _Seen) -> Encoding:
    """Return the encoding that an older file is in; raises DataError where that cannot be told for sure."""
    name = detected(bytes(seen.sample))
    if name:
        return _counted(source, Encoding(name))
    _refuse_binary(source)
    raise DataError(
        f"The encoding of {source} cannot be told for sure.",
        cause="It is not UTF-8, and what finds encodings does not agree with itself on the older ones.",
        fix="Say which it is: `--encoding=NAME`, such as cp1250, iso8859-2, cp437, mac-roman or shift_jis.",
        code="unknown_encoding",
    )


def _refuse_binary(source: Source) -> None:
    """Raise DataError for a file with more control characters than any text has."""
    controls = size = 0
    for line in _byte_lines(source):
        size += len(line)
        controls += sum(line.count(byte) for byte in _CONTROLS)
    if controls * 50 > size:
        raise no_text(source, f"{controls:,} of its {size:,} bytes are control characters, as in binary files.")


def _measured(source: Source, encoding: Encoding) -> Encoding:
    """Return an encoding with how much of a file is not in it."""
    decoder = codecs.getincrementaldecoder(encoding.name)("replace")
    damaged = 0
    with source.open("rb") as file:
        file.seek(encoding.mark)
        while True:
            block = file.read(PIECE)
            damaged += decoder.decode(block, final=not block).count("\ufffd")
            if not block:
                return Encoding(encoding.name, encoding.mark, damaged)


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
            odd += _odd(text)
            if not block:
                break
    if (damaged + odd) * 50 > max(characters, 50):
        raise no_text(source, f"Read as {encoding.words}, too much of it belongs to no character.")
    return Encoding(encoding.name, encoding.mark, damaged)


def _odd(text: str) -> int:
    """Return how many characters are neither printed nor white space."""
    if "".join(text.split()).isprintable():  # nearly always, and much sooner known than counted
        return 0
    return sum(n for char, n in Counter(text).items() if not char.isprintable() and not char.isspace())


def _by_lines(source: Source, encoding: Encoding) -> Iterator[str]:
    """Yield the text of a file whose lines are in two encodings; raises DataError when it cannot be read."""
    try:
        for line in _byte_lines(source):
            yield line.decode("utf-8" if _is_utf8(line) else encoding.other, "replace")
    except OSError as error:
        raise unreadable(source, error) from error


def _byte_lines(source: Source) -> Iterator[bytes]:
    """Yield a file line by line; what has no line ends comes in long pieces."""
    with source.open("rb") as file:
        while line := file.readline(_LONGEST_LINE):
            yield line


def _takes(decoder: codecs.IncrementalDecoder, block: bytes) -> bool:
    try:
        decoder.decode(block)
    except UnicodeDecodeError:
        return False
    return True


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_cut(source: Source) -> bool:
    """Return whether a file ends within a character."""
    last = b""
    for line in _byte_lines(source):
        last = line
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(last)
    except UnicodeDecodeError:
        return False
    return bool(decoder.getstate()[0])


def _size(source: Source) -> int:
    return sum(map(len, _byte_lines(source)))


def _codec(label: str) -> str:
    """Return Python's name for a label; empty where there is none, or it is no encoding of text."""
    plain = label.strip().lower()
    for spelling in (_LABELS.get(plain, plain), plain.replace("-", "").replace(" ", "")):
        with contextlib.suppress(LookupError, ValueError, UnicodeError):
            found = codecs.lookup(spelling)
            usable = found._is_text_encoding and found.name.replace("-", "_") not in _NO_ENCODINGS
            return found.name if usable else ""
    return ""
