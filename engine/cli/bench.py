"""`bench`: how fast this machine trains, what it takes, and where the time goes."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from engine.cli.output import decision_json, print_json, say, tell
from engine.cli.run_options import add_run_options, config_from, say_decision

if TYPE_CHECKING:
    from engine.planning.recipes import Decision

LOAD_TOLD = 0.05
"""The share of the processors that other programs may take before it is worth a word."""


def add_to(parser: argparse.ArgumentParser) -> None:
    """Add the options of `train`, and how long to measure."""
    add_run_options(parser)
    parser.add_argument("--iters", metavar="N", type=_positive, default=20, help="updates to time [default 20]")


def run(arguments: argparse.Namespace) -> int:
    """Measure and print; return the exit code."""
    decisions: list[Decision] = []
    config = config_from(arguments, decisions.append if arguments.json else say_decision)
    from engine.training.bench import bench  # here, so that a bad setting is told without waiting for torch

    result = bench(config, arguments.iters)
    if result.others > LOAD_TOLD:
        say(f"Other programs took {result.others:.0%} of the processors meanwhile: alone it would be faster.")
    if arguments.json:
        print_json(result.as_dict() | {"decisions": [decision_json(one) for one in decisions]})
        return 0
    tell(f"device        {result.device}, {result.dtype}")
    tell(f"iteration     {result.ms_per_iter:10.1f} ms  (median of {result.iterations})")
    for part, ms in result.breakdown.items():
        tell(f"  {part:<12}{ms:10.1f} ms")
    tell(f"tokens/s      {result.tokens_per_s:10,.0f}")
    without = f"{result.process_bytes / 2**20:,.0f} MiB of it without the model"
    tell(f"peak memory   {result.peak_memory_bytes / 2**20:10,.0f} MiB ({without})")
    tell(f"MFU           {result.mfu:10.1%}      of {result.matmul_flops / 1e9:,.0f} GFLOP/s in plain products")
    return 0


_MOST_DIGITS = 6


def _positive(text: str) -> int:
    """Read a number of updates."""
    if not text.isdecimal() or len(text) > _MOST_DIGITS or not int(text):
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 to 999,999, not {text[:40]!r}")
    return int(text)
