"""A text that is being set up: which files, its name, its tokens, how it is split. No widgets."""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.core.config import TrainConfig
from engine.core.errors import DataError
from engine.core.events import Event, Turn
from engine.core.files import plain_name, spoken_name
from engine.core.jobs import Control, Job
from engine.core.kinds import SPLITS, TOKENIZERS, DeviceKind, Split, TokenizerKind
from engine.core.paths import datasets_dir
from engine.datasets.dataset import open_dataset
from engine.datasets.folder import read_meta
from engine.datasets.order import Order
from engine.planning.calibration import Measurement
from engine.text.catalogue import catalogue
from engine.text.pasted import is_pasted
from engine.text.text_files import FileText, Text
from engine.text.wishes import ReadingWishes
from engine.tokens.tokenizer import BPE_VOCAB_SIZE
from gui.kit import formats

if TYPE_CHECKING:
    from engine.core.events import TextMeasured
    from engine.planning.costs import TokenizerAdvice, TokenizerCost

TOKENIZER_WORDS = {
    "gpt2": ("GPT-2’s pieces of words", "Reads any text, at the price of a large table of tokens."),
    "char": ("Single characters", "A tiny vocabulary. The model has to learn spelling first."),
    "bpe": ("Pieces learned from this text", "A vocabulary of the text’s own, as large as you make it."),
    "listed": ("A list from elsewhere", "The tokens that a dataset of nanoGPT’s brought with it."),
}
"""Each tokenizer in words, and what it is good for."""

_LONGEST_NAME = 100
_PROPOSED = 80
_PREVIEW = 2_000  # characters
_KEYS_OFFERED = 200


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person sets up before a text is prepared.

    Attributes:
        targets: files and folders, or the name of a built-in text.
        name: what to call it, as typed.
        vocab_size: tokens to learn when it is bpe.
        chosen: whether the person chose the tokenizer; until then the recommended one is taken.
        typed: whether the person gave the name; until then that of a text prepared again follows the tokenizer.
        base: what the text is called that is prepared again, empty for a new one.
        wishes: how its files are to be read.
    """

    targets: tuple[str, ...]
    name: str = ""
    tokenizer: TokenizerKind = TOKENIZERS[0]
    vocab_size: int = BPE_VOCAB_SIZE
    split: Split = SPLITS[0]
    chosen: bool = False
    typed: bool = False
    base: str = ""
    wishes: ReadingWishes = field(default_factory=ReadingWishes)

    @property
    def title(self) -> str:
        """What it is, in a few words."""
        return named(self.targets)

    @property
    def built_in(self) -> bool:
        """Whether it is a text that the catalogue knows."""
        return self.targets[0] in catalogue()

    def order(self) -> Order:
        """Return what `engine.datasets.prepare` is asked."""
        return Order(
            target=self.targets[0],
            also=self.targets[1:],
            name=plain_name(self.name) if self.name.strip() else None,
            tokenizer=self.tokenizer,
            vocab_size=self.vocab_size if self.tokenizer == "bpe" else None,
            split=self.split,
            wishes=self.wishes,
        )

    @property
    def own_title(self) -> str:
        """What it should be called on screen: the name as typed; empty where the catalogue knows better."""
        return self.name.strip() if self.typed or not self.built_in else ""

    def problem(self) -> str:
        """Return what is wrong with the name, or an empty text."""
        if not self.name.strip():
            return "Give it a name."
        if len(self.name) > _LONGEST_NAME:
            return f"A name has at most {_LONGEST_NAME} characters."
        name = plain_name(self.name)
        if name in catalogue() and not (self.built_in and self._is_as_shipped(name)):
            return "That is the name of a built-in text."
        if os.path.exists(datasets_dir() / name):
            return f"There is a text called {self.name.strip()} already."
        return ""

    def _is_as_shipped(self, name: str) -> bool:
        """Return whether a built-in text is to be prepared as the catalogue has it under this name."""
        mine, other = catalogue()[self.targets[0]], catalogue()[name]
        return mine.sha256 == other.sha256 and self.tokenizer == other.tokenizer


def draft_of(targets: Iterable[str | Path], **wishes: object) -> Draft:
    """Return the draft for files and folders, or for a built-in text, with a name that is free."""
    paths = tuple(dict.fromkeys(map(str, targets)))
    draft = replace(Draft(paths), **wishes)  # type: ignore[arg-type]
    return replace(draft, name=free_name(_with_tokenizer(draft) if draft.base else stem_of(paths[0])))


def with_tokens(draft: Draft, tokenizer: TokenizerKind, vocab_size: int) -> Draft:
    """Return a draft with other tokens, and the name that follows from them unless one was typed."""
    changed = replace(draft, tokenizer=tokenizer, vocab_size=vocab_size)
    if draft.typed or not draft.base:
        return changed
    return replace(changed, name=free_name(_with_tokenizer(changed)))


def _with_tokenizer(draft: Draft) -> str:
    return f"{spoken_name(draft.base)} ({draft.tokenizer})"


def more(draft: Draft, targets: Iterable[str | Path]) -> Draft:
    """Return a draft with more files; those of a built-in text make another draft."""
    return replace(draft, targets=tuple(dict.fromkeys([*draft.targets, *map(str, targets)])))


def draft_again(name: str, **wishes: object) -> Draft | None:
    """Return the draft for preparing a dataset's text in another way, None where the text is gone."""
    targets = [name] if name in catalogue() else sources_of(name)
    return draft_of(targets, base=name, chosen="tokenizer" in wishes, **wishes) if targets else None


def sources_of(name: str) -> list[str]:
    """Return the files and folders that a dataset was made from and that are still there."""
    try:
        one = open_dataset(datasets_dir() / name)
    except DataError:
        return []
    paths = list(map(str, read_meta(one).get("sources") or [one.source]))
    return paths if all(os.path.isabs(path) and os.path.exists(path) for path in paths) else []


def free_name(wanted: str) -> str:
    """Return a name like this one that no text has yet."""
    wanted = wanted[:_PROPOSED].strip()
    number, name = 2, wanted
    while os.path.exists(datasets_dir() / plain_name(name)) or plain_name(name) in catalogue():
        name, number = f"{wanted} {number}", number + 1
    return name


def named(targets: Sequence[str]) -> str:
    """Return files and folders in a few words: letters; letters and diary.txt; letters and 3 more."""
    first = catalogue()[targets[0]].title if targets[0] in catalogue() else _file_name(targets[0])
    if len(targets) < 2:
        return first
    return f"{first} and {_file_name(targets[1]) if len(targets) == 2 else f'{len(targets) - 1} more'}"


def _file_name(target: str) -> str:
    path = Path(target)
    return stem_of(target) if is_pasted(path) else unicodedata.normalize("NFC", path.name)


def stem_of(target: str) -> str:
    """Return the name of a file without its ending, or of a folder."""
    path = Path(target)
    stem = unicodedata.normalize("NFC", path.name if os.path.isdir(path) else path.stem)
    return spoken_name(stem)


# what it costs


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftMeasured(Event):
    """What reading a part of a draft's text told, and how fast this machine was so far.

    Attributes:
        beginning: its first characters, as the model will see them.
        documents: how many there are that could judge a model whole.
        sentences: what became of the files, as far as they were read.
        speakers: in a chat, who writes in it and how many messages, the most frequent first.
    """

    text: TextMeasured
    speeds: tuple[Measurement, ...]
    files: int
    documents: int
    beginning: str
    sentences: tuple[str, ...]
    speakers: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysSeen(Event):
    """The columns or keys of a draft's files that words can be taken from, the most frequent first."""

    keys: tuple[str, ...]


def measure_draft(draft: Draft, control: Control) -> Job:
    """Measure a draft's text; raises DataError for one that cannot be used."""
    from engine.core.events import TextMeasured
    from engine.datasets.order import text_of
    from engine.planning.calibration import measurements
    from engine.planning.costs import measure_text_job

    read = text_of(replace(draft.order(), name=None))
    text = None
    try:
        for item in measure_text_job(read, control):
            if isinstance(item, TextMeasured):
                text = item
            else:
                yield item
    except DataError:  # perhaps none of the keys is one that words stand under by custom
        yield from _keys_seen(read)
        raise
    yield from _keys_seen(read)
    if text is not None:
        yield Turn.NEXT
        yield DraftMeasured(
            text=text,
            speeds=tuple(measurements()),
            files=len(read.files) if isinstance(read, FileText) else 1,
            documents=read.document_count,
            sentences=tuple(read.notes()),
            speakers=tuple(read.account.messages.most_common()) if isinstance(read, FileText) else (),
            beginning=_beginning(read),
        )


def _keys_seen(text: Text) -> Iterator[KeysSeen]:
    """Yield the keys of the files of a text, where they have any."""
    keys = text.account.keys if isinstance(text, FileText) else {}
    if keys:
        yield KeysSeen(keys=tuple(name for name, _ in Counter(keys).most_common(_KEYS_OFFERED)))


def _beginning(text: Text) -> str:
    """Return the first characters of a text."""
    taken = ""
    for piece in text.pieces():
        taken += piece
        if len(taken) >= _PREVIEW:
            break
    return taken[:_PREVIEW]


def costs(
    measured: DraftMeasured, config: TrainConfig, device: DeviceKind, vocab_size: int
) -> tuple[TokenizerCost, ...]:
    """Return what each tokenizer means for a model, in the order of TOKENIZERS."""
    from engine.planning.costs import tokenizer_costs

    return tokenizer_costs(measured.text, config, device, vocab_size, measured=measured.speeds)


def advice(measured: DraftMeasured, config: TrainConfig, device: DeviceKind) -> TokenizerAdvice:
    """Return the tokenizer to take, and why."""
    from engine.planning.costs import recommend_tokenizer

    return recommend_tokenizer(measured.text, config, device)


def cost_cells(cost: TokenizerCost) -> tuple[str, ...]:
    """Return a tokenizer's costs as they stand in the table."""
    seconds = cost.iteration_time.seconds_per_iter if cost.iteration_time else None
    return (
        formats.whole(cost.vocab_size),
        f"{cost.bytes_per_token:.2f}",
        formats.count(cost.parameters),
        formats.memory(cost.memory_bytes),
        formats.NOTHING if seconds is None else f"{seconds * 1000:.0f} ms" if seconds < 10 else f"{seconds:.0f} s",
        formats.epochs(cost.epochs).split()[0],
    )


COST_TIPS = (
    "How many different pieces of text there are",
    "How many letters, more or less, a piece holds",
    "How many numbers the model learns",
    "What training needs",
    "How long one update of the model takes",
    "How often a run of the preset reads the whole text",
)
"""What each of COST_COLUMNS means."""

COST_COLUMNS = ("Vocabulary", "Bytes/Token", "Parameters", "Memory", "Iteration", "Epochs")


def measured_text(measured: DraftMeasured) -> str:
    """Return what was found in a draft's files, in a line."""
    about = "" if measured.text.exact else "about "
    parts = [f"{about}{formats.disk(measured.text.bytes)}"]
    if measured.files > 1:
        parts.insert(0, formats.plural(measured.files, "file"))
    parts.append(formats.plural(measured.text.symbols, "different character"))
    return "  ·  ".join(parts)
