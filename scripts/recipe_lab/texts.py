"""The three texts: Tiny Shakespeare, the complete plays, and Python's own library, which every machine has."""

from __future__ import annotations

import sysconfig
from pathlib import Path

from engine.datasets.prepare import prepare

TEXTS = ("shakespeare", "shakespeare_complete", "python")

PYTHON_BYTES = 3_000_000
"""How much of Python's library is taken: its modules in the order of their names."""


def prepare_text(name: str, folder: Path, source: str | None) -> None:
    """Prepare a text as the guide does, in GPT-2's tokens; `source` is a file of Tiny Shakespeare, else downloaded."""
    if name == "python":
        file = folder / "python.txt"
        file.write_text(python_text(), "utf-8")
        prepare(str(file), name=name)
    else:
        prepare(name, source=source if name == "shakespeare" else None)


def python_text() -> str:
    """Return the source of Python's library; another version of Python has a slightly different text."""
    modules = sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py"))
    taken: list[str] = []
    size = 0
    for module in modules:
        text = module.read_text("utf-8", errors="ignore")
        size += len(text.encode())
        if size > PYTHON_BYTES:
            break
        taken.append(text)
    return "\n\n".join(taken)
