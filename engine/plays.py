"""The complete Shakespeare that ships with Understudy: 38 plays, laid out like Tiny Shakespeare."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.carriers import carried


class Plays:
    """All plays, in the order of their titles: comedies, histories and tragedies mixed."""

    source = "38 plays of Shakespeare that ship with Understudy"

    def __init__(self) -> None:
        self._files = sorted(carried("plays").glob("*/*.md"), key=lambda path: path.stem)
        self.size = sum(path.stat().st_size for path in self._files)

    def pieces(self) -> Iterator[str]:
        """Give the text, a play at a time."""
        for number, path in enumerate(self._files):
            yield ("\n" if number else "") + play_text(path)

    def notes(self) -> list[str]:
        """Nothing of it needs saying."""
        return []


def play_text(path: Path) -> str:
    """Give the speeches of one play: a speaker's name with a colon, the lines, and a blank line between speeches."""
    raise NotImplementedError
