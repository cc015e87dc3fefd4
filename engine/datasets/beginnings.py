"""What a model may be asked to go on with: the commonest beginnings in the text that it learned from."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

import numpy as np

from engine.core.errors import DataError
from engine.datasets.dataset import dataset, entry_for

_READ_TOKENS = 50_000  # of the training part, from its beginning
_MOST, _OF_A_KIND = 5, 2
_AGAIN = 3  # times something must begin a turn or a sentence to be common
_LONGEST = 60  # characters
_TURN_ALONE = re.compile(r"^([^\W\d_][^\n:]{0,38}:)$", re.MULTILINE)
_TURN_IN_LINE = re.compile(r"^([^\W\d_][^\n:]{0,38}: )(?=\S)", re.MULTILINE)
_WORD = r"[^\W\d_]+(?:['’][^\W\d_]+)?"
_SENTENCE = re.compile(rf"(?:\A|\n[ \t]*|[.!?][\"”’]?\s+)({_WORD}(?: {_WORD}){{1,2}})(?= )")
_LINE = re.compile(r"^([^\W\d_]\w* )", re.MULTILINE)


def beginnings_of(name: str) -> list[str]:
    """Return a few beginnings that suit a prepared dataset, the best first; none where its text is not there any more.

    A built-in text's own one leads.
    """
    entry = entry_for(name)
    known = [entry.beginning] if entry and entry.beginning else []
    try:
        own = dataset(name)
        ids = np.fromfile(own.train_path, "<u2", _READ_TOKENS)
        text = own.load_tokenizer().decode(ids[:-1].tolist())  # the last may be a part of a character
    except (DataError, OSError):
        return known
    return list(dict.fromkeys((*known, *beginnings_in(text))))[:_MOST]


def beginnings_in(text: str) -> list[str]:
    """Return who speaks most in a text, how its sentences (or else its lines) begin, and its first words."""
    turns = [f"{name}\n" for name in _common(filter(_leads, _TURN_ALONE.findall(text)))]
    turns = turns or list(_common(filter(_leads, _TURN_IN_LINE.findall(text))))
    starts = list(_common(filter(_leads, _SENTENCE.findall(text)), _OF_A_KIND + 1))
    lines = [] if turns or starts else list(_common(_LINE.findall(text), _OF_A_KIND + 1))
    return list(dict.fromkeys((*turns, *starts, *lines, *_first_words(text))))[:_MOST]


def _common(found: Iterable[str], most: int = _OF_A_KIND) -> Iterator[str]:
    """Yield the commonest of these that begin with different words."""
    seen: set[str] = set()
    for words, times in Counter(found).most_common():
        first = words.split()[0]
        if times < _AGAIN or len(seen) == most:
            return
        if first not in seen:
            seen.add(first)
            yield words


def _leads(words: str) -> bool:
    """Return whether words begin as a sentence or a name does, in scripts that have capitals."""
    return words[0] == words[0].upper()


def _first_words(text: str) -> list[str]:
    line = next((line.strip() for line in text.split("\n") if line.strip()), "")
    if len(line) > _LONGEST:
        line = line[:_LONGEST].rsplit(" ", 1)[0]
    return [f"{line}\n" if line.endswith(":") else line] if line else []
