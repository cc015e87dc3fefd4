"""What is being trained, in one line: it stands where the form was while a run is on."""

from __future__ import annotations

from gui.kit import formats


def setup_line(text: str, model: str, minutes: float, parameters: int) -> str:
    """Return what learns from which text and for how long; `model` is a preset's label, or empty for a run's own."""
    words = f"Learning from {text}"
    if model:
        words += f" with {model}"
    if minutes:
        words += f" for {formats.duration(60 * minutes)}"
    return f"{words} · {formats.count(parameters)} parameters"
