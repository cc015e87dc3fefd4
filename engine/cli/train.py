"""`train`: nanoGPT's train.py."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

from engine.cli.calibrate import calibrate_for_plan
from engine.cli.console import Console
from engine.cli.output import lasting_output, print_decision_json, print_event_json, print_json, say, say_error
from engine.cli.promised import promised
from engine.cli.run_options import NANOGPT_ONLY, add_run_options, config_from, say_decision
from engine.cli.signals import SAVING, ending_in_time, stopping_on_signals
from engine.core.config import TrainConfig
from engine.core.errors import SettingError, UnderstudyError
from engine.core.events import Event, Started
from engine.core.jobs import Control
from engine.planning.room import require_room

if TYPE_CHECKING:
    from engine.planning.recipes import Decision
    from engine.training.team import Team


def add_to(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add_run_options(parser)
    parser.add_argument(
        "--anyway", metavar="BOOL", default="False", help="begin also where the memory will not do [False]"
    )


def run(arguments: argparse.Namespace) -> int:
    """Train; exit code 0 when done, 130 when stopped by Ctrl-C."""
    with lasting_output(), _gone_when_another_is_lost(as_json=arguments.json):
        return _run(arguments)


def _run(arguments: argparse.Namespace) -> int:
    if _follows():
        from engine.training.distributed import follow

        follow()
        return 0
    config = _config_of(arguments)
    _say_promise(config, as_json=arguments.json)
    from engine.training.trainer import Trainer  # here, so that a bad setting is told without waiting for torch

    for name, why in NANOGPT_ONLY.items():
        if getattr(arguments, name) not in (None, "False"):
            say(f"--{name} has no effect: {why}.")
    control = Control()
    show = print_event_json if arguments.json else Console(config).show
    begun: list[Event] = []
    with stopping_on_signals(control, SAVING) as caught, ending_in_time(control, lambda: bool(begun)):
        for event in Trainer(config, control, team=_team()).run():
            if isinstance(event, Started):
                begun.append(event)
            show(event)
    return 128 + caught[0] if caught else 0


def _config_of(arguments: argparse.Namespace) -> TrainConfig:
    """Return the configuration of the run, planned by what was measured here, and tell what was decided.

    Raises UnderstudyError for one that the memory will not do for, unless it is to begin anyway.
    """
    anyway = _begins_anyway(arguments.anyway)

    def planned() -> tuple[TrainConfig, list[Decision]]:
        decisions: list[Decision] = []
        config = config_from(arguments, decisions.append)
        if not anyway:
            require_room(config)
        return config, decisions

    config, decisions = planned()
    if calibrate_for_plan(config):
        config, decisions = planned()
    for one in decisions:
        (print_decision_json if arguments.json else say_decision)(one)
    return config


def _say_promise(config: TrainConfig, *, as_json: bool) -> None:
    """Tell what the run should reach, where that is known."""
    expected = promised(config)
    if expected is None:
        return
    if as_json:
        print_json({"event": "promise", **asdict(expected)})
    else:
        say(f"{expected.words}.")


def _begins_anyway(text: str) -> bool:
    """Return what --anyway says; raises SettingError for anything but True and False."""
    if text not in ("True", "False"):
        raise SettingError("--anyway is True or False.", problems={"anyway": "neither"})
    return text == "True"


@contextmanager
def _gone_when_another_is_lost(*, as_json: bool) -> Iterator[None]:
    """Tell that another process is lost, and end at once: gloo, taken down without its peer, may abort this one."""
    try:
        yield
    except UnderstudyError as error:
        if error.code != "worker_lost":
            raise
        say_error(error, as_json=as_json)
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(error.exit_code)


def _is_one_of_several() -> bool:
    """Return whether torchrun has started this process beside others."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1 and "RANK" in os.environ


def _follows() -> bool:
    """Return whether the run is another process's, which this one helps."""
    return _is_one_of_several() and os.environ["RANK"] != "0"


def _team() -> Team:
    """Return the processes that train together: this one, or those that torchrun has started."""
    if not _is_one_of_several():
        from engine.training.team import ALONE

        return ALONE
    from engine.training.distributed import lead

    return lead()
