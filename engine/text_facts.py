"""What a recipe needs to know of a dataset, prepared or not."""

from __future__ import annotations

from pathlib import Path

from engine.config import DATASET_ALIASES
from engine.dataset_folder import TRAIN_SHARE
from engine.datasets import catalogue, dataset, refitted_from
from engine.errors import DataError
from engine.recipes import TextFacts
from engine.tokenizer import TrainedTokenizer


def text_facts(name: str) -> TextFacts:
    """Give the facts of a dataset; of a built-in one, and one made of another, also before it is prepared.

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
        can_refit=Path(name).name == name,
    )


def _unprepared(name: str) -> TextFacts:
    """Give what is known of a dataset before it is prepared; raises DataError for one of which nothing is."""
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
    )
