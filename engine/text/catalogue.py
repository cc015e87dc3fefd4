"""The catalogue of built-in texts: where each comes from, its checksum and its licence (data/catalogue.json)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache

from engine.core.config import DATASET_ALIASES
from engine.core.kinds import TokenizerKind
from engine.core.paths import shipped


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueEntry:
    """A built-in dataset: where its text comes from, and the SHA-256 and bytes of that text.

    `reached` is the lowest bits per byte that are published for it, 0 where none are; `reached_by` says by what.
    `groups` are the kinds of plays that a text that ships with Understudy is made of; none: all of them.
    """

    name: str
    title: str
    description: str
    licence: str
    url: str
    sha256: str
    bytes: int
    tokenizer: TokenizerKind
    vocab_size: int
    offline: bool
    reached: float = 0.0
    reached_by: str = ""
    groups: tuple[str, ...] = ()


@cache
def catalogue() -> dict[str, CatalogueEntry]:
    """Return the built-in datasets by name, the default first."""
    rows = json.loads(shipped("data", "catalogue.json").read_text("utf-8"))
    return {row["name"]: CatalogueEntry(**{**row, "groups": tuple(row.get("groups", ()))}) for row in rows}


def title_of(name: str) -> str:
    """Return what the window calls a dataset: the title of a built-in one, else its name."""
    entry = catalogue().get(DATASET_ALIASES.get(name, name))
    return entry.title if entry else name
