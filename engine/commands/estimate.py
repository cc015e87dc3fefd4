"""`estimate`: what a run will need, before it starts. Loads no torch."""

from __future__ import annotations

import argparse

from engine.cli import print_json
from engine.commands import train
from engine.datasets import vocabulary_of
from engine.estimate import memory_estimate, parameter_count
from engine.machine import machine


def add_to(parser: argparse.ArgumentParser) -> None:
    """Add the options of `estimate`: those of `train`."""
    train.add_to(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print parameters and memory by part, and whether it fits."""
    config = train.config_from(arguments)
    vocab_size = vocabulary_of(config.dataset)
    parameters, memory = parameter_count(config, vocab_size), memory_estimate(config, vocab_size, config.device)
    limit = machine().memory_limit_bytes
    if arguments.json:
        print_json(
            {
                "parameters": parameters.total,
                "memory": {**memory.as_dict(), "limit": limit},
                "fits": memory.total <= limit,
                "seconds_per_iter": None,
                "seconds_total": None,
            }
        )
        return 0
    print(f"parameters    {parameters.total:>14,}  ({parameters.embedding / parameters.total:.0%} token embedding)")
    for part, size in memory.as_dict().items():
        print(f"{part:<14}{size / 2**20:>14,.1f} MiB")
    print(f"{'limit':<14}{limit / 2**20:>14,.1f} MiB  {'fits' if memory.total <= limit else 'will not fit'}")
    print(f"tokens per iteration {config.tokens_per_iter:,}", flush=True)
    return 0
