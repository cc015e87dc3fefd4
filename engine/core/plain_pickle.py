"""Pickles from elsewhere, read without running what is in them: containers, numbers and texts, also NumPy's."""

from __future__ import annotations

import io
import pickle
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.core.untrusted_files import read_bytes

_FORMS = {
    "b1": "?",
    "i1": "b",
    "i2": "h",
    "i4": "i",
    "i8": "q",
    "u1": "B",
    "u2": "H",
    "u4": "I",
    "u8": "Q",
    "f2": "e",
    "f4": "f",
    "f8": "d",
}


def read_pickle(path: Path) -> dict[str, Any]:
    """Return the dictionary in a pickle; raises OSError as `read_bytes` does, ValueError for any other pickle."""
    try:
        value = _PlainUnpickler(io.BytesIO(read_bytes(path))).load()
    except OSError:
        raise
    except Exception as error:  # a damaged pickle raises nearly anything
        raise ValueError(str(error) or type(error).__name__) from error
    if not isinstance(value, dict):
        raise ValueError("it holds no dictionary")
    return value


class _NumberKind:
    """What NumPy calls a dtype, as far as it says how a number or a text lies in bytes."""

    def __init__(self, name: str, *_: Any) -> None:
        self._name = name

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self._order = state[1]

    def value(self, content: bytes) -> int | float | bool | str:
        """Return the number or text that bytes stand for; raises ValueError for another kind."""
        order = ">" if self._order == ">" else "<"
        if self._name in _FORMS:
            found: int | float | bool = struct.unpack(order + _FORMS[self._name], content)[0]
            return found
        if self._name.startswith("U"):
            return content.decode("utf-32-be" if order == ">" else "utf-32-le").rstrip("\0")
        raise ValueError(f"it holds NumPy’s {self._name}")


def _scalar(kind: _NumberKind, content: bytes) -> int | float | bool | str:
    return kind.value(content)


def _bytes(text: str, encoding: str = "") -> bytes:
    """Return bytes that older pickles write as a text, a character for each."""
    return text.encode("latin-1")


_STAND_INS: dict[tuple[str, str], Callable[..., Any]] = {
    ("numpy", "dtype"): _NumberKind,
    ("numpy.core.multiarray", "scalar"): _scalar,
    ("numpy._core.multiarray", "scalar"): _scalar,
    ("_codecs", "encode"): _bytes,
    ("collections", "OrderedDict"): dict,
}
"""What a pickle may name, and what is taken in its place."""


class _PlainUnpickler(pickle.Unpickler):
    """Reads containers, numbers and text, and refuses everything a pickle could run."""

    def find_class(self, module_name: str, global_name: str) -> Any:
        if stand_in := _STAND_INS.get((module_name, global_name)):
            return stand_in
        raise pickle.UnpicklingError(f"it names {module_name}.{global_name}, which is never opened")
