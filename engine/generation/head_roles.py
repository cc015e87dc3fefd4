"""What a head of attention seems to do, said only where most of its weight, at many places, goes there.

Measured are three habits that are known of small models: it looks at the token before, at the same token earlier, or
at the first of all that it sees. The numbers are shares of a head's weight, on the mean of the places where a habit
can be told from an even look: from the fourth token on, and for the same token where there is one, and at most an
eighth of the tokens before are it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from engine.core.events import Turn
from engine.core.kinds import HeadRole
from engine.generation.attention_map import attention
from engine.generation.decoder import Weights

LEAST_PLACES = 64
"""Places that a habit must be measured at: fewer tell little."""

MOST_OF_IT = 0.5
"""The share of its weight, on the mean of all places, from which a head is said to do something. A head that looks at
all tokens alike gives the one before, or the first, 3 % in a window of 128, and the same token an eighth at most."""

PLACES = 2048
"""Places that are enough: a share is known to about a hundredth then."""

_FROM = 3
_RARE = 1 / 8


class Habits:
    """Adds up how much of their weight the heads give to each habit."""

    def __init__(self, layers: int, heads: int) -> None:
        self._given = torch.zeros(3, layers, heads)
        self._places = torch.zeros(3)

    def add(self, layer: int, looked: Tensor, tokens: Tensor) -> None:
        """Take in what a layer looks at, (nh, T, T), where these tokens (T,) are read."""
        for number, (places, targets) in enumerate(_habits(tokens)):
            given = (looked * targets).sum(2)[:, places]
            self._given[number, layer] += given.sum(1)
            if layer == 0:
                self._places[number] += len(places)

    @property
    def places(self) -> int:
        """How many places the token before was looked for at."""
        return int(self._places[0])

    def roles(self) -> tuple[tuple[HeadRole, ...], ...]:
        """Return what each head of each layer does, none where nothing can be said."""
        shares = self._given / self._places.clamp(min=1)[:, None, None]
        shares[self._places < LEAST_PLACES] = 0.0
        best, which = shares.max(0)
        return tuple(
            tuple(_ROLES[role] if share > MOST_OF_IT else "none" for share, role in zip(*layer, strict=True))
            for layer in zip(best.tolist(), which.tolist(), strict=True)
        )


_ROLES: tuple[HeadRole, ...] = ("previous", "same", "first")


def roles_in(weights: Weights, windows: Sequence[Sequence[int]]) -> Iterator[Turn | Habits]:
    """Measure the heads on windows of tokens, each at most a block: a turn after each layer, then what was found."""
    habits = Habits(weights.args.n_layer, weights.args.n_head)
    for window in windows:
        tokens = torch.tensor(window)
        for layer, looked in enumerate(attention(weights, window)):
            habits.add(layer, looked.cpu(), tokens)
            yield Turn.NEXT
        if habits.places >= PLACES:
            break
    yield habits


def _habits(tokens: Tensor) -> list[tuple[Tensor, Tensor]]:
    """Return for each habit the places at which it can be told, (N,), and what it looks at from each, (T, T)."""
    time = len(tokens)
    at = torch.arange(time)
    before = at[:, None] > at
    same = (tokens[:, None] == tokens) & before
    count = same.sum(1)
    told = at >= _FROM
    is_previous = at[:, None] - 1 == at
    is_first = (at == 0).expand(time, time)
    rare = told & (count > 0) & (count <= _RARE * at)
    return [(at[told], is_previous), (at[rare], same), (at[told], is_first)]
