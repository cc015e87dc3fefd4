"""What a person may say of how their files are to be read, where a file does not say it itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReadingWishes:
    """What was said of how to read; empty where the file decides.

    Attributes:
        encoding: Python's name of an encoding.
        text_key: the column of a table, or the key of a JSON object, that holds the words.
        speaker_key: the one that holds who says them.
        names: what to call speakers in place of their own names: (name, other name).
        allow_loss: whether a text is taken although much of it cannot be read.
    """

    encoding: str = ""
    text_key: str = ""
    speaker_key: str = ""
    names: tuple[tuple[str, str], ...] = ()
    allow_loss: bool = False
