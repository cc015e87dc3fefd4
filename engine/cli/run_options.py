"""The options that say which run is meant, and the configuration that follows from them: train, estimate and bench."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from engine.cli.checkpoints import newest_run
from engine.cli.config_file import SUFFIX, read_config_file
from engine.cli.options import add_settings, given_settings, unexpected
from engine.cli.output import say
from engine.core.config import TrainConfig
from engine.core.init_from import is_model, problem_of_init_from
from engine.planning.choices import expected_device
from engine.planning.own_presets import any_preset, fixed_by
from engine.planning.presets import Preset, presets
from engine.runs.start_model import starting_settings

if TYPE_CHECKING:
    from engine.planning.recipes import Decision

NANOGPT_ONLY = {
    "wandb_log": "Understudy sends nothing anywhere; the curve is in the run’s metrics.jsonl",
    "wandb_project": "there is no wandb here",
    "wandb_run_name": "there is no wandb here",
    "backend": "several processes talk by nccl on CUDA and by gloo elsewhere",
}
"""nanoGPT's settings that mean nothing here: taken, and said to be without effect."""


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `train`."""
    parser.add_argument(
        "--preset", metavar="NAME", help=f"start from a preset: {', '.join(presets())}, or one of yours"
    )
    parser.add_argument(
        "config", metavar="CONFIG.py", nargs="?", help="a configuration file of nanoGPT: its plain assignments are read"
    )
    add_settings(parser, TrainConfig)
    for name, why in NANOGPT_ONLY.items():
        parser.add_argument(f"--{name}", metavar="VALUE", default=None, help=f"taken for nanoGPT’s sake: {why}")


def say_decision(one: Decision) -> None:
    """Tell what a recipe decided."""
    say(f"{one.name} {one.value}: {one.why}")


def config_from(arguments: argparse.Namespace, decided: Callable[[Decision], None] = say_decision) -> TrainConfig:
    """Return the configuration that the command line asks for; raises SettingError, CheckpointError.

    `decided` is called with each thing that a recipe decides.
    """
    given = _config_file(arguments.config) | given_settings(arguments, TrainConfig)
    chosen = any_preset(arguments.preset) if arguments.preset else None
    base = chosen.settings if chosen else {}
    init_from = given.get("init_from", "scratch")
    if problem_of_init_from(init_from) or init_from == "scratch":
        return _planned(chosen, given, decided)
    if given.pop("recipe", "guide") != "guide":
        say("--recipe has no effect here: it plans a model from scratch.")
    if is_model(init_from):
        return TrainConfig.of(starting_settings(init_from, base | given))
    given["out_dir"] = given.get("out_dir") or str(newest_run(with_settings=True))
    from engine.runs.continuation import resumed_config

    return resumed_config(given["out_dir"], base | given)


def _config_file(name: str | None) -> dict[str, Any]:
    """Return the settings of nanoGPT's configuration file, if one is named; raises SettingError."""
    if name is None:
        return {}
    if not name.endswith(SUFFIX):
        raise unexpected(name)
    return read_config_file(name, NANOGPT_ONLY)


def _planned(chosen: Preset | None, given: dict[str, Any], decided: Callable[[Decision], None]) -> TrainConfig:
    """Return the configuration of a new run: as it was asked for, or with the rest decided by a recipe."""
    asked = TrainConfig.of(chosen.settings if chosen else {}, given)
    if asked.recipe == "guide" or asked.eval_only:
        return asked
    from engine.planning.pace import pace_here
    from engine.planning.recipes import plan
    from engine.planning.text_facts import text_facts

    settings = (chosen or presets()["tiny"]).settings
    found = plan(
        asked.recipe,
        text=text_facts(asked.dataset),
        settings=settings,
        given=(fixed_by(chosen) if chosen else {}) | given,
        minutes=asked.minutes,
        pace=pace_here(expected_device(asked.device)),
    )
    for one in found.decisions:
        decided(one)
    return TrainConfig.of(settings, given, found.settings)
