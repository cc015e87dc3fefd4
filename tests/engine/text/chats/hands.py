"""Reads chats that a test makes up."""

import json
from pathlib import Path
from typing import Any

from engine.text.account import FileAccount
from engine.text.chats.exports import json_messages
from engine.text.wishes import ReadingWishes


def read_text(text: str, path: Path = Path("chat.json"), **wishes: Any) -> tuple[str, FileAccount]:
    """Return the text that the messages in a file of JSON become, and what was counted."""
    account = FileAccount()
    pieces = iter([text[place : place + 50] for place in range(0, len(text), 50)])
    return "".join(json_messages(pieces, path, account, ReadingWishes(**wishes))), account


def read(value: Any, path: Path = Path("chat.json"), **wishes: Any) -> tuple[str, FileAccount]:
    """Return the text that the messages in a value of JSON become, and what was counted."""
    return read_text(json.dumps(value), path, **wishes)
