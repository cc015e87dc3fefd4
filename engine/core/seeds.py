"""Seeds made from seeds, so that each draw of a run is a function of its seed and its iteration."""

from __future__ import annotations

import numpy as np


def derived_seed(*key: int) -> int:
    """Return a 32-bit seed that is a function of the key alone."""
    return int(np.random.SeedSequence(key).generate_state(1)[0])
