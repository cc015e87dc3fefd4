"""A run in words, as every tab says them: what became of it, how far it came, that it can go on."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache

from engine.core.errors import DataError
from engine.core.files import spoken_name
from engine.core.kinds import DeviceKind
from engine.core.paths import datasets_dir
from engine.datasets.dataset import dataset, origin_of, refitted_from, vocabulary_of
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
    return text_title(run.dataset) if run.dataset else ""


def text_title(dataset_name: str) -> str:
    """Return what a text is called, whatever tokens it is in; of one that has gone, its name in words."""
    base = origin_of(dataset_name) or dataset_name
    if (title := title_of(base)) != base:
        return title
    try:
        changed = os.stat(datasets_dir() / base / "meta.json").st_mtime_ns
    except (OSError, ValueError):
        changed = 0
    return _own_title(base, changed)


def tokens_title(dataset_name: str) -> str:
    """Return what a text is called, and in which tokens it is where those were made or taken for a model.

    May read all that is known of the text: not for the window's thread.
    """
    title, refitted = text_title(dataset_name), refitted_from(dataset_name)
    if refitted is None:
        return f"{title} in the tokens of another model" if origin_of(dataset_name) else title
    with suppress(DataError):
        return in_own_tokens(title, vocabulary_of(dataset_name))
    return in_own_tokens(title, refitted[1])


def in_own_tokens(title: str, vocab_size: int) -> str:
    """Return what the text of a title is called in tokens that were learned from it, so many; without one, the rest."""
    return f"{title} in {formats.whole(vocab_size)} tokens of its own".lstrip()


@lru_cache(maxsize=256)
def _own_title(name: str, _changed: int) -> str:
    """Return the title of a text of one's own; read once, until its folder says another."""
    with suppress(DataError):
        return dataset(name).title
    return spoken_name(name)


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
