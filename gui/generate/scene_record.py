"""A scene as it was played: turns that follow each other, and of each every other that stood in its place; no Qt."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.text.script import Speech
from gui.generate.take import Piece, Take

SEEN_INSIDE = 100
"""Of so many of the last turns it is remembered what else could have stood in them."""


@dataclass(slots=True, eq=False)
class SceneTurn:
    """What one speaker says at one place of a scene.

    Attributes:
        words: what a person wrote, or what the model said in the end; while it speaks the `take` tells.
        take: how the model came to it; None for what a person wrote.
        nexts: the turns that followed it, one of which is shown.
    """

    speaker: str
    words: str = ""
    take: Take | None = None
    before: SceneTurn | None = field(default=None, repr=False)
    nexts: list[SceneTurn] = field(default_factory=list, repr=False)
    at: int = 0

    @property
    def said(self) -> str:
        """What is said so far."""
        return self.words or (self.take.text().strip() if self.take is not None else "")

    @property
    def others(self) -> list[SceneTurn]:
        """All turns that stood in this place, this one among them."""
        return self.before.nexts if self.before is not None else [self]

    @property
    def number(self) -> int:
        """Which of them this is, from 0."""
        return self.others.index(self)


class SceneRecord:
    """The turns of a scene.

    Attributes:
        path: those that are shown, in order.
    """

    def __init__(self) -> None:
        self._root = SceneTurn("")
        self.path: list[SceneTurn] = []

    def speeches(self, before: SceneTurn | None = None) -> list[Speech]:
        """Return what was said, up to a turn of the path or to its end; silence is left out."""
        turns = self.path if before is None else self.path[: self.path.index(before)]
        return [Speech(turn.speaker, turn.said) for turn in turns if turn.said]

    def add(self, turn: SceneTurn) -> SceneTurn:
        """Let a turn follow the last one; return it."""
        self._put(turn, self.path[-1] if self.path else self._root)
        return turn

    def replace(self, old: SceneTurn, turn: SceneTurn) -> SceneTurn:
        """Let a turn stand in the place of another, which is kept beside it; return it."""
        assert old.before is not None
        self._put(turn, old.before)
        return turn

    def step(self, turn: SceneTurn, by: int) -> None:
        """Show the next of the turns that stood in one place, or the one before; the last is followed by the first."""
        place = turn.before
        if place is not None:
            place.at = (place.at + by) % len(place.nexts)
            self._follow()

    def take_back(self, turn: SceneTurn) -> None:
        """Undo `add` or `replace`: the turn never began."""
        place = turn.before
        if place is not None and turn in place.nexts:
            place.nexts.remove(turn)
            place.at = max(0, len(place.nexts) - 1)
            self._follow()

    def lighten(self) -> None:
        """Forget what else could have stood in turns of long ago, which takes far more room than they do."""
        for turn in self.path[: -SEEN_INSIDE or None]:
            if turn.take is not None and len(turn.take.pieces) > 1:
                turn.take.pieces[:] = [Piece(turn.take.text())]

    def _put(self, turn: SceneTurn, place: SceneTurn) -> None:
        turn.before = place
        place.nexts.append(turn)
        place.at = len(place.nexts) - 1
        self._follow()

    def _follow(self) -> None:
        """Find the path again."""
        self.path, turn = [], self._root
        while turn.nexts:
            turn = turn.nexts[turn.at]
            self.path.append(turn)


def first_remembered(path: list[SceneTurn], forgotten: int) -> int:
    """Return the row of the first turn that the model still has before it, when it forgot so many speeches."""
    spoken = [row for row, turn in enumerate(path) if turn.said]
    return spoken[forgotten] if 0 < forgotten < len(spoken) else 0
