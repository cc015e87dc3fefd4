"""What the Data tab shows, without Qt: the texts there are, what is known of each, and how the model sees them."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.datasets import CatalogueEntry, Dataset, catalogue, open_dataset
from engine.errors import DataError
from engine.events import Event
from engine.jobs import Job
from engine.paths import datasets_dir
from engine.prepare import RECOMMENDED_BYTES
from engine.presets import presets
from engine.tokenizer import TextStream
from gui import formats

PREVIEW_TOKENS = 400

TOKENIZER_WORDS = {
    "gpt2": ("GPT-2’s pieces of words", "Reads any text, at the price of a large table of tokens."),
    "char": ("Single characters", "A tiny vocabulary: small models learn it fastest."),
    "bpe": ("Pieces learned from this text", "A vocabulary of the text’s own, as small as it needs to be."),
}
"""Each tokenizer in words, and what it is good for."""


@dataclass(frozen=True, slots=True)
class TextRow:
    """One text: built in, prepared, or damaged (`problem` says why)."""

    name: str
    title: str
    entry: CatalogueEntry | None = None
    dataset: Dataset | None = None
    problem: str = ""

    @property
    def detail(self) -> str:
        """Give what it is, in a few words."""
        if self.problem:
            return "Damaged"
        if self.dataset is not None:
            tokens = formats.count(self.dataset.train_tokens + self.dataset.val_tokens)
            return f"{self.dataset.tokenizer['kind']}  ·  {tokens} tokens"
        if self.entry is not None and not self.entry.offline:
            return f"To be downloaded, {formats.disk(self.entry.bytes)}"
        return "Built in, ready when you are"

    @property
    def description(self) -> str:
        """Give what is in it, or what is wrong with it."""
        return self.problem or (self.entry.description if self.entry else "A text of your own.")

    @property
    def folder(self) -> Path | None:
        """Give the folder that can be thrown away: a prepared or damaged dataset's."""
        if self.dataset is not None:
            return self.dataset.folder
        return datasets_dir() / self.name if self.problem else None

    @property
    def can_train(self) -> bool:
        """Whether a run can begin with it: it is prepared, or prepared in a moment."""
        return self.dataset is not None or bool(self.entry and self.entry.offline and not self.problem)


def text_rows() -> list[TextRow]:
    """Give the built-in texts, then one's own by name."""
    made: dict[str, TextRow] = {}
    folders = sorted(datasets_dir().glob("[!.]*")) if datasets_dir().is_dir() else []
    for folder in folders:
        if folder.is_dir():
            made[folder.name] = _row_of(folder)
    built_in = {name: TextRow(name, entry.title, entry=entry) for name, entry in catalogue().items()}
    return list((built_in | made).values())


def _row_of(folder: Path) -> TextRow:
    entry = catalogue().get(folder.name)
    try:
        dataset = open_dataset(folder)
    except DataError as error:
        title = entry.title if entry else folder.name
        return TextRow(folder.name, title, entry=entry, problem=" ".join(filter(None, (error.message, error.cause))))
    return TextRow(folder.name, dataset.title, entry=entry, dataset=dataset)


def facts(row: TextRow) -> list[tuple[str, str]]:
    """Give what is known of a text: a name and a value each."""
    entry, dataset = row.entry, row.dataset
    told = []
    if dataset is not None:
        kind = dataset.tokenizer["kind"]
        told = [
            ("To learn from", formats.plural(dataset.train_tokens, "token")),
            ("To be judged by", formats.plural(dataset.val_tokens, "token")),
            ("Text", formats.disk(dataset.train_bytes + dataset.val_bytes)),
            ("Bytes per token", f"{dataset.bytes_per_token:.2f}"),
            ("Tokens are", TOKENIZER_WORDS.get(kind, (kind, ""))[0]),
            ("Vocabulary", formats.plural(dataset.vocab_size, "token")),
            ("From", dataset.source),
        ]
    elif entry is not None and not entry.offline:
        told = [("Text", formats.disk(entry.bytes)), ("Comes from", entry.url)]
    if entry is not None:
        told.append(("License", entry.licence))
    return told


def warnings(dataset: Dataset) -> list[str]:
    """Give what is wrong with a dataset and what to do, in a sentence or two each."""
    told = []
    size = dataset.train_bytes + dataset.val_bytes
    if size < RECOMMENDED_BYTES:
        told.append(
            f"The text has only {formats.disk(size)}, so a model learns it by heart. "
            f"Add more of it: {formats.disk(RECOMMENDED_BYTES)} or more is better."
        )
    least = min(dataset.train_tokens, dataset.val_tokens)
    short = [preset for preset in presets().values() if preset.config().block_size >= least]
    if short:
        names = ", ".join(preset.label for preset in short)
        told.append(f"Its shorter part has {formats.plural(least, 'token')}: too short for the block of {names}.")
    return told


def free_name(name: str) -> str:
    """Give a name like this one that no dataset has yet."""
    number = 2
    while (datasets_dir() / f"{name}_{number}").exists() or f"{name}_{number}" in catalogue():
        number += 1
    return f"{name}_{number}"


# how the model sees it


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview(Event):
    """The beginning of a dataset as the model sees it: the text of each token, line ends made visible."""

    name: str
    tokens: tuple[str, ...]
    ids: tuple[int, ...]


def preview_job(dataset: Dataset, count: int = PREVIEW_TOKENS) -> Job:
    """Read the first tokens of a dataset; a job, for its tokenizer may take a moment to load."""
    ids = first_ids(dataset.train_path, count)
    stream = TextStream(dataset.load_tokenizer())
    texts = [stream.feed(token) for token in ids]
    yield Preview(name=dataset.name, tokens=tuple(map(visible, texts)), ids=tuple(ids))


def first_ids(path: Path, count: int) -> list[int]:
    """Give the first token ids of a token file."""
    ids = array("H")  # 16 bits, as train.bin holds them
    with path.open("rb") as file:
        ids.frombytes(file.read(count * ids.itemsize))
    if sys.byteorder == "big":
        ids.byteswap()
    return ids.tolist()


def visible(text: str) -> str:
    """Give a token's text with its line ends marked."""
    return text.replace("\n", "↵\n")


# what is being prepared


@dataclass(frozen=True, slots=True)
class Order:
    """One text to be prepared: what `engine.prepare` is asked."""

    target: str
    source: str | None = None
    name: str | None = None
    tokenizer: str | None = None

    @property
    def title(self) -> str:
        """Give what it is called while it is prepared."""
        entry = catalogue().get(self.target)
        return entry.title if entry else Path(self.target).name


def orders(paths: Sequence[Path], tokenizer: str) -> list[Order]:
    """Give an order for each file or folder that was added."""
    return [Order(str(path), tokenizer=tokenizer) for path in paths]


def progress_text(order: Order, what: str, done: int, total: int) -> str:
    """Give how far a preparation is, in a line."""
    if not total:
        return f"{order.title}: {what}"
    return f"{order.title}: {what.lower()}, {formats.percent(min(done / total, 1))}"
