"""The text of Rich Text (.rtf), as TextEdit and Word write it."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from engine.text.account import FileAccount
from engine.text.refusals import unusable
from engine.text.sources import Source
from engine.text.wishes import ReadingWishes

_PIECE = 2**17
_TAIL = 64
_LONGEST_RUN = 2**20
_DEEPEST = 5000
_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\(\r\n|[^a-zA-Z'])|([{}])|[\r\n]+|([^\\{}\r\n]+)|\\"
)
_CHARSETS = {
    77: "mac_roman", 128: "cp932", 129: "cp949", 134: "gb18030", 136: "big5hkscs", 161: "cp1253", 162: "cp1254",
    163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
    255: "cp437",
}  # fmt: skip
"""What a font's \\fcharset means: Rich Text Format Specification 1.9.1."""

_SETS = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850", "ansi": "cp1252"}
_SIGNS = {
    "par": "\n", "line": "\n", "sect": "\n", "page": "\n", "row": "\n", "tab": "\t", "cell": "\t", "nestcell": "\t",
    "nestrow": "\n", "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”",
    "bullet": "•", "emspace": " ", "enspace": " ", "qmspace": " ",
}  # fmt: skip
_SYMBOLS = {b"\\": "\\", b"{": "{", b"}": "}", b"~": "\u00a0", b"_": "-", b"\n": "\n", b"\r": "\n", b"\r\n": "\n"}
_NO_TEXT = {
    "fonttbl", "colortbl", "stylesheet", "info", "pict", "themedata", "colorschememapping", "datastore", "fldinst",
    "latentstyles", "listtable", "listoverridetable", "rsidtbl", "generator", "xmlnstbl", "objdata", "sp", "bkmkstart",
    "bkmkend", "tc", "xe", "template", "filetbl", "revtbl", "nonshppict", "atnid", "atnauthor", "atntime", "atnref",
    "pgptbl", "userprops", "docvar", "expandedcolortbl", "NeXTGraphic", "ftnsep", "ftnsepc", "aftnsep", "aftnsepc",
}  # fmt: skip
_BESIDE = {"header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr", "footerf"}
_KEPT = {"shpinst", "shppict", "shptxt", "footnote", "pn", "pnseclvl", "moveto", "mvto", "bkmkend"}


@dataclass(frozen=True, slots=True)
class _State:
    """What holds until a group ends: why its text is left out (None where it is text), its encoding, and so on."""

    why: str | None = None
    encoding: str = ""
    after_unicode: int = 1
    fonts: bool = False
    note: bool = False


def rtf_text(source: Source, account: FileAccount, wishes: ReadingWishes) -> Iterator[str]:
    """Yield the paragraphs of a Rich Text; raises DataError for one that is damaged.

    Notes come after the paragraph they are in. Hidden and deleted text, comments, headers and footers are left out and
    counted.
    """
    reader = _RichText(account, wishes.encoding)
    waiting = b""
    with source.open("rb") as file:
        while piece := file.read(_PIECE):
            waiting = reader.feed(waiting + piece)
            if reader.depth > _DEEPEST:
                raise unusable(source, "It is damaged: its groups never end.", "Save it once more where it came from.")
            yield reader.take()
    reader.feed(waiting, final=True)
    reader.finish()
    yield reader.take()


class _RichText:
    """Hears of the words, signs and groups of a Rich Text."""

    def __init__(self, account: FileAccount, asked: str) -> None:
        self._account = account
        self._asked = asked
        self._state = _State()
        self._outer: list[_State] = []
        self._default = "cp1252"
        self._fonts: dict[int, str] = {}
        self._font = 0
        self._starred = False
        self._skipped = 0
        self._raw = 0
        self._bytes = bytearray()
        self._out: list[str] = []
        self._line: list[str] = []
        self._notes: list[str] = []
        self._in_row = False

    @property
    def depth(self) -> int:
        """How many groups are open."""
        return len(self._outer)

    def take(self) -> str:
        """Return what was read since the last time, but for the last words: a tab among them may end a row."""
        if not self._in_row:
            self._out += self._line[:-1]
            del self._line[:-1]
        found = "".join(self._out)
        self._out.clear()
        return found

    def feed(self, content: bytes, *, final: bool = False) -> bytes:
        """Take a piece in, and return the end of it, which the next one goes on from."""
        end = len(content) if final else max(0, len(content) - _TAIL)
        place = 0
        while place < end:
            if self._raw:  # pictures may be raw bytes
                step = min(self._raw, len(content) - place)
                self._raw -= step
                place += step
                continue
            found = _TOKEN.match(content, place)
            if found is None:
                break
            stop = min(found.end(), end) if found[6] else found.end()
            self._token(found, content[place:stop])
            place = stop
        return content[place:]

    def finish(self) -> None:
        """Hear that the file ends."""
        self._flush()
        if self._line or self._notes:
            self._break()

    def _token(self, found: re.Match[bytes], whole: bytes) -> None:
        word, number, byte, symbol, brace, words = found.groups()
        if byte:
            self._add_bytes(bytes([int(byte, 16)]))
        elif words:
            self._add_bytes(whole)
        elif word:
            self._control(word.decode("ascii"), None if number is None else int(number))
        elif brace == b"{":
            self._flush()
            self._outer.append(self._state)
            self._starred = False
        elif brace == b"}":
            self._flush()
            self._state = self._outer.pop() if self._outer else self._state
        elif symbol == b"*":
            self._starred = True
        elif symbol in _SYMBOLS:
            self._add(_SYMBOLS[symbol])

    def _control(self, word: str, number: int | None) -> None:
        """Obey a control word."""
        starred, self._starred = self._starred, False
        if word == "u" and number is not None:
            self._add(chr(number % 65536))
            self._skipped = self._state.after_unicode
            return
        self._flush()
        if word in ("trowd", "cell", "nestcell", "row"):
            self._lay_out_table(word)
        if word in _SIGNS:
            self._add(_SIGNS[word])
        elif word == "uc":
            self._state = replace(self._state, after_unicode=max(0, number or 0))
        elif word == "bin":
            self._raw = max(0, number or 0)
        elif word in ("v", "deleted", "plain"):
            self._hide(word, on=number != 0)
        elif word in ("ansicpg", *_SETS):
            self._default = _codec(f"cp{number}" if word == "ansicpg" else _SETS[word]) or self._default
        elif word in ("f", "fcharset"):
            self._choose_font(word, number or 0)
        else:
            self._begin_destination(word, starred)

    def _lay_out_table(self, word: str) -> None:
        """Begin or end a row, and end a cell where its words end."""
        if word in ("trowd", "row"):
            self._in_row = word == "trowd"
            return
        while self._line and self._line[-1] == "\n":
            self._line.pop()

    def _begin_destination(self, word: str, starred: bool) -> None:
        """Know what a group is for that begins with a word."""
        if word == "footnote":
            self._state = replace(self._state, note=True)
        elif word in _BESIDE:
            self._leave_out("headers and footers")
        elif word == "annotation":
            self._leave_out("comments")
        elif word in _NO_TEXT or (starred and word not in _KEPT):
            self._state = replace(self._state, fonts=word == "fonttbl")
            self._leave_out("")

    def _leave_out(self, why: str) -> None:
        if self._state.why is None:
            self._state = replace(self._state, why=why)

    def _hide(self, word: str, *, on: bool) -> None:
        """Begin or end hidden and deleted text."""
        if word != "plain" and on:
            self._leave_out("deleted text" if word == "deleted" else "hidden text")
        elif self._state.why in ("hidden text", "deleted text"):
            self._state = replace(self._state, why=None)

    def _choose_font(self, word: str, number: int) -> None:
        """Take a font's encoding, which the table of fonts declares."""
        if word == "f":
            self._font = number
            if not self._state.fonts:
                self._state = replace(self._state, encoding=self._fonts.get(number, ""))
        elif self._state.fonts and number in _CHARSETS:
            self._fonts[self._font] = _CHARSETS[number]

    def _add_bytes(self, content: bytes) -> None:
        """Add bytes in the encoding that holds; the first after a character of Unicode stand for the same again."""
        if self._skipped:
            skipped = min(self._skipped, len(content))
            self._skipped -= skipped
            content = content[skipped:]
        if self._state.why != "":  # pictures are long
            self._bytes += content
        if len(self._bytes) > _LONGEST_RUN:
            self._flush()

    def _flush(self) -> None:
        """Make characters of the bytes that came."""
        if self._bytes:
            encoding = self._asked or self._state.encoding or self._default
            text = bytes(self._bytes).decode(encoding, "replace")
            self._bytes.clear()
            if self._state.why is None:
                self._account.replaced += text.count("\ufffd")
            self._write(text)

    def _add(self, text: str) -> None:
        """Add characters."""
        self._flush()
        self._skipped = 0
        self._write(text)

    def _write(self, text: str) -> None:
        if self._state.why is not None:
            if self._state.why:
                self._account.dropped[self._state.why] += len(text)
        elif self._state.note:
            self._notes.append(text)
        elif text == "\n" and not self._in_row:
            self._break()
        else:
            self._line.append(text)

    def _break(self) -> None:
        """End a paragraph, or a row of a table; its notes follow."""
        self._out.append("".join(self._line).removesuffix("\t") + "\n")
        self._line.clear()
        if self._notes:
            self._out.append("".join(self._notes).strip() + "\n")
            self._notes.clear()


def _codec(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError:
        return ""
