"""Where a turn ends in what a model writes, and who would speak next."""

from __future__ import annotations

from collections.abc import Collection

from engine.text.chats.layout import LONGEST_NAME
from engine.text.turns import Layout, is_name


class TurnReader:
    """Reads on as a model writes behind the name of a speaker.

    A turn ends as the layout says, and where one of `names` leads a line that no blank line sets apart.

    Attributes:
        ended: whether the turn is over.
        wanted: whose name leads the next turn; empty for nobody's, None while that is not known.
    """

    def __init__(self, layout: Layout, names: Collection[str] = ()) -> None:
        self.ended = False
        self.wanted: str | None = None
        self._layout = layout
        self._names = names
        self._text = ""
        self._told = 0
        self._line = 0  # where the line begins that is looked at
        self._end = 0

    @property
    def words(self) -> str:
        """What was said so far, as far as it is sure."""
        return self._text[: self._end if self.ended else self._told].strip()

    def feed(self, text: str) -> str:
        """Take the next piece in; return what is sure to be said now."""
        self._text += text
        sure = self._look() if not self.ended else self._end
        if self.ended and self.wanted is None:
            self.wanted = self._name_at(self._line)
        piece, self._told = self._text[self._told : sure], max(self._told, sure)
        return piece

    def _look(self) -> int:
        """Look at line after line for the end; return how many characters are said, whatever comes."""
        while True:
            before = max(0, self._line - 1)
            ends = self._ends_at(self._line) if self._line or self._layout == "name_above" else False
            if ends is None:
                return before
            if ends:
                return self._end_at(before)
            found = self._text.find("\n", self._first_word(self._line))
            if found < 0:
                return len(self._text)
            self._line = found + 1
            if self._layout == "line_by_line":
                return self._end_at(found)

    def _end_at(self, end: int) -> int:
        self.ended, self._end = True, end
        return end

    def _first_word(self, begin: int) -> int:
        """Return where words begin again behind blank lines, but for those that a turn begins with."""
        rest = self._text[begin:]
        return begin + len(rest) - len(rest.lstrip("\n")) if begin else begin

    def _ends_at(self, begin: int) -> bool | None:
        """Return whether the turn is over where a line begins; None while that is not known."""
        if self._text.startswith("\n", begin):
            if self._layout == "name_above":
                return True
            name = self._name_at(begin)
            return None if name is None else bool(name)
        line, line_end, _ = self._text[begin:].partition("\n")
        name, colon, words = line.partition(":")
        if not colon:
            return None if not line_end and any(each.startswith(line) for each in self._names) else False
        if name not in self._names:
            return False
        return self._leads(words, line_end)

    def _leads(self, words: str, line_end: str) -> bool | None:
        """Return whether a name leads a turn, by what stands behind its colon; None while nothing does."""
        if not words and not line_end:
            return None
        return not words if self._layout == "name_above" else words.startswith(" ")

    def _name_at(self, begin: int) -> str | None:
        """Return the name that leads a turn there; empty where none does, None while that is not known."""
        line, line_end, _ = self._text[begin:].lstrip("\n").partition("\n")
        name, colon, words = line.partition(":")
        if not colon:
            return "" if line_end or len(line) > LONGEST_NAME else None
        leads = self._leads(words, line_end)
        return None if leads is None else name if leads and is_name(name) else ""
