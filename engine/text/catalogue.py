"""The catalogue of built-in texts: where each comes from, its checksum and its licence (data/catalogue.json)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from engine.core.config import DATASET_ALIASES
from engine.core.kinds import TokenizerKind
from engine.core.paths import shipped

TextForm = Literal["plain", "plays", "gutenberg", "names", "openings", "python"]
"""How a text is had from its files: as they are, from the shipped plays, a book of Project Gutenberg without what
frames it, names or openings one on each line, or the library of this Python."""

Genre = Literal["plays", "prose", "names", "moves", "code"]
"""What kind of text it is, for who offers presets and beginnings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueFile:
    """A file that a built-in text is made of: where it is, its SHA-256 and its bytes."""

    url: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueEntry:
    """A built-in dataset.

    Attributes:
        description: what is in it.
        why: why one would train on it.
        url: the page or the file that it comes from, for people.
        files: what is downloaded; none for a text that is there without a network.
        form: how the text is had from these files.
        beginning: what a model of it may be asked to go on with.
        sha256, bytes: those of the text; no sum for one that differs from machine to machine.
        reached: the lowest bits per byte that are published for it, 0 where none are; `reached_by` says by what.
        predictability: bits per byte that counting its n-grams reaches, and with a memory of what was read a moment
            ago (engine/planning/ngrams.py); about, where the text differs from machine to machine.
        groups: the kinds of plays that a text that ships with Understudy is made of; none: all of them.
    """

    name: str
    title: str
    description: str
    why: str
    genre: Genre
    beginning: str
    licence: str
    url: str
    form: TextForm
    sha256: str
    bytes: int
    tokenizer: TokenizerKind
    vocab_size: int
    files: tuple[CatalogueFile, ...] = ()
    reached: float = 0.0
    reached_by: str = ""
    predictability: tuple[float, ...] = ()
    groups: tuple[str, ...] = ()

    @property
    def offline(self) -> bool:
        """Whether it is there without a network."""
        return not self.files

    @property
    def download_bytes(self) -> int:
        """What a download brings."""
        return sum(file.bytes for file in self.files)


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstSample:
    """What a model of a built-in text wrote first, not picked: `make gallery` trains it and keeps it.

    Attributes:
        text: from its beginning.
        minutes: how long quick trained, on `machine` with so many `cores`.
        bits_per_byte: its loss on the part that judges, per byte of text.
        iterations: the updates it made.
    """

    text: str
    minutes: float
    bits_per_byte: float
    iterations: int
    machine: str
    cores: int


@cache
def catalogue() -> dict[str, CatalogueEntry]:
    """Return the built-in datasets by name, the default first."""
    rows = json.loads(shipped("data", "catalogue.json").read_text("utf-8"))
    return {row["name"]: _entry(row) for row in rows}


@cache
def first_samples() -> dict[str, FirstSample]:
    """Return what was written after some minutes of training on built-in texts, by the name of the text."""
    file = shipped("data", "samples.json")
    made = json.loads(file.read_text("utf-8")) if file.exists() else {}
    return {name: FirstSample(**sample) for name, sample in made.items() if name in catalogue()}


def title_of(name: str) -> str:
    """Return what the window calls a dataset: the title of a built-in one, else its name."""
    entry = catalogue().get(DATASET_ALIASES.get(name, name))
    return entry.title if entry else name


def _entry(row: dict[str, Any]) -> CatalogueEntry:
    files = tuple(CatalogueFile(**file) for file in row.get("files", ()))
    lists = {name: tuple(row.get(name, ())) for name in ("groups", "predictability")}
    return CatalogueEntry(**{**row, "files": files, **lists})
