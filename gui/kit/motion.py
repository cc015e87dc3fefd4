"""Whether the window moves by itself: as the system asks, or never.

What moves by itself in this window: the line of a progress that is not known (gui/kit/progress_line.py), words that
are revealed (gui/train/script.py), and what enters the stage at the end of a run (gui/train/entrance.py).
"""

from __future__ import annotations

from gui.kit import mac, preferences


def is_reduced() -> bool:
    """Return whether nothing should move by itself now; the system may change its mind at any time."""
    return preferences.reduces_motion() or mac.reduces_motion()
