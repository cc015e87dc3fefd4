"""What a model knows by heart: passages of a text that stand word for word in the text it learned from."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

import numpy as np

from engine.core.events import Memorised, Progress, Quotation, Turn
from engine.core.jobs import Control, Job
from engine.datasets.dataset import Dataset
from engine.generation.model_cache import Shelf
from engine.generation.text_index import TextIndex

SHORTEST = 32
"""Characters of a quotation at least, about six words: shorter ones are anybody's phrases."""

LEAST = 16
"""What SHORTEST may be set to at least."""

LIMIT = 256 * 2**20
"""Bytes of a training text that are searched, from its beginning on: with their index 384 MiB of memory."""

AROUND = 60
"""Characters given before and after a quotation where it comes from."""

_TOKENS_AT_ONCE = 2**18


def memorisation_job(path: Path, texts: Sequence[str], control: Control, shelf: Shelf, shortest: int = SHORTEST) -> Job:
    """Look for quotations of `shortest` characters or more in texts that a checkpoint's model wrote.

    Gives Progress while the training text is indexed, once for as long as the shelf keeps it, then a Memorised for
    each text. Raises DataError when the training text is not here any more, and CheckpointError.
    """
    data = shelf.model(path).training_text()
    index = shelf.index(data.train_path)
    if index is None:
        index = yield from _indexed(data, control)
        if index is None:
            return
        shelf.keep_index(data.train_path, index)
    for number, text in enumerate(texts):
        yield memorised(index, text, max(LEAST, shortest), number, whole=index.bytes < LIMIT)
        yield Turn.NEXT
        if control.stopping:
            return


def memorised(
    index: TextIndex, text: str, shortest: int = SHORTEST, number: int = 0, *, whole: bool = True
) -> Memorised:
    """Return the quotations in a text: each as long as it can be, none inside another; share and longest of them."""
    found = quotations(index, text, shortest)
    quoted = np.zeros(len(text), dtype=bool)
    for quotation in found:
        quoted[quotation.start : quotation.end] = True
    return Memorised(
        text=number,
        quotations=tuple(found),
        share=float(quoted.mean()) if text else 0.0,
        longest=max((quotation.end - quotation.start for quotation in found), default=0),
        searched_characters=index.characters_before(index.bytes),
        whole=whole,
    )


def quotations(index: TextIndex, text: str, shortest: int) -> list[Quotation]:
    """Return the longest passages of a text, from `shortest` characters on, that stand in the indexed text."""
    encoded = text.encode("utf-8", "surrogatepass")
    begins = np.flatnonzero((np.frombuffer(encoded, dtype=np.uint8) & 0xC0) != 0x80)
    spans: list[tuple[int, int]] = []
    for start, end in _longest_passages(index, encoded, shortest):
        # without the parts of characters at its ends
        first = int(np.searchsorted(begins, start))
        last = len(begins) if end == len(encoded) else int(np.searchsorted(begins, end, side="right")) - 1
        inside_another = bool(spans) and last <= spans[-1][1]
        if last - first >= shortest and not inside_another:
            spans.append((first, last))
    return [_quotation(index, text, start, end) for start, end in spans]


def _quotation(index: TextIndex, text: str, start: int, end: int) -> Quotation:
    passage = text[start:end].encode("utf-8", "surrogatepass")
    places = index.find(passage)
    at, around = int(places[0]), 4 * AROUND  # bytes of a character at most
    return Quotation(
        start=start,
        end=end,
        at=index.characters_before(at),
        times=len(places),
        before=index.read(at - around, at)[-AROUND:],
        after=index.read(at + len(passage), at + len(passage) + around)[:AROUND],
    )


def _longest_passages(index: TextIndex, text: bytes, shortest: int) -> Iterator[tuple[int, int]]:
    """Yield, in order, each (start, end) in bytes that is found and would not be if it were any longer.

    Where nothing is quoted this looks at one place in `shortest` / 2: no passage that reaches over a stretch can be
    found when the stretch itself is not.
    """
    stretch = min(shortest, max(shortest // 2, index.shortest))
    start = 0
    while (end := start + shortest) <= len(text):
        if text[end - stretch : end] not in index:
            start = end - stretch + 1
        elif text[start:end] not in index:
            start += 1
        else:
            end = _end(index, text, start, end)
            yield start, end
            start = _next_start(index, text, start, end, shortest)


def _next_start(index: TextIndex, text: bytes, start: int, end: int, shortest: int) -> int:
    """Return where the passage after (start, end) may begin: as it ends later, all from there to `end` + 1 is found."""
    begins = range(start + 1, max(start + 1, end + 2 - shortest))
    if end == len(text) or not begins:
        return max(start + 1, end + 2 - shortest)
    return begins.start + bisect_left(begins, True, key=lambda begin: text[begin : end + 1] in index)


def _end(index: TextIndex, text: bytes, start: int, end: int) -> int:
    """Return the greatest end for which text[start:end] is found; it is for the `end` given."""
    step = end - start
    while end + step <= len(text) and text[start : end + step] in index:
        end += step
        step *= 2
    ends = range(end + 1, min(end + step, len(text)) + 1)
    return end + bisect_left(ends, True, key=lambda longer: text[start:longer] not in index)


def _indexed(data: Dataset, control: Control) -> Generator[Progress | Turn, None, TextIndex | None]:
    """Return the index of a training text, or None when stopped before it is made."""
    total = min(data.train_bytes, LIMIT)
    text = yield from _training_text(data, control)
    index = TextIndex(text)
    del text
    for done in index.build():
        yield Progress(what="Reading what it learned from", done=done, total=total, unit="bytes")
        yield Turn.NEXT
        if control.stopping:
            return None
    return index


def _training_text(data: Dataset, control: Control) -> Generator[Turn, None, bytes]:
    """Return the beginning of a training text as UTF-8, LIMIT bytes at most."""
    tokenizer = data.load_tokenizer()
    table = [tokenizer.token_bytes(token) for token in range(tokenizer.vocab_size)]
    ids = np.memmap(data.train_path, dtype="<u2", mode="r")
    text = bytearray()
    for first in range(0, len(ids), _TOKENS_AT_ONCE):
        text += b"".join(map(table.__getitem__, ids[first : first + _TOKENS_AT_ONCE].tolist()))
        yield Turn.NEXT
        if len(text) >= LIMIT or control.stopping:
            break
    return bytes(text[:LIMIT])
