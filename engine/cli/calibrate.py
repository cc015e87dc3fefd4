"""Measuring this machine by a few updates, where a command is to know how fast it trains."""

from __future__ import annotations

from engine.cli.output import say
from engine.core.config import TrainConfig
from engine.core.jobs import Control, events_of
from engine.planning.choices import expected_device
from engine.planning.pace import pace_here

SHARE, LEAST_S = 0.02, 1.0
"""Of a run's minutes those that may go into measuring first, beside them; and the fewest seconds that tell anything."""


def calibrate(config: TrainConfig, limit_s: float | None = None) -> None:
    """Measure a configuration and keep what came of it: for the usual few seconds, or for so many at most."""
    from engine.training.bench import CALIBRATION_S, calibrate_job

    control = Control()
    seconds = CALIBRATION_S if limit_s is None else min(CALIBRATION_S, limit_s)
    for _ in events_of(calibrate_job(config, control, seconds), control):
        pass


def calibrate_for_plan(config: TrainConfig) -> bool:
    """Measure this machine where the plan of a new run for some minutes rests on a guess; return whether it did.

    The guess may be off by a factor of three, and with it what the minutes are planned to hold.
    """
    if config.recipe == "guide" or not config.minutes or config.init_from != "scratch":
        return False
    if pace_here(expected_device(config.device)).is_measured:
        return False
    say("This machine has not trained yet: a moment, to see how fast it is.")
    calibrate(config, max(LEAST_S, SHARE * config.minutes * 60))
    return True
