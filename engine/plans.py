"""What a preparation is to do: which text, which tokenizer, under which name; or why it cannot."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from engine.datasets import CatalogueEntry, catalogue
from engine.download import file_sha256, kept
from engine.errors import DataError, SettingError, nearest
from engine.paths import datasets_dir
from engine.plays import Plays
from engine.texts import Text, own_text
from engine.tokenizer import TOKENIZERS

PART = ".part"
"""How the names of datasets end that are not whole yet."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be prepared: a text, the kind of its tokenizer, and the name it gets.

    Attributes:
        name: what --dataset takes; the folder's name too.
        title: what the window shows.
        text: what to read.
        kind: the kind of tokenizer, one of TOKENIZERS.
        entry: the catalogue's entry when the text is a built-in one.
    """

    name: str
    title: str
    text: Text
    kind: str
    entry: CatalogueEntry | None

    @property
    def folder(self) -> Path:
        """Where the dataset goes."""
        return datasets_dir() / self.name

    @property
    def source(self) -> str:
        """Where the text comes from: two preparations with the same source are versions of one dataset."""
        return self.entry.title if self.entry else self.text.source


def check_tokenizer(kind: str | None) -> None:
    """Raise SettingError for a tokenizer there is not."""
    if kind is not None and kind not in TOKENIZERS:
        problem = f"tokenizer must be one of {', '.join(TOKENIZERS)}, not {kind!r}.{nearest(kind, TOKENIZERS)}"
        raise SettingError(problem, fix="Choose one of these.", problems={"tokenizer": problem})


def plan_built_in(entry: CatalogueEntry, source: str | None, name: str | None, kind: str | None) -> Plan:
    """Give the plan for a built-in dataset, its text checked against the catalogue."""
    kind = kind or entry.tokenizer
    alike = [one for one in catalogue().values() if one.sha256 == entry.sha256 and one.tokenizer == kind]
    default = alike[0].name if alike else f"{entry.name}_{kind}"
    title = alike[0].title if alike else f"{entry.title} ({kind})"
    name = _checked_name(name or default)
    if entry.offline:
        if source:
            raise DataError(
                f"{entry.name} takes no --from: its text ships with Understudy.",
                fix=f"Leave --from out, or prepare the file itself: `python -m engine prepare {source}`.",
                code="needless_source",
            )
        return Plan(name, title, Plays(), kind, entry)
    path = Path(os.path.expanduser(source)) if source else kept(entry)
    text = own_text(path)
    if path.is_dir() or file_sha256(path) != entry.sha256:
        raise DataError(
            f"{path} is not {entry.title}.",
            cause=f"Its SHA-256 is not the one the dataset {entry.name} is known by, so results could not be compared.",
            fix=f"Give an unchanged copy, or use this text under a name of its own: `python -m engine prepare {path}`.",
            code="wrong_text",
        )
    return Plan(name, title, text, kind, entry)


def plan_own(target: str, source: str | None, name: str | None, kind: str | None) -> Plan:
    """Give the plan for a text of one's own."""
    path = Path(os.path.expanduser(target))
    if source:
        raise DataError(
            f"--from goes with a built-in dataset, and {target} is none.{nearest(target, catalogue())}",
            cause=f"Built in are {', '.join(catalogue())}.",
            fix=f"To prepare a text of your own: `python -m engine prepare {source}`.",
            code="unknown_dataset",
        )
    if (close := nearest(target, catalogue())) and not path.exists():
        raise DataError(
            f"There is no dataset, file or folder {target!r}.{close}",
            cause=f"Built in are {', '.join(catalogue())}.",
            fix="Give one of these names, or the path of a text.",
            code="unknown_dataset",
        )
    text = own_text(path)
    stem = path.resolve().name if path.is_dir() else path.resolve().stem
    name = _checked_name(name or re.sub(r"[^\w.-]+", "_", stem).strip("._-") or "text")
    if name in catalogue():
        raise DataError(
            f"{name} is the name of a built-in dataset.",
            cause="A text of your own under it would be taken for the built-in one.",
            fix=f"Choose another name: `--name my_{name}`.",
            code="name_taken",
        )
    return Plan(name, stem, text, kind or TOKENIZERS[0], None)


def _checked_name(name: str) -> str:
    """Give a name back that can be a folder's; raises DataError for another."""
    if not re.fullmatch(r"\w[\w .-]{0,99}", name) or name.endswith(PART) or name != name.strip(" ."):
        raise DataError(
            f"A dataset cannot be called {name!r}.",
            cause="The name becomes a folder: letters, digits, _, - and . are fine, at most 100 of them.",
            fix="Choose another --name.",
            code="bad_name",
        )
    return name
