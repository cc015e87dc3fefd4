"""The messages of a chat that was exported as JSON, in one value or one on each line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from engine.text.account import FileAccount
from engine.text.chats.messages import messages, some
from engine.text.plain import lines_of, read_text
from engine.text.refusals import unusable
from engine.text.sources import Source, size_of
from engine.text.wishes import ReadingWishes

WHOLE_LIMIT = 2**28
"""Bytes of a .json that is read whole."""


def json_text(source: Source, account: FileAccount, wishes: ReadingWishes) -> Iterator[str]:
    """Yield the messages of a chat that was exported as .json, or as .jsonl with one on each line."""
    if source.suffix.lower() == ".jsonl":
        values: Iterable[Any] = map(json.loads, filter(str.strip, lines_of(source, account, wishes)))
    elif size_of(source) > WHOLE_LIMIT:
        fix = "Export a part of it, or save it as .jsonl, one message on each line."
        raise unusable(source, f"A .json of more than {WHOLE_LIMIT >> 20} MB cannot be read in one piece.", fix)
    else:
        values = [json.loads("".join(read_text(source, account, wishes)))]
    yield from some(source, (text for value in values for text in messages(value)))
