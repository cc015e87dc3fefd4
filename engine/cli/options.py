"""Options on the command line: one for each setting, refused by name where none is meant."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, NoReturn

from engine.core.config import explanations
from engine.core.errors import SettingError, nearest
from engine.core.settings import Settings, number_words, parse_value, setting_fields, setting_types


class Parser(argparse.ArgumentParser):
    """A parser that tells bad usage as a SettingError and takes no abbreviations."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter, **options)

    def error(self, message: str) -> NoReturn:
        """Raise what argparse found as a SettingError."""
        raise SettingError(
            message[0].upper() + message[1:] + ".", fix=f"`{self.prog} --help` shows what it takes.", code="bad_usage"
        )

    def refuse_unknown(self, unknown: Sequence[str]) -> None:
        """Raise SettingError for arguments that no option took, with the nearest option."""
        if not unknown:
            return
        name = unknown[0].split("=", 1)[0]
        options = [option for option in self._option_string_actions if option.startswith("--")]
        if not name.startswith("-"):
            raise unexpected(name)
        what = f"There is no option {name}."
        raise SettingError(
            what + nearest(name, options),
            cause="What is not understood is refused, so that a slip of the pen costs no run.",
            fix=f"`{self.prog} --help` lists every option.",
            code="unknown_option",
            problems={name.lstrip("-"): "unknown"},
        )


def unexpected(word: str) -> SettingError:
    """Return the error for a word that no command can do anything with."""
    return SettingError(
        f"Nothing is expected at {word!r}.",
        cause="What is not understood is refused, so that a slip of the pen costs no run.",
        fix="Each option begins with two dashes, --name=value; add --help to see them all.",
        code="unknown_option",
        problems={word: "unknown"},
    )


def add_settings(parser: argparse.ArgumentParser, cls: type[Settings], *, leave_out: Sequence[str] = ()) -> None:
    """Add an option for each setting, with its explanation, default and range."""
    for name, field in setting_fields(cls).items():
        if name in leave_out:
            continue
        text = explanations().get(name, {}).get("what", "")
        parser.add_argument(
            f"--{name}",
            metavar=setting_types(cls)[name].__name__.upper(),
            default=argparse.SUPPRESS,
            help=f"{text} [{_default_and_range(field.default, field.metadata)}]".strip().replace("%", "%%"),
        )


def _default_and_range(default: object, limits: Any) -> str:
    """Return "default 4, 1 to 256" or the like."""
    minimum, maximum, choices = limits["minimum"], limits["maximum"], limits["choices"]
    words = f"default {default!r}"
    if choices:
        return f"{words}, one of {', '.join(choices)}"
    if minimum is not None and maximum is not None:
        return f"{words}, {number_words(minimum)} to {number_words(maximum)}"
    return f"{words}, at least {number_words(minimum)}" if minimum is not None else words


def given_settings(arguments: argparse.Namespace, cls: type[Settings]) -> dict[str, Any]:
    """Return the settings that were named on the command line, as values; raises SettingError for a bad one."""
    given = {name: text for name, text in vars(arguments).items() if name in setting_fields(cls) and text is not None}
    return {name: parse_value(cls, name, text) for name, text in given.items()}
