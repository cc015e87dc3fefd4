"""The texts of the lab: two to choose a recipe by, and others to check with once at the end."""

from __future__ import annotations

from engine.datasets.prepare import prepare

CHOSEN_BY = ("shakespeare", "python")
"""Tiny Shakespeare, and Python's own library, which every machine has."""

CHECKED_WITH = ("shakespeare_complete", "sherlock", "alice", "names", "quijote")
"""The complete plays and Sherlock Holmes; a short text, a list and Spanish, which must not be worse: no part in any
choice."""

TEXTS = CHOSEN_BY + CHECKED_WITH


def prepare_text(name: str, source: str | None) -> None:
    """Prepare a text as the guide does, in GPT-2's tokens; `source` is a file of it, else what is missing is loaded."""
    if name == "python":
        prepare("python_library", name=name)
    else:
        prepare(name, source=source)
