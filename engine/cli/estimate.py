"""`estimate`: what a run will need, before it starts. Loads no torch unless it is to measure."""

from __future__ import annotations

import argparse
import math
from dataclasses import asdict
from typing import TYPE_CHECKING

from engine.cli.calibrate import calibrate
from engine.cli.output import decision_json, print_json, tell
from engine.cli.promised import promised
from engine.cli.run_options import add_run_options, config_from, say_decision
from engine.core.config import TrainConfig
from engine.model.shape import parameter_count
from engine.planning import calibration
from engine.planning.choices import expected_device, training_key
from engine.planning.estimate import memory_estimate
from engine.planning.room import room_for
from engine.runs.start_model import vocabulary_for

if TYPE_CHECKING:
    from engine.planning.recipes import Decision


def add_to(parser: argparse.ArgumentParser) -> None:
    """Add the options of `train`, and --calibrate."""
    add_run_options(parser)
    parser.add_argument(
        "--calibrate", action="store_true", help="measure first: a few updates, about 3 seconds; kept for later"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print parameters, memory by part, whether it fits, and the time as far as it was measured here."""
    decisions: list[Decision] = []
    config = config_from(arguments, decisions.append if arguments.json else say_decision)
    if arguments.calibrate:
        calibrate(config)
    vocab_size = vocabulary_for(config)
    device = expected_device(config.device, training_key(config, vocab_size))
    parameters, memory = parameter_count(config, vocab_size), memory_estimate(config, vocab_size, device)
    time = calibration.iteration_time(config, vocab_size, device)
    process, peak = calibration.process_bytes(), calibration.measured_peak(config, vocab_size, device)
    expected = promised(config)
    room = room_for(config, vocab_size, device)
    limit, fits = room.limit, room.fits
    if arguments.json:
        print_json(
            {
                "parameters": parameters.total,
                "memory": {**memory.as_dict(), "limit": limit, "process": process, "measured_peak": peak},
                "fits": fits,
                "seconds_per_iter": time and time.seconds_per_iter,
                "seconds_per_iter_range": time and [time.low, time.high],
                "seconds_total": time and min(time.seconds_total(config), config.minutes * 60 or math.inf),
                "basis": time and time.basis,
                "promise": expected and asdict(expected),
                "decisions": [decision_json(one) for one in decisions],
            }
        )
        return 0
    tell(f"parameters    {parameters.total:>14,}  ({parameters.embedding / parameters.total:.0%} token embedding)")
    for part, size in memory.as_dict().items():
        tell(f"{part:<14}{_mebibytes(size)}")
    if process is not None:
        tell(f"{'beside it':<14}{_mebibytes(process)}  Python and torch, as measured here")
    if peak is not None:
        tell(f"{'measured':<14}{_mebibytes(peak)}  held by a run of this shape, Python and torch included")
    tell(f"{'limit':<14}{_mebibytes(limit)}  {'fits' if fits else 'will not fit'}")
    tell(f"tokens per iteration {config.tokens_per_iter:,}")
    tell(_time_line(config, time))
    if expected is not None:
        tell(f"{expected.words}.")
    return 0


def _time_line(config: TrainConfig, time: calibration.IterationTime | None) -> str:
    """Say how long it will take, and how that is known."""
    if time is None:
        return "time: not measured on this machine yet; add --calibrate to measure for about 3 seconds"
    known = {
        "run": "from a run of this shape",
        "calibration": "measured here",
        "scaled": "scaled from another shape; --calibrate measures this one",
    }
    whole = f"{span(time.seconds_total(config))} for {config.max_iters:,} iterations"
    if 0 < config.minutes * 60 < time.seconds_total(config):
        made = config.minutes * 60 / time.seconds_per_iter
        whole = f"its {config.minutes:g} minutes hold about {made:,.0f} iterations"
    return (
        f"time: {time.seconds_per_iter * 1e3:,.0f} ms per iteration "
        f"({time.low * 1e3:,.0f} to {time.high * 1e3:,.0f}), {whole} ({known[time.basis]})"
    )


def span(seconds: float) -> str:
    """Return a time in the unit one would say it in, minutes below an hour and a half: 40 minutes, 40.3 hours."""
    if seconds < 90:
        return f"{seconds:,.0f} seconds"
    return f"{seconds / 60:,.0f} minutes" if seconds < 90 * 60 else f"{seconds / 3600:,.1f} hours"


def _mebibytes(size: int) -> str:
    return f"{size / 2**20:>14,.1f} MiB"
