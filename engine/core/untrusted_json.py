"""JSON from files that anybody may have written: bounded in size, depth and numbers before anything is made of it.

What comes out holds whole numbers of at most 20 digits, finite floats and text that is Unicode, at most 50 deep. What
its members must be, engine/core/typed_json.py checks by the types of a dataclass.
"""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

from engine.core.untrusted_files import LONGEST, read_bytes, reason

DEEPEST = 50
"""Lists and objects inside one another; in files of ours there are five."""

_MOST_DIGITS = 20
_NESTING = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")


def parsed(content: bytes | str) -> Any:
    """Return the value of a text in JSON; raises ValueError that says what is wrong with it."""
    text = content.decode("utf-8") if isinstance(content, bytes) else content
    if text.count("[") + text.count("{") > DEEPEST:
        _require_shallow(text)
    value = _DECODER.decode(text)
    if "\\ud" in text or "\\uD" in text or isinstance(content, str):
        _require_unicode(value)
    return value


def read_value(path: Path, longest: int = LONGEST) -> Any:
    """Return the value in a file of JSON; raises OSError as `untrusted_files.opened` does, ValueError as `parsed`."""
    return parsed(read_bytes(path, longest))


def read_object(path: Path, longest: int = LONGEST) -> dict[str, Any]:
    """Return the object in a file of JSON; raises OSError and ValueError as `read_value`, also for another value."""
    value = read_value(path, longest)
    if not isinstance(value, dict):
        raise ValueError("it holds no JSON object")
    return value


def why_unread(path: Path, error: OSError | ValueError) -> str:
    """Return in words why what `read_value` raised: which file, and what is wrong with it."""
    return reason(error) if isinstance(error, OSError) else f"{path} is damaged: {error}"


def _require_shallow(text: str) -> None:
    """Raise ValueError for more than DEEPEST values in one another: what reads or writes them would overflow."""
    depth = 0
    for token in _NESTING.finditer(text):
        sign = token[0]
        depth += 1 if sign in "[{" else -1 if sign in "]}" else 0
        if depth > DEEPEST:
            raise ValueError(f"it holds more than {DEEPEST} lists or objects inside one another")


def _require_unicode(value: Any) -> None:
    """Raise ValueError where a text has half a character, which can be neither written nor printed."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            if _HALF_CHARACTER.search(each):
                raise ValueError("a text in it has half a character (a lone surrogate)")
        elif isinstance(each, dict):
            waiting.extend(each)
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)


def _whole(digits: str) -> int:
    if len(digits.removeprefix("-")) > _MOST_DIGITS:
        raise ValueError(f"it holds a number of {len(digits)} digits")
    return int(digits)


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError("it holds a number that is too large")
    return value


def _no_number(name: str) -> float:
    raise ValueError(f"it holds {name}, which is no number of JSON")


_DECODER = json.JSONDecoder(parse_int=_whole, parse_float=_finite, parse_constant=_no_number)
