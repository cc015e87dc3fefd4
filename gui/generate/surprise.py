"""How surprising each token is among the others of its text; without Qt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

SHARES = (0.25, 0.1, 0.03)
"""The shares of a text's tokens that have at least the first, the second, the third shade."""

_LIKELY = 0.5  # a token that was likelier than not surprises nobody, whatever the others are


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual in a text: a token less likely than `below[n]` has at least the shade n + 1."""

    below: tuple[float, ...] = (0.0,) * len(SHARES)

    def shade_of(self, probability: float) -> int:
        """Return which shade of `Colors.surprise` a token has: 0 is usual."""
        return sum(probability < limit for limit in self.below)


def usual_among(probabilities: Iterable[float]) -> Usual:
    """Return what is usual among tokens of these probabilities.

    By rank alone: of a hundred tokens no more than 25, 10 and 3 have each shade, however good the model is. Of a few
    tokens none stands out.
    """
    ordered = sorted(probabilities)
    if not ordered:
        return Usual()
    return Usual(tuple(min(ordered[int(share * len(ordered))], _LIKELY) for share in SHARES))
