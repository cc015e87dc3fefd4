"""Where a model looked when a token was written: what is asked for it, and what is seen of the answer; without Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.core.events import Attended
from engine.core.kinds import HeadRole
from gui.generate.spelling import named
from gui.generate.take import Take
from gui.kit import formats

DOES: Mapping[HeadRole, str] = {
    "previous": "looks at the token before",
    "same": "looks at the same token earlier",
    "first": "looks at the first token it sees",
}
"""What is said of a head that was measured to do it."""

HOW_MEASURED = (
    "Said of a head only where over half of its weight goes there, on the mean of at least 64 places of the text that "
    "judges the model."
)

LEAST_SHOWN = 0.02
"""The part of a row's greatest weight from which a token is shaded."""


@dataclass(frozen=True, slots=True)
class Question:
    """What stood before a token: text that was given, or a passage of the dataset, and tokens after it."""

    ids: tuple[int, ...]
    start: str | None = None
    passage: tuple[str, float, int] | None = None


def question_of(take: Take, number: int) -> Question:
    """Return what stood before a piece of a text when it was written, or read."""
    if take.reads:
        return Question(_ids(take, 0, number), passage=take.passage)
    before = take.pieces[:number]
    given = take.given if number >= take.begun else 1 + max((n for n, p in enumerate(before) if p.by_hand), default=-1)
    return Question(_ids(take, given, number), "".join(piece.text for piece in before[:given]))


def _ids(take: Take, first: int, last: int) -> tuple[int, ...]:
    return tuple(piece.token for piece in take.pieces[first:last] if piece.token is not None)


@dataclass(frozen=True, slots=True)
class Looked:
    """What is seen of an answer: one layer, and one of its heads, or with None the mean of them all."""

    answer: Attended
    layer: int
    head: int | None = None

    @property
    def weights(self) -> list[float]:
        """How much each token got of the look, in all 1."""
        heads = self.answer.weights[self.layer]
        if self.head is not None:
            return list(heads[self.head])
        return [sum(column) / len(heads) for column in zip(*heads, strict=True)]

    def spans(self, before: str) -> list[tuple[int, int, float]]:
        """Return where in the text before a token the look went: characters from and to, and a shade from 0 to 1.

        The darkest shade is the greatest weight. What the model read otherwise than it stands there, as the half of a
        character with which a window begins, has none.
        """
        read = "".join(self.answer.texts)
        pairs = enumerate(zip(reversed(read), reversed(before), strict=False))
        same = next((n for n, (one, other) in pairs if one != other), min(len(read), len(before)))
        most = max(self.weights)
        at, found = len(before) - len(read), []
        for text, weight in zip(self.answer.texts, self.weights, strict=True):
            start, at = at, at + len(text)
            if text and start >= len(before) - same and weight >= LEAST_SHOWN * most:
                found.append((start, at, weight / most))
        return found

    def words(self) -> str:
        """Return what is to be said of it, in a sentence or two."""
        weights = self.weights
        most = max(weights)
        text = named(self.answer.texts[weights.index(most)])
        where = f"“{text}” has {formats.percent(most)} of the look, the most."
        return f"{self.does()} {where}".strip()

    def does(self) -> str:
        """Return what the head was measured to do, in a sentence; empty where nothing can be said."""
        if self.head is None or not self.answer.roles:
            return ""
        doing = DOES.get(self.answer.roles[self.layer][self.head], "")
        return f"Head {self.head + 1} {doing}." if doing else ""


def head_names(answer: Attended | None, layer: int) -> list[str]:
    """Return what the heads of a layer are called in a list, the mean of all first."""
    if answer is None:
        return ["All heads"]
    roles: Sequence[HeadRole] = answer.roles[layer] if answer.roles else ["none"] * len(answer.weights[layer])
    doing = [f" {DOES[role]}" if role in DOES else "" for role in roles]
    return ["All heads", *(f"Head {number}{words}" for number, words in enumerate(doing, 1))]
