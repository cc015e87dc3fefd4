"""nanoGPT's configuration files: Python whose plain assignments are read. Nothing in them is ever run."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from engine.core.config import TrainConfig
from engine.core.errors import SettingError, nearest
from engine.core.paths import expanded
from engine.core.settings import parse_value, setting_fields
from engine.core.untrusted_files import read_bytes, reason

SUFFIX = ".py"
_LONGEST = 2**16
"""Bytes of a file of settings; nanoGPT's have one or two thousand."""

_OPERATORS: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
}


def read_config_file(name: str, without_effect: Mapping[str, str]) -> dict[str, Any]:
    """Return the settings that a file assigns; those `without_effect` here may have any value and are left out.

    Raises SettingError, with the line, for what is no plain assignment of a setting: such a file needs Python to run.
    """
    settings: dict[str, Any] = {}
    known: dict[str, Any] = {}
    for statement in _statements(name):
        match statement:
            case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()):
                continue
            case ast.Assign(targets=[ast.Name(id=setting)], value=value):
                if setting in without_effect:
                    continue
                place = f"{name}, line {statement.lineno}"
                known[setting] = _value(value, known, f"{place}: {setting}")
                settings[setting] = _checked(setting, known[setting], place)
            case _:
                raise _not_plain(f"{name}, line {statement.lineno}: {ast.unparse(statement).splitlines()[0]!r}")
    return settings


def _statements(name: str) -> list[ast.stmt]:
    """Return what a file holds; raises SettingError where it cannot be read or is no Python."""
    try:
        return ast.parse(read_bytes(Path(expanded(name)), _LONGEST)).body
    except OSError as error:
        raise SettingError(
            f"The configuration file {name} cannot be read.",
            cause=f"The system says: {reason(error)}.",
            fix="Name a file with nanoGPT’s settings, as config/train_shakespeare_char.py, before the options.",
            code="bad_usage",
        ) from error
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise SettingError(
            f"The configuration file {name} is no Python.",
            cause=f"{error}.",
            fix="Give each setting on a line of its own: batch_size = 12",
            code="bad_usage",
        ) from error


def _checked(setting: str, value: Any, place: str) -> Any:
    """Return a setting's value as a flag would give it; raises SettingError with the place where it stands."""
    if setting not in setting_fields(TrainConfig):
        raise SettingError(
            f"{place}: there is no setting {setting!r}.{nearest(setting, setting_fields(TrainConfig))}",
            fix="Take the line out, or correct the name; `python -m engine train --help` lists every setting.",
            code="unknown_setting",
            problems={setting: "unknown"},
        )
    try:
        return parse_value(TrainConfig, setting, str(value))
    except SettingError as error:
        raise SettingError(f"{place}: {error.message}", fix=error.fix, problems=error.problems) from error


def _value(node: ast.expr, known: Mapping[str, Any], place: str) -> Any:
    """Return what an expression of constants and names assigned before comes to; raises SettingError for another."""
    match node:
        case ast.Constant(value=bool() | int() | float() | str()):
            return node.value
        case ast.Name(id=name) if name in known:
            return known[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = _value(operand, known, place)
            if isinstance(inner, int | float):
                return -inner
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _OPERATORS:
            sides = _value(left, known, place), _value(right, known, place)
            if all(type(side) in (int, float) for side in sides):
                try:
                    return _OPERATORS[type(sign)](*sides)
                except (ArithmeticError, ValueError):
                    pass
    raise _not_plain(f"{place} = {ast.unparse(node)}")


def _not_plain(where: str) -> SettingError:
    return SettingError(
        f"{where} is no plain assignment of a value.",
        cause="A configuration file is read here, not run: only lines like batch_size = 12 or 5 * 8 are understood.",
        fix="Write the value itself there, or give it as an option: --batch_size=12.",
        code="bad_usage",
    )
