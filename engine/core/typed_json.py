"""Plain JSON values as the types that dataclasses declare: what a file or another process says, checked as it comes in.

Known are int, float, str, bool, None, Any, Literal, `X | None`, tuples, dicts, and dataclasses of these.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
MOST = 2**63 - 1
"""The largest whole number that is believed: what 64 bits hold."""

Reader = Callable[[Any], Any]
"""Returns a JSON value as a value of its type; raises ValueError when it is none."""


def read(kind: type[T], value: Any) -> T:
    """Return a JSON object as a dataclass; members that it has no field for are passed over.

    A null for a float stands for what was not a number: JSON cannot write those. Raises ValueError when a field
    without a default is missing or a value is of another type.
    """
    any_kind: Any = kind
    made: T = _reader(any_kind)(value)
    return made


@cache
def _reader(kind: Any) -> Reader:
    """Return what reads values of a type."""
    if kind in _PLAIN:
        return _PLAIN[kind]
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        return _one_of(inner)
    if origin in (Union, types.UnionType):
        return _optional(next(_reader(each) for each in inner if each is not types.NoneType))
    if origin is tuple:
        return _sequence(_reader(inner[0])) if inner[-1] is ... else _row(tuple(map(_reader, inner)))
    if origin in (dict, Mapping):
        return _mapping(*map(_reader, inner))
    if is_dataclass(kind):
        return _object(kind)
    raise TypeError(f"no JSON value is read as {kind}")


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{value!r} is no whole number")
    if abs(value) > MOST:
        raise ValueError(f"{value} is beyond {MOST}")
    return value


def _number(value: Any) -> float:
    if value is None:
        return float("nan")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{value!r} is no number")
    return float(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no text")
    return value


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} is neither true nor false")
    return value


def _anything(value: Any) -> Any:
    return value


_PLAIN: Mapping[Any, Reader] = {int: _whole, float: _number, str: _text, bool: _truth, Any: _anything}


def _one_of(known: tuple[Any, ...]) -> Reader:
    def one_of(value: Any) -> Any:
        if value not in known:
            raise ValueError(f"{value!r} is none of {', '.join(map(repr, known))}")
        return value

    return one_of


def _optional(reader: Reader) -> Reader:
    return lambda value: None if value is None else reader(value)


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"{value!r} is no list")
    return value


def _sequence(reader: Reader) -> Reader:
    return lambda value: tuple(map(reader, _list(value)))


def _row(readers: tuple[Reader, ...]) -> Reader:
    return lambda value: tuple(reader(each) for reader, each in zip(readers, _list(value), strict=True))


def _members(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{value!r} is no object")
    return value


def _mapping(names: Reader, values: Reader) -> Reader:
    return lambda value: {names(name): values(each) for name, each in _members(value).items()}


def _object(kind: Any) -> Reader:
    kinds = get_type_hints(kind)
    needed: dict[str, Reader] = {}
    others: dict[str, Reader] = {}
    for field in fields(kind):
        has_no_default = field.default is field.default_factory is MISSING
        (needed if has_no_default else others)[field.name] = _reader(kinds[field.name])

    def made(value: Any) -> Any:
        members = _members(value)
        try:
            values = {name: reader(members[name]) for name, reader in needed.items()}
        except KeyError as error:
            raise ValueError(f"{error.args[0]} is missing") from error
        for name in others.keys() & members.keys():
            values[name] = others[name](members[name])
        return kind(**values)

    return made
