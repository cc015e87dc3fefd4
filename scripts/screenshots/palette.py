"""Pictures in as few bytes as a README should have: 256 colors, the commonest of them exact, the others near."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

_COLORS, _EXACT = 256, 160


def save_small(picture: Path) -> None:
    """Write a picture anew in a palette of its own."""
    whole = Image.open(picture).convert("RGB")
    colors, places, counts = np.unique(
        np.asarray(whole).reshape(-1, 3), axis=0, return_inverse=True, return_counts=True
    )
    exact = colors[np.argsort(-counts)[:_EXACT]]
    rare = whole.quantize(_COLORS - _EXACT, method=Image.Quantize.MAXCOVERAGE).getpalette() or []
    palette = np.concatenate([exact, np.array(rare, dtype=np.uint8).reshape(-1, 3)])[:_COLORS]
    # Pillow's own way to a given palette is not exact
    nearest = [np.abs(palette.astype(int) - color.astype(int)).sum(axis=1).argmin() for color in colors]
    small = Image.fromarray(np.array(nearest, dtype=np.uint8)[places.reshape(whole.height, whole.width)], "P")
    small.putpalette(palette.tobytes())
    small.save(picture, optimize=True)
