"""`python -m engine`: nanoGPT's flags in front of the same engine that the window drives."""

from __future__ import annotations

import contextlib
import importlib
import io
import logging
import os
import sys
import traceback
from collections.abc import Container, Sequence
from datetime import datetime
from pathlib import Path

from engine.cli.options import Parser
from engine.cli.output import say_error
from engine.cli.terminal import PlainFormatter, as_typed_here
from engine.core.disk import refused
from engine.core.errors import OutOfMemoryError, SettingError, UnderstudyError, nearest
from engine.core.paths import logs_dir
from engine.core.settings import is_text
from engine.core.version import __version__
from engine.machine.allocator import trim_gpu_cache
from engine.machine.openmp import let_waiting_threads_sleep

COMMANDS = {
    "prepare": "turn a text into tokens to train on",
    "train": "train a model, or go on with a run",
    "sample": "let a trained model continue a text",
    "play": "play a scene with a model that learned from a play or a chat",
    "estimate": "say what a run will need, without starting it",
    "bench": "measure speed and memory of training on this machine",
    "export": "write a trained model in a form that other programs open",
    "pack": "put a run and its dataset in one file, to go on with on a bigger machine",
    "unpack": "take in a run that was packed",
    "runs": "list every run",
    "doctor": "check that everything needed is there",
    "completion": "print what lets the Tab key of bash, zsh or fish complete all this",
}
"""What each command does; engine/cli has a module of the same name for it."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; return its exit code. Failures are told in words on standard error, never as a traceback."""
    trim_gpu_cache()
    let_waiting_threads_sleep()
    _print_anything()
    words = sys.argv[1:] if argv is None else list(argv)
    try:
        return _run(words)
    except UnderstudyError as error:
        return _failed(error, words)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read our output has enough
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return _failed(refused(error), words)
    except MemoryError:
        full = OutOfMemoryError("There is not enough memory for this.", fix="Close other programs, or ask for less.")
        return _failed(full, words)
    except Exception as error:
        return _failed(_unforeseen(error), words)


def _failed(error: UnderstudyError, words: Sequence[str]) -> int:
    """Tell what went wrong; return the exit code."""
    say_error(error, as_json="--json" in words)
    return error.exit_code


def _unforeseen(error: Exception) -> UnderstudyError:
    """Return the error for what nobody has thought of, which is written down."""
    what = f"Understudy failed in a way it does not know: {type(error).__name__}: {error}"
    fix = f"What it was doing is written in {write_crash_log()}; please send that along when you report it."
    return UnderstudyError(what, fix=fix)


def write_crash_log() -> Path:
    """Write the traceback under way to its own file in the folder of logs (or the current one); return its path."""
    name = f"understudy-{datetime.now():%Y%m%d-%H%M%S-%f}-{os.getpid()}.log"
    for folder in (logs_dir, Path.cwd):
        with contextlib.suppress(OSError, UnderstudyError):
            path = folder() / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(traceback.format_exc(), "utf-8", errors="backslashreplace")
            return path
    return Path(os.devnull)


def _print_anything() -> None:
    """Let standard output and error take any letter and any name of a file: what they cannot show is spelled out."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if logging.lastResort is not None:
        logging.lastResort.setFormatter(PlainFormatter())


def _require_text(argv: Sequence[str]) -> None:
    """Raise SettingError for a word that no program can be given by a terminal."""
    for word in argv:
        if not is_text(word):
            raise SettingError(
                f"{word!r} is no text.",
                cause="It holds the character NUL, or what is no Unicode: half a character, a byte of other text.",
                fix="Leave that out; give a file of such a name another one.",
                code="bad_usage",
            )


def _run(argv: list[str]) -> int:
    _require_text(argv)
    # only the named command is imported, so that a quick one stays quick
    named = next((word for word in argv if not word.startswith("-")), "")
    if named and named not in COMMANDS:
        raise SettingError(
            f"There is no command {named!r}.{nearest(named, COMMANDS)}",
            fix=f"The commands are {', '.join(COMMANDS)}.",
            code="unknown_command",
        )
    parser, commands = parser_of([named])
    arguments, unknown = parser.parse_known_args(argv)
    commands[named].refuse_unknown(unknown)
    return int(importlib.import_module(f"engine.cli.{named}").run(arguments))


def parser_of(named: Container[str]) -> tuple[Parser, dict[str, Parser]]:
    """Return the parser of the whole command line, and those of its commands: the named ones with their options."""
    parser = Parser(prog=as_typed_here("python -m engine"), description=__doc__)
    parser.add_argument("--version", action="version", version=f"Understudy {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=Parser)
    made = {}
    for name, does in COMMANDS.items():
        made[name] = command = commands.add_parser(name, help=does, description=does[0].upper() + does[1:] + ".")
        command.add_argument("--json", action="store_true", help="one JSON object a line on standard output")
        if name in named:
            importlib.import_module(f"engine.cli.{name}").add_to(command)
    return parser, made
