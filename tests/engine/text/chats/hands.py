"""Reads chats that a test makes up."""

import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from engine.text.account import FileAccount
from engine.text.chats.exports import json_text
from engine.text.sources import Source
from engine.text.wishes import ReadingWishes


def read_file(
    reader: Callable[[Source, FileAccount, ReadingWishes], Iterator[str]], path: Path, **wishes: Any
) -> tuple[str, FileAccount]:
    """Return the text of a file, and what was counted."""
    account = FileAccount()
    return "".join(reader(path, account, ReadingWishes(**wishes))), account


def read_as(
    reader: Callable[[Source, FileAccount, ReadingWishes], Iterator[str]], text: str, **wishes: Any
) -> tuple[str, FileAccount]:
    """Return what a reader makes of a file with that text, and what was counted."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "chat")
        path.write_bytes(text.encode())
        return read_file(reader, path, **wishes)


def read_text(text: str, **wishes: Any) -> tuple[str, FileAccount]:
    """Return the text that the messages in a text of JSON become, and what was counted."""
    return read_as(json_text, text, **wishes)


def read(value: Any, **wishes: Any) -> tuple[str, FileAccount]:
    """Return the text that the messages in a value of JSON become, and what was counted."""
    return read_text(json.dumps(value), **wishes)
