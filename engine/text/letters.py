"""Letters of scripts with two cases, as Latin, Greek and Cyrillic have, and of others, such as Arabic and Chinese."""

from __future__ import annotations

from collections import Counter

_EVERY = 16
"""One character of so many is looked at."""


def is_cased(character: str) -> bool:
    """Whether a character is a letter of a script that has both cases."""
    return character.isalpha() and character.lower() != character.upper()


class LetterCount:
    """Counts the letters of a text that comes in pieces: some, from all over it."""

    def __init__(self) -> None:
        self._cased = self._others = 0

    def add(self, piece: str) -> None:
        """Take the next piece in."""
        for character, often in Counter(piece[::_EVERY]).items():
            if is_cased(character):
                self._cased += often
            elif character.isalpha():
                self._others += often

    @property
    def two_cases(self) -> bool:
        """Whether most letters have both cases; true also of a text without letters."""
        return self._cased >= self._others
