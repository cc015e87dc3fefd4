"""The text of a prepared dataset under a vocabulary of its own: `NAME_bpe1024` is the text of NAME in 1,024 tokens.

The tokens of a dataset are its text, so nothing else is needed: neither the file it came from nor the network, and
what judges stays what judged.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from engine.core.config import DATASET_ALIASES
from engine.core.errors import DataError
from engine.core.events import Progress, Turn
from engine.core.jobs import Control, Job
from engine.datasets.dataset import Dataset, dataset, open_dataset, refitted_from
from engine.datasets.folder import write_dataset
from engine.datasets.order import PreparationPlan
from engine.datasets.prepare import prepare_job, prepared_event
from engine.text.catalogue import catalogue
from engine.text.text_files import Survey, Text
from engine.tokens.tokenizer import TrainedTokenizer

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
        yield from prepare_job(name, control=control)


def refit_job(name: str, control: Control) -> Job:
    """Have the dataset of such a name there, as fresh as the one whose text it is; ends with a Prepared event.

    Does nothing where it is there already, or where that other dataset is not. Raises what preparing raises.
    """
    origin = refitted_from(name)
    if origin is None or is_fresh(name, origin[0]):
        return
    base, size = DATASET_ALIASES.get(origin[0], origin[0]), origin[1]
    entry = catalogue().get(base)
    if entry is not None and entry.offline:
        yield from prepare_job(base, control=control, name=name, tokenizer=TrainedTokenizer.kind, vocab_size=size)
        return
    try:
        source = dataset(base)
    except DataError:
        return
    text, survey = PreparedText(source), Survey(tells_symbols=False)
    plan = PreparationPlan(name, source.title, text, TrainedTokenizer.kind, size, "document", None)
    for document in text.documents():
        survey.begin_document()
        for piece in document:
            survey.add(piece)
            yield Progress(what="Reading", done=min(survey.bytes, text.size), total=text.size, unit="bytes")
            yield Turn.NEXT
            if control.stopping:
                return
    yield from write_dataset(plan, survey, control)
    if not control.stopping:
        yield prepared_event(plan, open_dataset(plan.folder), survey)


def is_fresh(name: str, base: str) -> bool:
    """Whether a dataset is there, and its text is still that of another one (or there is no other to compare)."""
    try:
        done = dataset(name)
    except DataError:
        return False
    try:
        source = dataset(base)
    except DataError:
        return True
    ours = (source.folder / "meta.json").exists()  # a folder of nanoGPT's knows its tokens, not its text
    return not ours or source.fingerprint == done.fingerprint


class PreparedText(Text):
    """What a dataset was made from, read back from its tokens: what is learned from, then what judges."""

    def __init__(self, source: Dataset) -> None:
        self.source = source.source
        self.size = source.train_bytes + source.val_bytes
        self.sources = (source.source,)
        self._dataset = source

    def documents(self) -> Iterator[Iterator[str]]:
        """Return both parts; raises DataError when a token has no meaning."""
        tokenizer = self._dataset.load_tokenizer()
        pieces = [tokenizer.token_bytes(token) for token in range(tokenizer.vocab_size)]
        return (_read(path, pieces) for path in (self._dataset.train_path, self._dataset.val_path))

    def notes(self) -> list[str]:
        """Return nothing: it is the text as it was prepared."""
        return []


def _read(path: Path, pieces: list[bytes]) -> Iterator[str]:
    """Yield the text of a token file; a character may be torn between two tokens, never between two files."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    tokens = np.memmap(path, dtype="<u2", mode="r")
    for start in range(0, len(tokens), _IDS_AT_ONCE):
        ids = tokens[start : start + _IDS_AT_ONCE].tolist()
        yield decoder.decode(b"".join(map(pieces.__getitem__, ids)))
    yield decoder.decode(b"", final=True)
