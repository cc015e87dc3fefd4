"""A run in words, as every tab says them: what became of it, how far it came, that it can go on."""

from __future__ import annotations

from collections.abc import Mapping

from engine.core.kinds import DeviceKind
from engine.datasets.dataset import origin_of
from engine.runs.run_summary import RunStatus, RunSummary
from engine.text.catalogue import title_of
from gui.kit import formats


def offer_words(run: RunSummary) -> str:
    """Return in words which run can go on, and from where."""
    name = run.name if len(run.name) <= _LONG_NAME else f"{run.name[:_LONG_NAME].rstrip()}…"
    many = "update" if iterations_text(run) == "1" else "updates"
    done = f" after {iterations_text(run)} {many}" if run.iter_num else ""
    return f"Or go on with “{name}”, {STATUS_WORDS[run.status][0].lower()}{done}."


_LONG_NAME = 40


STATUS_WORDS: Mapping[RunStatus, tuple[str, str]] = {
    "running": ("Training", "link"),
    "finished": ("Finished", "positive"),
    "stopped": ("Stopped", "secondary"),
    "paused": ("Paused", "caution"),
    "interrupted": ("Interrupted", "caution"),
    "empty": ("Not begun", "secondary"),
    "foreign": ("From elsewhere", "secondary"),
    "damaged": ("Damaged", "negative"),
}
"""Each status in words, and the role of its color."""


def text_words(run: RunSummary) -> str:
    """Return what the text of a run is called, whatever tokens it is in; empty where that is not known."""
    return title_of(origin_of(run.dataset) or run.dataset) if run.dataset else ""


def iterations_text(run: RunSummary) -> str:
    """Return how far a run came: "1,250 of 5,000", or the one number when it is done or no number is its aim."""
    if run.iter_num is None:
        return formats.NOTHING
    if run.timed or run.max_iters is None or run.iter_num >= run.max_iters:
        return formats.whole(run.iter_num)
    return f"{formats.whole(run.iter_num)} of {formats.whole(run.max_iters)}"


def device_words(device: DeviceKind) -> str:
    """Return a device as people call it."""
    return {"mps": "Apple GPU", "cuda": "NVIDIA GPU", "cpu": "CPU"}.get(device.split(":")[0], device)
