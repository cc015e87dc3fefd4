"""What a recipe needs to know of a dataset, prepared or not."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.core.config import DATASET_ALIASES
from engine.core.errors import DataError
from engine.core.kinds import TokenizerKind
from engine.datasets.dataset import dataset, refitted_from
from engine.datasets.folder import TRAIN_SHARE
from engine.text.catalogue import catalogue
from engine.tokens.tokenizer import TrainedTokenizer


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFacts:
    """What a plan needs to know of a dataset.

    Attributes:
        dataset: its name.
        train_bytes, val_bytes: how long its parts are.
        vocab_size: what a model of it needs.
        two_cases: whether most of its letters have capitals and small ones.
        can_refit: whether its text can be had in another vocabulary (not for a folder named by its path).
    """

    dataset: str
    train_bytes: int
    val_bytes: int
    tokenizer: TokenizerKind
    vocab_size: int
    two_cases: bool = True
    can_refit: bool = True


def text_facts(name: str) -> TextFacts:
    """Return the facts of a dataset; of a built-in one, and one made of another, also before it is prepared.

    Raises DataError when there is none of that name.
    """
    name = DATASET_ALIASES.get(name, name)
    try:
        found = dataset(name)
    except DataError:
        return _unprepared(name)
    return TextFacts(
        dataset=name,
        train_bytes=found.train_bytes,
        val_bytes=found.val_bytes,
        tokenizer=found.tokenizer["kind"],
        vocab_size=found.vocab_size,
        two_cases=found.two_cases,
        can_refit=Path(name).name == name,
    )


def _unprepared(name: str) -> TextFacts:
    """Return what is known of a dataset before it is prepared; raises DataError for one of which nothing is."""
    entry, origin = catalogue().get(name), refitted_from(name)
    if entry is not None:
        train = int(entry.bytes * TRAIN_SHARE)
        return TextFacts(
            dataset=name,
            train_bytes=train,
            val_bytes=entry.bytes - train,
            tokenizer=entry.tokenizer,
            vocab_size=entry.vocab_size,
        )
    if origin is None:
        dataset(name)  # says what is missing
        raise AssertionError(name)
    text = text_facts(origin[0])
    return TextFacts(
        dataset=name,
        train_bytes=text.train_bytes,
        val_bytes=text.val_bytes,
        tokenizer=TrainedTokenizer.kind,
        vocab_size=origin[1],
        two_cases=text.two_cases,
    )
