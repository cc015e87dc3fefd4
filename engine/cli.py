"""`python -m engine`: nanoGPT's flags in front of the same engine that the window drives."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import os
import sys
import traceback
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from engine import __version__
from engine.allocator import trim_gpu_cache
from engine.config import explanations
from engine.errors import SettingError, UnderstudyError, nearest
from engine.paths import home
from engine.settings import Settings, parse_value, setting_fields

COMMANDS = {
    "prepare": "turn a text into tokens to train on",
    "train": "train a model, or go on with a run",
    "sample": "let a trained model continue a text",
    "estimate": "say what a run will need, without starting it",
    "bench": "measure speed and memory of training on this machine",
    "export": "write a trained model in a form that other programs open",
    "pack": "put a run and its dataset in one file, to go on with on a bigger machine",
    "unpack": "take in a run that was packed",
    "runs": "list every run",
    "doctor": "check that everything needed is there",
}
"""What each command does; engine/commands has a module of the same name for it."""


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
        what = f"There is no option {name}." if name.startswith("-") else f"Nothing is expected at {name!r}."
        raise SettingError(
            what + nearest(name, options),
            cause="What is not understood is refused, so that a slip of the pen costs no run.",
            fix=f"`{self.prog} --help` lists every option.",
            code="unknown_option",
            problems={name.lstrip("-"): "unknown"},
        )


def add_settings(parser: argparse.ArgumentParser, cls: type[Settings], *, leave_out: Sequence[str] = ()) -> None:
    """Add an option for each setting, with its explanation, default and range."""
    for name, field in setting_fields(cls).items():
        if name in leave_out:
            continue
        text = explanations().get(name, {}).get("what", "")
        parser.add_argument(
            f"--{name}",
            metavar=str(field.type).upper(),
            default=argparse.SUPPRESS,
            help=f"{text} [{_default_and_range(field.default, field.metadata)}]".strip().replace("%", "%%"),
        )


def _default_and_range(default: object, limits: Any) -> str:
    """Give "default 4, 1 to 256" or the like."""
    minimum, maximum, choices = limits["minimum"], limits["maximum"], limits["choices"]
    told = f"default {default!r}"
    if choices:
        return f"{told}, one of {', '.join(choices)}"
    if minimum is not None and maximum is not None:
        return f"{told}, {minimum:g} to {maximum:g}"
    return f"{told}, at least {minimum:g}" if minimum is not None else told


def given_settings(arguments: argparse.Namespace, cls: type[Settings]) -> dict[str, Any]:
    """Give the settings that were named on the command line, as values; raises SettingError for a bad one."""
    given = {name: text for name, text in vars(arguments).items() if name in setting_fields(cls) and text is not None}
    return {name: parse_value(cls, name, text) for name, text in given.items()}


def print_json(value: dict[str, Any]) -> None:
    """Print one JSON object on one line, at once."""
    print(json.dumps(value, ensure_ascii=False), flush=True)


def say(text: str) -> None:
    """Tell a person something that is not the command's result."""
    print(text, file=sys.stderr, flush=True)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; give its exit code. Failures are told in words on standard error, never as a traceback."""
    trim_gpu_cache()
    try:
        return _run(sys.argv[1:] if argv is None else list(argv))
    except UnderstudyError as error:
        say(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read our output has enough
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        say(f"Understudy failed in a way it does not know: {type(error).__name__}: {error}")
        say(f"What it was doing is written in {write_crash_log()}; please send that along when you report it.")
        return 1


def write_crash_log() -> Path:
    """Write the traceback under way to a file in the home folder (or the current one); its path."""
    for folder in (home() / "logs", Path.cwd()):
        path = folder / f"understudy-{datetime.now():%Y%m%d-%H%M%S}.log"
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(traceback.format_exc(), "utf-8")
            return path
    return Path(os.devnull)


def _run(argv: list[str]) -> int:
    parser = Parser(prog="python -m engine", description=__doc__)
    parser.add_argument("--version", action="version", version=f"Understudy {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=Parser)
    # only the named command is imported, so that a quick one stays quick
    named = next((word for word in argv if not word.startswith("-")), "")
    if named and named not in COMMANDS:
        raise SettingError(
            f"There is no command {named!r}.{nearest(named, COMMANDS)}",
            fix=f"The commands are {', '.join(COMMANDS)}.",
            code="unknown_command",
        )
    for name, does in COMMANDS.items():
        command = commands.add_parser(name, help=does, description=does[0].upper() + does[1:] + ".")
        command.add_argument("--json", action="store_true", help="one JSON object a line on standard output")
        if name == named:
            module = importlib.import_module(f"engine.commands.{name}")
            module.add_to(command)
            command.set_defaults(command=command, run=module.run)
    arguments, unknown = parser.parse_known_args(argv)
    arguments.command.refuse_unknown(unknown)
    return int(arguments.run(arguments))
