"""The three texts: Tiny Shakespeare, the complete plays, and Python's own library, which every machine has."""

from __future__ import annotations

from engine.datasets.prepare import prepare

TEXTS = ("shakespeare", "shakespeare_complete", "python")


def prepare_text(name: str, source: str | None) -> None:
    """Prepare a text as the guide does, in GPT-2's tokens; `source` is a file of Tiny Shakespeare, else downloaded."""
    if name == "python":
        prepare("python_library", name=name)
    else:
        prepare(name, source=source if name == "shakespeare" else None)
