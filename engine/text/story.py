"""Paragraphs, table rows and boxes of a document, in the order they are read in, as they end."""

from __future__ import annotations

_SHORT_CELL = 200


class Story:
    """Collects the text of a document whose parts stand in each other: a box in a sentence, a table in a cell."""

    def __init__(self) -> None:
        self._out: list[str] = []
        self._paragraphs: list[_Paragraph] = []
        self._containers: list[list[str]] = []
        self._rows: list[list[str]] = []

    @property
    def in_paragraph(self) -> bool:
        """Whether words belong to a paragraph here."""
        return bool(self._paragraphs)

    def write(self, words: str) -> None:
        """Add words to the paragraph that is open; words outside of any are layout."""
        if self._paragraphs:
            self._paragraphs[-1].words.append(words)

    def begin_paragraph(self) -> None:
        """Hear that a paragraph begins."""
        self._paragraphs.append(_Paragraph())

    def end_paragraph(self, *, hidden: bool = False) -> None:
        """End a paragraph: it is a line unless it is hidden, and what stood beside it comes after it."""
        if not self._paragraphs:
            return
        paragraph = self._paragraphs.pop()
        if paragraph.words or paragraph.begun or not hidden:
            self._emit("".join(paragraph.words))
        for line in paragraph.beside:
            self._emit(line)

    def begin_aside(self) -> None:
        """Begin a box or a note that stands in a sentence and is none of it."""
        self._containers.append([])

    def end_aside(self) -> None:
        """End it; its lines come after the paragraph."""
        lines = self._containers.pop()
        if self._paragraphs:
            self._paragraphs[-1].beside += lines
        else:
            for line in lines:
                self._emit(line)

    def begin_row(self) -> None:
        """Begin a row of a table."""
        self._rows.append([])

    def end_row(self) -> None:
        """End a row: its cells are a tab apart."""
        self._emit("\t".join(self._rows.pop()))

    def begin_cell(self) -> None:
        """Begin a cell of a row."""
        self._containers.append([])

    def end_cell(self) -> None:
        """End a cell; a short one stands on one line."""
        lines = self._containers.pop()
        size = sum(map(len, lines))
        cell = ("\n" if size > _SHORT_CELL else " ").join(lines)
        if self._rows:
            self._rows[-1].append(cell)
        else:
            self._emit(cell)

    def take(self) -> str:
        """Return what has ended since the last time, and what has come of a paragraph that has not."""
        if len(self._paragraphs) == 1 and not self._containers and not self._rows:
            paragraph = self._paragraphs[0]
            self._out += paragraph.words
            paragraph.begun = paragraph.begun or bool(paragraph.words)
            paragraph.words.clear()
        found = "".join(self._out)
        self._out.clear()
        return found

    def _emit(self, line: str) -> None:
        if self._containers:
            self._containers[-1].append(line)
        else:
            self._out.append(line + "\n")


class _Paragraph:
    """A paragraph that is open: its words that were not taken yet, and lines that stand beside it."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.beside: list[str] = []
        self.begun = False
