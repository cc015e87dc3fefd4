"""Where the branches of a text part from the one that is shown; without Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gui.generate.passage import Strand
from gui.generate.spelling import named
from gui.generate.take import Piece, Take

_WORDS = 36  # characters that tell a branch from the others


@dataclass(frozen=True, slots=True)
class Fork:
    """A place at which branches part: the number of the piece that differs, and the numbers of the other branches."""

    at: int
    others: tuple[int, ...]


def forks_of(strand: Strand) -> list[Fork]:
    """Return the forks along the branch that is shown, from its beginning to its end."""
    parted: dict[int, list[int]] = {}
    for number, take in enumerate(strand.branches):
        if take is not strand.shown:
            parted.setdefault(parting(strand.shown.pieces, take.pieces), []).append(number)
    return [Fork(at, tuple(parted[at])) for at in sorted(parted)]


def parting(one: Sequence[Piece], other: Sequence[Piece]) -> int:
    """Return the number of the first piece that differs."""
    pairs = zip(one, other, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a is not b and a != b), min(len(one), len(other)))


def words_from(take: Take, at: int) -> str:
    """Return in one line how a branch goes on from a fork."""
    words = "".join(piece.text for piece in take.pieces[at : at + _WORDS])
    return named(words[:_WORDS]).replace("·", " ").strip() + ("…" if len(words) > _WORDS else "") or "nothing yet"
