"""The texts that the Data tab lists, without Qt: what there is, and what is known of each."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from engine.core.errors import DataError
from engine.core.paths import datasets_dir
from engine.datasets.dataset import Dataset, open_dataset, origin_of
from engine.datasets.folder import is_vocabulary, read_meta
from engine.text.catalogue import CatalogueEntry, catalogue
from engine.text.turns import Turns, turns_from
from engine.tokens.tokenizer import GPT2_TOKEN_COUNT
from gui.data.draft import TOKENIZER_WORDS
from gui.kit import formats

_SHORT = {"gpt2": "GPT-2’s", "char": "single characters", "bpe": "its own", "listed": "a list from elsewhere"}
"""What the tokens of a text are, in a word or two."""


@dataclass(frozen=True, slots=True)
class TextRow:
    """One text: built in, prepared, or damaged (`problem` says why).

    `dataset` is what is known of it: the one that was asked for, else what a run made of it for itself. `vocabularies`
    are the folders of the same text in further tokens that runs wanted; `bytes` is what all takes on disk.
    """

    name: str
    title: str
    entry: CatalogueEntry | None = None
    dataset: Dataset | None = None
    problem: str = ""
    bytes: int = 0
    vocabularies: tuple[Path, ...] = ()

    @property
    def detail(self) -> str:
        """Return what it is, in a few words."""
        if self.problem:
            return "Damaged"
        if self.dataset is not None:
            tokens = formats.count(self.dataset.train_tokens + self.dataset.val_tokens)
            kind = self.dataset.tokenizer["kind"]
            return f"{tokens} tokens  ·  {_SHORT.get(kind, kind)}"
        if self.to_download:
            return f"To be downloaded, {formats.disk(self.entry.download_bytes)}" if self.entry else ""
        return "Built in, ready when you are"

    @property
    def description(self) -> str:
        """Return what is in it, or what is wrong with it."""
        return self.problem or (self.entry.description if self.entry else "A text of your own.")

    @property
    def is_at_hand(self) -> bool:
        """Whether it belongs in the list of one's texts: there is something of it, or it is the one to begin with."""
        return self.folder is not None or self.name == next(iter(catalogue()))

    @property
    def folder(self) -> Path | None:
        """Return the folder that can be thrown away: a prepared or damaged dataset's."""
        if self.dataset is not None:
            return self.dataset.folder
        return datasets_dir() / self.name if self.problem else None

    @property
    def can_train(self) -> bool:
        """Whether a run can begin with it: it is prepared, or prepared in a moment."""
        return self.dataset is not None or bool(self.entry and self.entry.offline and not self.problem)

    @property
    def can_rename(self) -> bool:
        """Whether its title is the person's own."""
        return self.dataset is not None and self.entry is None and bool(read_meta(self.dataset))

    @property
    def to_download(self) -> bool:
        """Whether its text has to come over the network first."""
        return self.entry is not None and self.dataset is None and not self.entry.offline


def text_rows() -> list[TextRow]:
    """Return the built-in texts, then one's own by title; what runs made of these for themselves belongs to them."""
    made: dict[str, TextRow] = {}
    belonging: dict[str, list[TextRow]] = {}
    for folder in sorted(datasets_dir().glob("[!.]*")) if os.path.isdir(datasets_dir()) else []:
        if os.path.isdir(folder):
            row = _row_of(folder)
            if row.dataset is not None and is_vocabulary(row.dataset):
                belonging.setdefault(origin_of(row.name) or "", []).append(row)
            else:
                made[folder.name] = row
    built_in = {name: made.pop(name, TextRow(name, entry.title, entry=entry)) for name, entry in catalogue().items()}
    rows = [*built_in.values(), *sorted(made.values(), key=lambda row: row.title.casefold())]
    return [_with(row, belonging.get(row.name, ())) for row in rows]


def _with(row: TextRow, vocabularies: Sequence[TextRow]) -> TextRow:
    """Return a row with what runs made of its text: it takes room, goes where the text goes, and tells of it."""
    size = row.bytes + sum(each.bytes for each in vocabularies)
    known = row.dataset
    if known is None and not row.problem and vocabularies:
        known = max((one.dataset for one in vocabularies if one.dataset), key=_made_at)
    others = [datasets_dir() / each.name for each in vocabularies if each.dataset != known]
    return replace(row, dataset=known, bytes=size, vocabularies=tuple(others))


def _made_at(dataset: Dataset) -> float:
    try:
        return os.stat(dataset.folder).st_mtime
    except OSError:  # thrown away meanwhile
        return 0.0


def _row_of(folder: Path) -> TextRow:
    entry, size = catalogue().get(folder.name), size_of(folder)
    try:
        dataset = open_dataset(folder)
    except DataError as error:
        title = entry.title if entry else folder.name
        problem = " ".join(filter(None, (error.message, error.cause)))
        return TextRow(folder.name, title, entry=entry, problem=problem, bytes=size)
    return TextRow(folder.name, dataset.title, entry=entry, dataset=dataset, bytes=size)


def size_of(folder: Path) -> int:
    """Return the bytes of the files in a folder; what cannot be read counts nothing."""
    try:
        return sum(file.stat().st_size for file in folder.iterdir() if os.path.isfile(file))
    except OSError:
        return 0


def total_text(rows: Sequence[TextRow]) -> str:
    """Return how many texts there are and what they take on disk."""
    size = sum(row.bytes for row in rows)
    text = formats.plural(len(rows), "text")
    return f"{text}, {formats.disk(size)} on disk" if size else text


def counts_text(row: TextRow) -> str:
    """Return the figures of a text that matter most, in a line."""
    if row.dataset is None:
        return ""
    one = row.dataset
    tokens = formats.plural(one.train_tokens + one.val_tokens, "token")
    text = formats.disk(one.train_bytes + one.val_bytes)
    return f"{tokens}  ·  {text} of text  ·  vocabulary {formats.whole(_token_count(one))}"


def _token_count(dataset: Dataset) -> int:
    """Return how many tokens of the vocabulary mean something: GPT-2's is padded to a round number for the model."""
    return GPT2_TOKEN_COUNT if dataset.tokenizer["kind"] == "gpt2" else dataset.vocab_size


def _vocabulary_text(dataset: Dataset) -> str:
    tokens = formats.plural(_token_count(dataset), "token")
    if _token_count(dataset) == dataset.vocab_size:
        return tokens
    return f"{tokens}; in the model’s table {formats.whole(dataset.vocab_size)} rows"


def facts(row: TextRow, turns: Turns | None = None) -> list[tuple[str, str]]:
    """Return what is known of a text: a name and a value each; `turns` where they had to be looked for."""
    entry, dataset = row.entry, row.dataset
    rows = []
    if dataset is not None:
        kind = dataset.tokenizer["kind"]
        rows = [
            ("Training part", formats.plural(dataset.train_tokens, "token")),
            ("Validation part", formats.plural(dataset.val_tokens, "token")),
            ("Text", formats.disk(dataset.train_bytes + dataset.val_bytes)),
            ("Bytes per token", f"{dataset.bytes_per_token:.2f}"),
            ("Tokens", TOKENIZER_WORDS.get(kind, (kind, ""))[0]),
            ("Vocabulary", _vocabulary_text(dataset)),
            *_speakers(turns or turns_from(read_meta(dataset).get("turns", {}))),
            ("On disk", formats.disk(row.bytes)),
            ("Dataset", dataset.name),
            ("From", dataset.source),
        ]
    elif entry is not None and not entry.offline:
        rows = [("Text", formats.disk(entry.bytes)), ("From", entry.url.removeprefix("https://"))]
    if entry is not None:
        rows.append(("License", entry.licence))
    return rows


def _speakers(turns: Turns | None) -> list[tuple[str, str]]:
    """Return who speaks in a text, in figures; nothing of one in which nobody does."""
    if turns is None:
        return []
    return [("Turns", f"{formats.plural(turns.speakers, 'speaker')}, {formats.plural(turns.turns, 'turn')}")]


def notes_of(row: TextRow) -> list[str]:
    """Return what preparing a text changed in it or noticed."""
    return [str(note) for note in read_meta(row.dataset).get("notes", ())] if row.dataset is not None else []
