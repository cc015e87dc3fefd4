"""What is wrong with a text, in the window's words, and the button that mends it. Pure."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from engine.datasets.dataset import Dataset
from engine.datasets.folder import read_meta
from engine.planning.presets import presets
from engine.text.catalogue import catalogue
from gui.data.draft import sources_of
from gui.kit import formats

if TYPE_CHECKING:
    from engine.datasets.report import Problem, ProblemCode

MendAction = Literal["reveal", "more", "document", "bpe", "train"]
"""What a button does: show the text’s file, add to it, prepare it otherwise, or train on it as it is."""

_BPE = ("Prepare it with pieces learned from this text: a smaller vocabulary trains faster.", "Learn Its Own Pieces…")
_WORDS: Mapping[ProblemCode, tuple[str, str, MendAction]] = {
    "wrong_encoding": ("Get the text anew from where it came, and add it again.", "Show the Original", "reveal"),
    "too_short": ("Add more of the same kind: 100 KB or more is better.", "Add More Text…", "more"),
    "different_parts": ("Let whole documents judge the model instead of the end.", "Split by Document…", "document"),
    "vocabulary_unused": (*_BPE, "bpe"),
    "many_characters": (*_BPE, "bpe"),
}
_NEEDS_SOURCE: tuple[MendAction, ...] = ("reveal", "document", "bpe")
_ONE_DOCUMENT = "Its end judges the model, and is of another kind than what it learns from: expect a higher loss there."
_ROUND = 32


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something wrong: what, what to do, the words on a button and what it does; no button without words.

    `changes` are settings, for the action "train".
    """

    code: ProblemCode
    what: str
    fix: str
    button: str = ""
    action: MendAction | None = None
    changes: dict[str, Any] = field(default_factory=dict)


def troubles(dataset: Dataset, problems: Sequence[Problem]) -> list[Trouble]:
    """Return what is wrong with a dataset, the worst first."""
    found = _too_short_for_presets(dataset)
    has_source = bool(sources_of(dataset.name)) or _is_built_in(dataset)
    for problem in problems:
        fix, button, action = _WORDS.get(problem.code, (problem.fix, "", None))
        if action == "document" and not _has_documents(dataset):
            fix, button, action = _ONE_DOCUMENT, "", None
        if action in _NEEDS_SOURCE and not has_source:
            button = ""
        found.append(Trouble(problem.code, problem.what, fix, button, action))
    return found


def _has_documents(dataset: Dataset) -> bool:
    """Return whether whole documents could judge a model of this text, and do not yet."""
    meta = read_meta(dataset)
    if meta.get("recipe", {}).get("split") == "document":
        return False
    if "documents" in meta:
        return bool(meta["documents"] > 1)
    sources = sources_of(dataset.name)  # of what was prepared before that was counted
    return len(sources) > 1 or any(map(os.path.isdir, sources)) or _is_built_in(dataset)


def _is_built_in(dataset: Dataset) -> bool:
    return dataset.name in catalogue()


def _too_short_for_presets(dataset: Dataset) -> list[Trouble]:
    """Return a trouble for the presets that read longer windows than the shorter part of the text has."""
    least = min(dataset.train_tokens, dataset.val_tokens)
    short = [preset for preset in presets().values() if preset.config().block_size >= least]
    if not short:
        return []
    names = ", ".join(preset.label for preset in short)
    which = "validation" if dataset.val_tokens == least else "training"
    block = max(1, (least - 1) // _ROUND * _ROUND or least - 1)
    return [
        Trouble(
            "shorter_than_block",
            f"The {which} part has {formats.plural(least, 'token')}: too short for the windows of {names}.",
            f"Choose another preset, or windows of {formats.plural(block, 'token')}.",
            "Train with Shorter Windows",
            "train",
            {"block_size": block},
        )
    ]
