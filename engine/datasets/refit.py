"""The text of a prepared dataset under a vocabulary of its own: `NAME_bpe1024` is the text of NAME in 1,024 tokens.

The tokens of a dataset are its text, so nothing else is needed: neither the file it came from nor the network, and
what judges stays what judged.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Generator, Iterator
from pathlib import Path

import numpy as np

from engine.core.config import DATASET_ALIASES
from engine.core.errors import DataError, Fix
from engine.core.events import Event, Turn
from engine.core.jobs import Control, Job, asked_to_stop
from engine.datasets.dataset import Dataset, dataset, open_dataset, origin_of, refitted_from, retokenised_name
from engine.datasets.folder import read_meta, write_dataset
from engine.datasets.order import Order, PreparationPlan
from engine.datasets.prepare import prepare_job, prepared_event, read_through
from engine.text.catalogue import catalogue
from engine.text.text_files import Survey, Text
from engine.text.turns import turns_from
from engine.tokens.token_files import require_known
from engine.tokens.tokenizer import Tokenizer, TrainedTokenizer, same_tokens

_IDS_AT_ONCE = 2**16


def ensure_ready(name: str, control: Control) -> Job:
    """Prepare what can be had without asking, if it is not there or damaged: a text that ships, one in other tokens.

    Does nothing for any other name.
    """
    name = DATASET_ALIASES.get(name, name)
    entry = catalogue().get(name)
    if not entry:
        yield from refit_job(name, control)
        return
    if not entry.offline:
        return
    try:
        dataset(name)
    except DataError:
        yield from prepare_job(Order(target=name), control)


def refit_job(name: str, control: Control) -> Job:
    """Have the dataset of such a name there, as fresh as the one whose text it is; ends with a Prepared event.

    Does nothing where it is there already, or where that other dataset is not. Raises what preparing raises.
    """
    origin = refitted_from(name)
    if origin is None:
        return
    base, size = DATASET_ALIASES.get(origin[0], origin[0]), origin[1]
    done, source = _found(name), _found(base)
    if done is not None and _is_fresh(done, source):
        return
    entry = catalogue().get(base)
    if entry is not None and entry.offline:
        order = Order(target=base, name=name, tokenizer=TrainedTokenizer.kind, vocab_size=size, asked=False)
        yield from prepare_job(order, control)
    elif source is not None:
        kind = TrainedTokenizer.kind
        plan = PreparationPlan(name, source.title, PreparedText(source), kind, size, "document", None, asked=False)
        yield from _write(plan, control)


def retokenise_job(name: str, tokenizer: Tokenizer, control: Control) -> Generator[Event | Turn, None, str]:
    """Return the name of the dataset that is the text of another, as it is now, in the tokens of a model.

    That other one itself where its tokens are these. Else the text is prepared in them, under a name of its own, unless
    it is there already; the name is empty when that was stopped. Raises DataError when the text is not there, or has
    characters that the tokenizer lacks, and what preparing raises.
    """
    name = DATASET_ALIASES.get(name, name)
    base = _base(name)
    named = _found(name)
    source = named if base == name else _found(base)
    if named is not None and _is_in(tokenizer, named) and _is_fresh(named, source):
        return name
    if source is None:
        yield from ensure_ready(base, control)
        if control.stopping:
            return ""
        source = dataset(base)
    if _is_in(tokenizer, source):
        return base
    made = _found(retokenised_name(source, tokenizer))
    if made is not None and _is_in(tokenizer, made) and _is_fresh(made, source):
        return made.name
    return (yield from _write_in_tokens(source, tokenizer, control))


def _write_in_tokens(source: Dataset, tokenizer: Tokenizer, control: Control) -> Generator[Event | Turn, None, str]:
    """Prepare the text of a dataset in the tokens of a model; return its name, empty when stopped."""
    name, title = retokenised_name(source, tokenizer), f"{source.title}, in a model’s tokens"
    text = PreparedText(source, f"The text of {source.name} is written in the tokens that the model knows.")
    plan = PreparationPlan(name, title, text, tokenizer.kind, 0, "document", None, tokenizer, asked=False)
    try:
        yield from _write(plan, control)
    except DataError as error:
        if error.code == "unknown_characters":
            raise _cannot_be_written(source, error) from error
        raise
    return "" if asked_to_stop(control) else name


def _write(plan: PreparationPlan, control: Control) -> Job:
    """Read the text of a plan through and write its dataset; ends with a Prepared event unless stopped."""
    survey = Survey(tells_symbols=False)
    yield from read_through(plan.text, survey, control)
    if asked_to_stop(control):
        return
    yield from write_dataset(plan, survey, control)
    if not asked_to_stop(control):
        yield prepared_event(plan, open_dataset(plan.folder), survey)


def _base(name: str) -> str:
    """Return the dataset whose text one is in other tokens, where that is there or can be had; else the name."""
    origin = origin_of(name)
    if origin is None:
        return name
    entry = catalogue().get(origin)
    at_hand = (entry is not None and entry.offline) or _found(origin) is not None
    return origin if at_hand else name


def _found(name: str) -> Dataset | None:
    """Return a dataset, None where there is none that is whole."""
    try:
        return dataset(name)
    except DataError:
        return None


def _is_in(tokenizer: Tokenizer, data: Dataset) -> bool:
    """Return whether the tokens of a dataset are those of a tokenizer."""
    try:
        return same_tokens(data.load_tokenizer(), tokenizer)
    except DataError:
        return False


def _is_fresh(done: Dataset, source: Dataset | None) -> bool:
    """Return whether the text of a dataset is that of the one it was made of, or there is no such to compare."""
    if source is None or source.folder == done.folder:
        return True
    meta = read_meta(done)
    if "made_of" in meta:
        return bool(meta["made_of"] == source.fingerprint)
    ours = os.path.exists(source.folder / "meta.json")  # a folder of nanoGPT's knows its tokens, not its text
    return not ours or source.fingerprint == done.fingerprint


def _cannot_be_written(source: Dataset, error: DataError) -> DataError:
    """Return the error for a text with characters that a model's tokenizer lacks."""
    return DataError(
        f"The text of {source.name} cannot be written in the tokens of this model. {error.message}",
        cause=error.cause,
        fix="Start a new run on this text, or leave these characters out and prepare the text again.",
        code=error.code,
        fixes=(Fix("Start a New Run", "restart", {"init_from": "scratch", "out_dir": ""}),),
    )


class PreparedText(Text):
    """What a dataset was made from, read back from its tokens: what is learned from, then what judges."""

    def __init__(self, source: Dataset, *notes: str) -> None:
        self.source = source.source
        self.size = source.train_bytes + source.val_bytes
        self.sources = (source.source,)
        self.made_of = source.fingerprint
        self.turns = turns_from(read_meta(source).get("turns", {}))
        self._dataset = source
        self._notes = notes

    def documents(self) -> Iterator[Iterator[str]]:
        """Return both parts; raises DataError when a token has no meaning."""
        tokenizer = self._dataset.load_tokenizer()
        pieces = [tokenizer.token_bytes(token) for token in range(tokenizer.vocab_size)]
        return (_read(path, pieces) for path in (self._dataset.train_path, self._dataset.val_path))

    def notes(self) -> list[str]:
        """Return what is to be said of it; nothing was changed."""
        return list(self._notes)


def _read(path: Path, pieces: list[bytes]) -> Iterator[str]:
    """Yield the text of a token file; a character may be torn between two tokens, never between two files.

    Raises DataError where a token is none of the pieces.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    tokens = np.memmap(path, dtype="<u2", mode="r")
    for start in range(0, len(tokens), _IDS_AT_ONCE):
        part = tokens[start : start + _IDS_AT_ONCE]
        require_known(path, int(part.max()), len(pieces))
        ids = part.tolist()
        yield decoder.decode(b"".join(map(pieces.__getitem__, ids)))
    yield decoder.decode(b"", final=True)
