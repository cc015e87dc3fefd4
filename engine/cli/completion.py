"""`completion`: the Tab key in a shell. The shell asks `understudy` itself, which answers from its own parser.

argcomplete speaks with bash, zsh and fish; what stands here is which values there are.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable

import argcomplete
from argcomplete.completers import DirectoriesCompleter, FilesCompleter
from argcomplete.shell_integration import shellcode

from engine.cli.main import COMMANDS, parser_of
from engine.core.config import SampleConfig, TrainConfig
from engine.core.errors import SettingError, nearest
from engine.core.init_from import GPT2_SHAPES, NEW_OR_RESUMED
from engine.core.kinds import TOKENIZERS
from engine.core.paths import runs_dir
from engine.core.settings import setting_fields, setting_types
from engine.datasets.dataset import prepared
from engine.datasets.folder import read_meta
from engine.exports.formats import FORMATS, OUTTYPES
from engine.planning.own_presets import own_presets
from engine.planning.presets import presets
from engine.text.catalogue import catalogue
from engine.text.turns import turns_from

SHELLS = ("bash", "zsh", "fish")
PROGRAM = "understudy"
SWITCH = ("True", "False")
_SPEAKERS_SHOWN = 100

Values = Callable[[str], Iterable[str]]
"""What returns the values that may follow a beginning."""


def add_to(parser: argparse.ArgumentParser) -> None:
    """Add the argument of `completion`."""
    parser.add_argument("shell", metavar="SHELL", help=f"one of {', '.join(SHELLS)}")


def run(arguments: argparse.Namespace) -> int:
    """Print what the shell's own start-up file evaluates."""
    shell = arguments.shell
    if shell not in SHELLS:
        raise SettingError(f"There is no completion for {shell!r}.{nearest(shell, SHELLS)}", problems={"shell": shell})
    print(shellcode([PROGRAM], use_defaults=False, shell=shell))  # no files where a number is meant
    return 0


def answer() -> None:
    """Answer the shell that asks, in argcomplete's environment variables, and end; return where none asks."""
    parser, commands = parser_of(COMMANDS)
    for name, command in commands.items():
        for action in command._actions:  # argparse has no other way to go over them
            action.completer = _completer(name, action)  # type: ignore[attr-defined]  # where argcomplete looks
    argcomplete.autocomplete(parser)


def _completer(command: str, action: argparse.Action) -> Callable[..., Iterable[str]]:
    """Return what completes the value of an option or argument: names that there are, files, or nothing."""
    values = _values(command).get(action.dest)
    return lambda prefix, **_: values(prefix) if values else ()


def _values(command: str) -> dict[str, Values]:
    """Return the values of each option of a command that has some, by the option's name."""
    files, folders = FilesCompleter(), DirectoriesCompleter()
    found: dict[str, Values] = {name: _these(choices) for name, choices in _closed().items()}
    found |= {
        "anyway": _these(SWITCH),
        "overwrite": _these(SWITCH),
        "third": _these(SWITCH),
        "me": lambda _: _speakers(),
        "it": lambda _: _speakers(),
        "preset": lambda _: [*presets(), *own_presets()],
        "dataset": lambda _: [*catalogue(), *(one.name for one in prepared())],
        "init_from": lambda prefix: [*NEW_OR_RESUMED, *GPT2_SHAPES, *folders(prefix)],
        "out_dir": lambda prefix: [*_runs(), *folders(prefix)],
        "resume_from": files,
        "config": files,
        "target": lambda prefix: [*catalogue(), *files(prefix)],
        "also": files,
        "source": files,
        "tokenizer": _these(TOKENIZERS),
        "split": _these(("position", "document")),
        "format": _these(tuple(form.name for form in FORMATS)),
        "outtype": _these(OUTTYPES),
        "dest": files,
        "archive": files,
        "shell": _these(SHELLS),
    }
    if command == "sample":
        found["init_from"] = _these(("resume",))
    return found


def _these(names: Iterable[str]) -> Values:
    return lambda _: names


def _closed() -> dict[str, tuple[str, ...]]:
    """Return the settings that take one of a few values, with these."""
    return {
        name: SWITCH if setting_types(settings)[name] is bool else tuple(field.metadata["choices"])
        for settings in (TrainConfig, SampleConfig)
        for name, field in setting_fields(settings).items()
        if setting_types(settings)[name] is bool or field.metadata["choices"]
    }


def _speakers() -> list[str]:
    """Return who speaks in the prepared texts, as it was counted then."""
    found = [turns_from(read_meta(one).get("turns", {})) for one in prepared()]
    return [name for turns in found if turns for name, _ in turns.names[:_SPEAKERS_SHOWN]]


def _runs() -> list[str]:
    """Return the folders of the runs in Understudy's own folder."""
    folder = runs_dir()
    return sorted(str(path) for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
