"""Settings that check themselves: frozen dataclasses whose fields say their allowed range beside their default.

Nothing here knows a particular setting; those stand in engine/core/config.py.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from functools import cache
from typing import Any, Self

from engine.core.errors import SettingError, nearest

_KINDS: dict[str, type] = {"int": int, "float": float, "bool": bool, "str": str}
_MOST = 2**53
"""What every program can hold, whatever a setting allows."""

_LONGEST_SHOWN = 60
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
"""NUL, and the halves of characters, by which Python also spells the name of a file that is no Unicode."""
_WANTED = {bool: "True or False", int: "a whole number", float: "a finite number", str: "text"}


def setting(
    default: Any, *, minimum: float | None = None, maximum: float | None = None, choices: tuple[str, ...] = ()
) -> Any:
    """Declare a field with its default and its allowed values (both ends included)."""
    return field(default=default, metadata={"minimum": minimum, "maximum": maximum, "choices": choices})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The base of all settings: building one raises a single SettingError for every field that is out of range."""

    def __post_init__(self) -> None:
        values = self.as_dict()
        raise_for({name: problem for name in values if (problem := problem_of(type(self), name, values[name]))})
        raise_for(self.conflicts())

    def conflicts(self) -> dict[str, str]:
        """Return what is wrong between fields that are each in range: a sentence by the name of the setting."""
        return {}

    def as_dict(self) -> dict[str, Any]:
        """Return all settings as plain values, in the order they are declared."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    @classmethod
    def of(cls, *layers: Mapping[str, Any]) -> Self:
        """Return the settings of several layers, each later one over the ones before.

        Raises SettingError for an unknown name or a value out of range.
        """
        merged: dict[str, Any] = {}
        for layer in layers:
            for name in layer:
                known(cls, name)
            merged |= layer
        return cls(**merged)


def setting_fields(cls: type[Settings]) -> dict[str, Field[Any]]:
    """Return the dataclass field of each setting by its name."""
    return _fields(cls)  # type: ignore[arg-type]  # mypy asks the class what only its instances must have


@cache
def _fields(cls: Any) -> dict[str, Field[Any]]:
    return {f.name: f for f in fields(cls)}


def setting_types(cls: type[Settings]) -> dict[str, type]:
    """Return the type of each setting (int, float, bool or str) by its name."""
    return _types(cls)  # type: ignore[arg-type]


@cache
def _types(cls: Any) -> dict[str, type]:
    return {f.name: _KINDS.get(str(f.type), str) for f in fields(cls)}  # what has choices is text


def known(cls: type[Settings], name: str) -> str:
    """Return the name back; raises SettingError with the nearest name when it is no setting."""
    if name not in setting_fields(cls):
        raise SettingError(
            f"There is no setting {name!r}.{nearest(name, setting_fields(cls))}",
            fix="Add --help to the command to see all of them.",
            code="unknown_setting",
            problems={name: "unknown"},
        )
    return name


def parse_value(cls: type[Settings], name: str, text: str) -> Any:
    """Read a setting's value as it is typed on a command line or into a form.

    Raises SettingError when the name is unknown or the text is no value of the setting's type.
    """
    kind = setting_types(cls)[known(cls, name)]
    try:
        if kind is bool:
            return {"true": True, "false": False}[text.strip().lower()]
        return text if kind is str else kind(text.strip())
    except (ValueError, KeyError):
        raise _error({name: f"{name} must be {_WANTED[kind]}, not {_shown(text)}."}) from None


def problem_of(cls: type[Settings], name: str, value: Any) -> str:
    """Return what is wrong with one value by itself, or an empty text."""
    kind = setting_types(cls)[name]
    whole_for_float = kind is float and type(value) is int
    if not (type(value) is kind or whole_for_float) or (type(value) is float and not math.isfinite(value)):
        return f"{name} must be {_WANTED[kind]}, not {_shown(value)}."
    if type(value) is int and abs(value) > _MOST:
        bound = f"at most {_MOST}" if value > 0 else f"at least {-_MOST}"
        return f"{name} must be {bound}, not {_shown(value)}."
    limits = setting_fields(cls)[name].metadata
    minimum, maximum, choices = limits["minimum"], limits["maximum"], limits["choices"]
    if choices and value not in choices:
        return f"{name} must be one of {', '.join(choices)}, not {_shown(value)}.{nearest(str(value), choices)}"
    if minimum is not None and value < minimum:
        return f"{name} must be at least {number_words(minimum)}, not {number_words(value)}."
    if maximum is not None and value > maximum:
        return f"{name} must be at most {number_words(maximum)}, not {number_words(value)}."
    return ""


def number_words(value: float) -> str:
    """Return a number as short as it can be told exactly: two that differ never look alike."""
    short = f"{value:g}"
    if isinstance(value, int):
        return short if short.isdecimal() else str(value)
    return short if float(short) == value else repr(value)


def is_text(value: str) -> bool:
    """Return whether a text can be the name of a file, written and printed: Unicode, without the character NUL."""
    return not _NO_TEXT.search(value)


def _shown(value: Any) -> str:
    """Return a value as it is told of, cut where it is long."""
    try:
        words = repr(value)
    except ValueError:  # Python writes no whole number of thousands of digits
        words = "a number of thousands of digits"
    return words if len(words) <= _LONGEST_SHOWN else f"{words[:_LONGEST_SHOWN]}…"


def raise_for(problems: Mapping[str, str]) -> None:
    """Raise one SettingError that tells all problems, if there are any."""
    if problems:
        raise _error(problems)


def _error(problems: Mapping[str, str]) -> SettingError:
    """Return the error that tells all problems of a form at once."""
    fix = f"Change {' and '.join(problems)}; --help lists every setting with its range."
    return SettingError(" ".join(problems.values()), fix=fix, problems=problems)
