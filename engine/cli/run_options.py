"""The options that say which run is meant, and the configuration that follows from them: train, estimate and bench."""

from __future__ import annotations

import argparse
from typing import Any

from engine.cli.options import add_settings, given_settings
from engine.cli.output import say
from engine.core.config import TrainConfig
from engine.core.errors import SettingError
from engine.core.init_from import is_model, problem_of_init_from
from engine.planning.choices import expected_device
from engine.planning.own_presets import any_preset, fixed_by
from engine.planning.presets import Preset, presets
from engine.runs.start_model import starting_settings

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
    add_settings(parser, TrainConfig)
    for name, why in NANOGPT_ONLY.items():
        parser.add_argument(f"--{name}", metavar="VALUE", default=None, help=f"taken for nanoGPT’s sake: {why}")


def config_from(arguments: argparse.Namespace) -> TrainConfig:
    """Return the configuration that the command line asks for; raises SettingError, CheckpointError."""
    given = given_settings(arguments, TrainConfig)
    chosen = any_preset(arguments.preset) if arguments.preset else None
    base = chosen.settings if chosen else {}
    init_from = given.get("init_from", "scratch")
    if problem_of_init_from(init_from) or init_from == "scratch":
        return _planned(chosen, given)
    if given.pop("recipe", "guide") != "guide":
        say("--recipe has no effect here: it plans a model from scratch.")
    if is_model(init_from):
        return TrainConfig.of(starting_settings(init_from, base | given))
    if not given.get("out_dir"):
        raise SettingError(
            "--init_from=resume does not say which run.",
            fix="Name its folder with --out_dir; `python -m engine runs` lists them.",
            code="no_out_dir",
            problems={"out_dir": "missing"},
        )
    from engine.training.session import resumed_config

    return resumed_config(given["out_dir"], base | given)


def _planned(chosen: Preset | None, given: dict[str, Any]) -> TrainConfig:
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
        say(f"{one.name} {one.value}: {one.why}")
    return TrainConfig.of(settings, given, found.settings)
