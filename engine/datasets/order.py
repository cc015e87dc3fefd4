"""What a preparation is to do: which text, which tokenizer, under which name; or why it cannot."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.core.errors import DataError, SettingError, nearest
from engine.core.files import NAME_BYTES, file_sha256, is_of_names, plain_name, spoken_name
from engine.core.kinds import SPLITS, TOKENIZERS, Split, TokenizerKind
from engine.core.leftovers import PART
from engine.core.paths import datasets_dir
from engine.text.built_in import built_in_text
from engine.text.catalogue import CatalogueEntry, CatalogueFile, catalogue
from engine.text.download import kept
from engine.text.encodings import known_encoding
from engine.text.text_files import Text, own_text, own_texts
from engine.text.wishes import ReadingWishes
from engine.tokens.tokenizer import BPE_VOCAB_SIZE, BPE_VOCAB_SIZES, Tokenizer, TrainedTokenizer

_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a person asks for; what is left open is decided by the text.

    Attributes:
        target: a built-in dataset, a text file, or a folder of texts.
        also: more files and folders, whose texts follow that of the target.
        source: a file that holds the text of a built-in dataset.
        name: what to call the dataset.
        vocab_size: tokens to learn, for the tokenizer bpe.
        wishes: how files are to be read, where they do not say it themselves.
        asked: whether a person wants the dataset for itself; else a run needs it, as a vocabulary of its text.
    """

    target: str
    also: tuple[str, ...] = ()
    source: str | None = None
    name: str | None = None
    tokenizer: TokenizerKind | None = None
    vocab_size: int | None = None
    split: Split | None = None
    wishes: ReadingWishes = field(default_factory=ReadingWishes)
    asked: bool = True

    def check(self) -> None:
        """Raise SettingError for an encoding there is not, or a tokenizer, a size and a split, all at once."""
        problems = {}
        if self.wishes.encoding:
            known_encoding(self.wishes.encoding)
        if self.tokenizer is not None and self.tokenizer not in TOKENIZERS:
            problems["tokenizer"] = _not_one_of("tokenizer", self.tokenizer, TOKENIZERS)
        elif self.vocab_size is not None and self.tokenizer != TrainedTokenizer.kind:
            problems["vocab_size"] = (
                f"vocab_size goes with --tokenizer {TrainedTokenizer.kind}, which learns its tokens."
            )
        elif self.vocab_size is not None and self.vocab_size not in BPE_VOCAB_SIZES:
            limits = f"from {BPE_VOCAB_SIZES[0]:,} to {BPE_VOCAB_SIZES[-1]:,}"
            problems["vocab_size"] = f"vocab_size must be {limits}, not {self.vocab_size:,}."
        if self.split is not None and self.split not in SPLITS:
            problems["split"] = _not_one_of("split", self.split, SPLITS)
        if problems:
            fix = "Choose one of these." if "vocab_size" not in problems else "Change it, or leave it out."
            raise SettingError(" ".join(problems.values()), fix=fix, problems=problems)

    @property
    def way(self) -> Split:
        """How the text is split: as was asked, else as nanoGPT does."""
        return self.split or SPLITS[0]

    def left_open(self, recipe: Mapping[str, object]) -> dict[str, object]:
        """Return what a dataset was made with and this order asks neither for nor against, by option."""
        usual: dict[str, object] = {"tokenizer": self.tokenizer, "split": self.split}
        if self.tokenizer == recipe.get("tokenizer") == TrainedTokenizer.kind:
            usual["vocab_size"] = self.vocab_size
        return {name: recipe[name] for name, asked in usual.items() if asked is None and name in recipe}

    @property
    def tokens_to_learn(self) -> int:
        """The size of a vocabulary that is to be learned; 0 for the tokenizers whose size is given."""
        return (self.vocab_size or BPE_VOCAB_SIZE) if self.tokenizer == TrainedTokenizer.kind else 0


@dataclass(frozen=True, slots=True)
class PreparationPlan:
    """What is to be prepared: a text, the kind of its tokenizer, and the name it gets.

    Attributes:
        name: what --dataset takes; the folder's name too.
        title: what the window shows.
        text: what to read.
        kind: the kind of tokenizer.
        vocab_size: tokens to learn when the kind is bpe, else 0.
        entry: the catalogue's entry when the text is a built-in one.
        tokenizer: what to write with, where that is given and not made for the text.
        asked: whether a person wants the dataset for itself.
    """

    name: str
    title: str
    text: Text
    kind: TokenizerKind
    vocab_size: int
    split: Split
    entry: CatalogueEntry | None
    tokenizer: Tokenizer | None = None
    asked: bool = True

    @property
    def folder(self) -> Path:
        """Where the dataset goes."""
        return datasets_dir() / self.name

    @property
    def source(self) -> str:
        """Where the text comes from: two preparations with the same source are versions of one dataset."""
        return self.entry.title if self.entry else self.text.source

    @property
    def recipe(self) -> dict[str, Any]:
        """What makes two datasets of one text differ."""
        return {"tokenizer": self.kind, "vocab_size": self.vocab_size, "split": self.split}


def plan(order: Order) -> PreparationPlan:
    """Return the plan for an order; raises DataError for a text or a name that cannot be used."""
    entry = catalogue().get(order.target)
    return _plan_built_in(entry, order) if entry else _plan_own(order)


def _plan_built_in(entry: CatalogueEntry, order: Order) -> PreparationPlan:
    """Return the plan for a built-in dataset."""
    kind = order.tokenizer or entry.tokenizer
    family = [one for one in catalogue().values() if one.sha256 == entry.sha256]
    alike = [one for one in family if one.tokenizer == kind]
    name = _checked_name(order.name or (alike[0].name if alike else _with_tokens(family[0].name, order)))
    title = alike[0].title if alike else f"{family[0].title} ({kind})"
    text = _built_in_text(entry, order)
    return PreparationPlan(name, title, text, kind, order.tokens_to_learn, order.way, entry, asked=order.asked)


def text_of(order: Order) -> Text:
    """Return the text that an order is for; raises DataError when there is none that can be used."""
    entry = catalogue().get(order.target)
    return _built_in_text(entry, order) if entry else _own_text(order)


def _built_in_text(entry: CatalogueEntry, order: Order) -> Text:
    """Return the text of a built-in dataset, checked against the catalogue."""
    if order.also:
        raise DataError(
            f"{entry.name} is prepared by itself.",
            fix="Prepare your own texts in a dataset of their own.",
            code="needless_source",
        )
    if entry.offline:
        if order.source:
            raise DataError(
                f"{entry.name} takes no --from: its text ships with Understudy.",
                fix=f"Leave --from out, or prepare the file itself: `python -m engine prepare {order.source}`.",
                code="needless_source",
            )
        return built_in_text(entry, ())
    if order.source is None:
        return built_in_text(entry, [_checked(entry, file, [kept(file)], str(kept(file))) for file in entry.files])
    place = Path(os.path.expanduser(order.source))
    own_text(place)  # says what is wrong with a path that is none
    there = sorted(place.iterdir()) if os.path.isdir(place) else [place]
    return built_in_text(entry, [_checked(entry, file, there, str(place)) for file in entry.files])


def _checked(entry: CatalogueEntry, file: CatalogueFile, paths: Sequence[Path], place: str) -> Path:
    """Return which of some files is one of a built-in text's; raises DataError when none is."""
    for path in paths:
        if os.path.isfile(path) and path.stat().st_size == file.bytes and file_sha256(path) == file.sha256:
            return path
    raise _wrong_text(entry, place)


def _plan_own(order: Order) -> PreparationPlan:
    """Return the plan for a text of one's own."""
    text = _own_text(order)
    path = Path(os.path.realpath(os.path.expanduser(order.target)))
    stem = path.name if os.path.isdir(path) else path.stem
    plain = plain_name(stem)
    name = _checked_name(order.name or (_with_tokens(plain, order) if order.tokens_to_learn else plain))
    if name in catalogue():
        raise DataError(
            f"{name} is the name of a built-in dataset.",
            cause="A text of your own under it would be taken for the built-in one.",
            fix=f"Choose another name: `--name my_{name}`.",
            code="name_taken",
        )
    return PreparationPlan(
        name, spoken_name(stem), text, order.tokenizer or TOKENIZERS[0], order.tokens_to_learn, order.way, None
    )


def _own_text(order: Order) -> Text:
    """Return a text of one's own; raises DataError when there is none."""
    target = order.target
    close = nearest(target, catalogue())
    if order.source or (close and not os.path.lexists(os.path.expanduser(target))):
        what = f"--from goes with a built-in dataset, and {target} is none." if order.source else ""
        fix = f"To prepare a text of your own: `python -m engine prepare {order.source}`." if order.source else ""
        raise DataError(
            (what or f"There is no dataset, file or folder {target!r}.") + close,
            cause=f"Built in are {', '.join(catalogue())}.",
            fix=fix or "Give one of these names, or the path of a text.",
            code="unknown_dataset",
        )
    return own_texts([Path(os.path.expanduser(each)) for each in (target, *order.also)], order.wishes)


def _with_tokens(name: str, order: Order) -> str:
    """Return the name of a text with what its tokens are, as shakespeare_char has it."""
    size = "" if order.tokens_to_learn in (0, BPE_VOCAB_SIZE) else str(order.tokens_to_learn)
    return f"{name}_{order.tokenizer}{size}"


def _not_one_of(what: str, given: str, known: tuple[str, ...]) -> str:
    return f"{what} must be one of {', '.join(known)}, not {given!r}.{nearest(given, known)}"


def _wrong_text(entry: CatalogueEntry, path: str) -> DataError:
    whose = "None of its files has the SHA-256" if os.path.isdir(path) else "Its SHA-256 is not the one"
    return DataError(
        f"{path} is not {entry.title}.",
        cause=f"{whose} that the dataset {entry.name} is known by, so results could not be compared.",
        fix=f"Give an unchanged copy, or use this text under a name of its own: `python -m engine prepare {path}`.",
        code="wrong_text",
    )


def _checked_name(name: str) -> str:
    """Return a name as it is kept (NFC), if it can be a folder's; raises DataError for another."""
    name = unicodedata.normalize("NFC", name)
    letters = name[:1].isalnum() or name[:1] == "_"
    usual = letters and all(is_of_names(char) or char in "_ .-" for char in name) and name == name.strip(" .")
    if not usual or len(name) > _LONGEST_NAME or len(name.encode()) > NAME_BYTES or name.endswith(PART):
        raise DataError(
            f"A dataset cannot be called {name!r}.",
            cause="The name becomes a folder: letters, digits, _, - and . are fine, at most 100 of them.",
            fix="Choose another --name.",
            code="bad_name",
        )
    return name
