"""How clearly a run's face is seen: the mask comes out of noise as the loss falls. Pure."""

from __future__ import annotations

import math

from engine.datasets.quality import Ladder
from gui.train.curves import Curves

STEPS = 20
"""In how many steps it comes out: more would not be seen, and each is drawn."""

_GOOD = 0.85  # of the loss of counting pairs, or of what others reached where that is known: a good model's
_USUAL = 0.5  # of the loss of guessing, as long as the text is not measured


def clarity(baseline: float | None, curves: Curves, ladder: Ladder | None) -> float:
    """Return how much of the way from guessing (`baseline`) to a good loss lies behind, from 0 to 1, in steps."""
    losses = curves.steps.column("smoothed")
    if not baseline or not len(losses) or not math.isfinite(losses[-1]):
        return 0.0
    rungs = {rung.name: rung.loss for rung in ladder.rungs} if ladder else {}
    good = min(rungs.get("known", math.inf), _GOOD * rungs.get("bigram", _USUAL / _GOOD * baseline))
    share = (baseline - float(losses[-1])) / max(baseline - good, 0.1)
    return round(min(max(share, 0.0), 1.0) * STEPS) / STEPS
