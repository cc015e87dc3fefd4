"""What is done to any text that comes in, wherever from: whole characters, plain line ends, composed letters (NFC)."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterable, Iterator

from engine.text.account import FileAccount

SILENT = {"\ufeff": "byte-order marks", "\u00ad": "soft hyphens", "\0": "zero characters"}
"""Characters that are signs to programs and nothing that anybody wrote; they are left out, and counted by name."""

_LONGEST_WAIT = 2**16
_LINE_ENDS = "Windows or old Mac line ends became plain line ends."
_COMPOSED = "Letters that were written apart from their accents were joined with them (Unicode NFC)."


def cleaned(pieces: Iterable[str], account: FileAccount) -> Iterator[str]:
    """Yield a text as it is learned from, without empty pieces, and tell its account what was changed.

    Line ends become LF, letters are composed (NFC), signs to programs go, and halves of characters become U+FFFD.
    """
    yield from _composed(_plain_lines((_written(piece, account) for piece in pieces), account), account)


def cleaned_whole(text: str) -> str:
    """Return a text that is there as a whole as `cleaned` would give it: a prompt meets a model as its text did."""
    return "".join(cleaned([text], FileAccount()))


def _written(text: str, account: FileAccount) -> str:
    """Return what was written of a piece: no halves of characters, which .json can name, and no signs to programs."""
    for sign, name in SILENT.items():
        if sign in text:
            account.dropped[name] += text.count(sign)
            text = text.replace(sign, "")
    if text.isascii():
        return text
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        joined = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        account.replaced += joined.count("\ufffd") - text.count("\ufffd")
        return joined
    return text


def _plain_lines(pieces: Iterable[str], account: FileAccount) -> Iterator[str]:
    """Yield a text with every line end as LF."""
    newlines = io.IncrementalNewlineDecoder(None, translate=True)
    for piece in pieces:
        yield newlines.decode(piece)
    yield newlines.decode("", final=True)
    found = newlines.newlines or ()
    if {*([found] if isinstance(found, str) else found)} - {"\n"}:
        account.notes.append(_LINE_ENDS)


def _composed(pieces: Iterable[str], account: FileAccount) -> Iterator[str]:
    """Yield a text in NFC, without empty pieces; what follows ASCII never changes what is before it."""
    waiting = ""
    for piece in pieces:
        waiting += piece
        cut = _last_ascii(waiting)
        if not cut and len(waiting) > _LONGEST_WAIT:
            cut = len(waiting)
        if cut:
            yield _normalized(waiting[:cut], account)
            waiting = waiting[cut:]
    if waiting:
        yield _normalized(waiting, account)


def _normalized(text: str, account: FileAccount) -> str:
    if text.isascii() or unicodedata.is_normalized("NFC", text):
        return text
    if _COMPOSED not in account.notes:
        account.notes.append(_COMPOSED)
    return unicodedata.normalize("NFC", text)


def _last_ascii(text: str) -> int:
    """Return the place of the last ASCII character, or 0."""
    return next((place for place in range(len(text) - 1, 0, -1) if text[place].isascii()), 0)
