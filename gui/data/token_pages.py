"""A token file in rows as wide as the window: any place of a text of any length at once. Pure.

A paragraph ends with a line end. Where a text has none for long it is cut at round numbers of tokens, so that the
rows around any place can be found by looking at a few thousand tokens, wherever it is.
"""

from __future__ import annotations

import codecs
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.tokens.tokenizer import Tokenizer

LONGEST = 2048
"""Tokens after which a text without line ends is cut."""

LINE_END = "↵"
_PART_OF_A_CHARACTER = "·"
_KEPT = 512
_VISIBLE = str.maketrans({"\n": LINE_END, "\r": "␍", "\t": "⇥ ", "\0": "␀"})


@dataclass(frozen=True, slots=True)
class Cell:
    """One token in a row: its place in the file, its id, what is shown of it, and where, in pixels from the left."""

    place: int
    token: int
    text: str
    left: float
    width: float


@dataclass(frozen=True, slots=True)
class Row:
    """One row of tokens; `paragraph` is the place its paragraph begins at, `number` counts the rows of it."""

    paragraph: int
    number: int
    cells: tuple[Cell, ...]

    @property
    def start(self) -> int:
        """The place of its first token."""
        return self.cells[0].place

    @property
    def end(self) -> int:
        """The place after its last token."""
        return self.cells[-1].place + 1

    @property
    def text(self) -> str:
        """What is shown of it."""
        return "".join(cell.text for cell in self.cells)


class TokenPages:
    """The tokens of a file, and the rows they make at a width.

    Attributes:
        ids: the tokens, read from disk where they are looked at.
        tokenizer: what the text is written with.
    """

    def __init__(self, path: Path, tokenizer: Tokenizer, measure: Callable[[str], float]) -> None:
        """Open a token file; `measure` gives the width of a text in pixels."""
        self.ids = np.memmap(path, dtype="<u2", mode="r")
        self.tokenizer = tokenizer
        self._measure = measure
        self._width = 1.0
        self._widths: dict[str, float] = {}
        self._ends_line = np.array(
            [b"\n" in tokenizer.token_bytes(token) for token in range(tokenizer.vocab_size)], dtype=bool
        )
        self._paragraphs: OrderedDict[int, tuple[Row, ...]] = OrderedDict()

    def __len__(self) -> int:
        return len(self.ids)

    def use_width(self, width: float) -> None:
        """Break rows at this width from now on."""
        if width != self._width:
            self._width = width
            self._paragraphs.clear()

    def row_at(self, place: int) -> Row:
        """Return the row that holds a token."""
        place = min(max(place, 0), len(self) - 1)
        rows = self._rows(self._paragraph_start(place))
        return next(row for row in rows if place < row.end)

    def after(self, row: Row) -> Row | None:
        """Return the next row, None after the last."""
        return self.row_at(row.end) if row.end < len(self) else None

    def before(self, row: Row) -> Row | None:
        """Return the row before, None before the first."""
        return self.row_at(row.start - 1) if row.start else None

    def rows_from(self, row: Row, count: int) -> Iterator[Row]:
        """Yield so many rows, this one first, or as many as there are."""
        following: Row | None = row
        while following is not None and count > 0:
            yield following
            following = self.after(following)
            count -= 1

    def moved(self, row: Row, rows: int) -> Row:
        """Return the row so many rows on, or back, or the last or first there is."""
        step = self.after if rows > 0 else self.before
        for _ in range(abs(rows)):
            following = step(row)
            if following is None:
                break
            row = following
        return row

    def token_bytes(self, start: int, end: int) -> bytes:
        """Return the bytes that the tokens from `start` to before `end` stand for."""
        return b"".join(self.tokenizer.token_bytes(token) for token in self.ids[start:end].tolist())

    def _paragraph_start(self, place: int) -> int:
        """Return where the paragraph of a token begins."""
        first = max(0, place - 2 * LONGEST)
        ends = np.flatnonzero(self._ends_line[self._known(first, place)])
        after_end = first + int(ends[-1]) + 1 if len(ends) else first
        cut = place // LONGEST * LONGEST
        return cut if cut - LONGEST >= after_end or (not len(ends) and first) else after_end

    def _paragraph_end(self, start: int) -> int:
        """Return where the paragraph ends that begins at `start`."""
        cut = min(-(-start // LONGEST) * LONGEST + LONGEST, len(self))
        ends = np.flatnonzero(self._ends_line[self._known(start, cut)])
        return start + int(ends[0]) + 1 if len(ends) else cut

    def _known(self, start: int, end: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Return ids as indices; one that a damaged file has beyond the vocabulary counts as the first."""
        ids = np.asarray(self.ids[start:end], dtype=np.int64)
        return np.where(ids < len(self._ends_line), ids, 0)

    def _rows(self, start: int) -> tuple[Row, ...]:
        """Return the rows of a paragraph."""
        if start not in self._paragraphs:
            self._paragraphs[start] = tuple(self._laid_out(start))
            if len(self._paragraphs) > _KEPT:
                self._paragraphs.popitem(last=False)
        return self._paragraphs[start]

    def _laid_out(self, start: int) -> Iterator[Row]:
        """Yield a paragraph's rows, broken where possible before a token that begins with a space."""
        row: list[Cell] = []
        number, right, may_break = 0, 0.0, 0
        for place, token, text in self._shown(start, self._paragraph_end(start)):
            width = self._width_of(text)
            if text.startswith(" ") or (row and row[-1].text.endswith(" ")):
                may_break = len(row)
            if row and right + width > self._width:
                at = may_break or len(row)
                yield Row(start, number, tuple(row[:at]))
                number += 1
                shift = row[at].left if at < len(row) else right
                row = [Cell(c.place, c.token, c.text, c.left - shift, c.width) for c in row[at:]]
                right, may_break = right - shift, 0
            row.append(Cell(place, token, text, right, width))
            right += width
        yield Row(start, number, tuple(row))

    def _shown(self, start: int, end: int) -> Iterator[tuple[int, int, str]]:
        """Yield place, id and text of each token; a character that takes several is shown with its last."""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        for place, token in enumerate(self.ids[start:end].tolist(), start):
            text = decoder.decode(self.tokenizer.token_bytes(token))
            yield place, token, visible(text) or _PART_OF_A_CHARACTER

    def _width_of(self, text: str) -> float:
        if text not in self._widths:
            self._widths[text] = self._measure(text)
        return self._widths[text]


def visible(text: str) -> str:
    """Return a token's text with line ends and other characters that have no shape made visible."""
    shown = text.translate(_VISIBLE)
    return shown if shown.isprintable() else "".join(c if c.isprintable() else "\N{WHITE SQUARE}" for c in shown)
