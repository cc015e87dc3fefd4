"""What mends a fault: changes of settings that let the same run go on, as a button and as flags. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.core.config import TrainConfig
from engine.core.errors import Fix, OutOfMemoryError, TrainingError, UnderstudyError
from engine.core.settings import problem_of
from engine.runs.command_line import flag

MAX_REPAIRS = 4
"""Times that a run goes back by itself, so that a fault that comes back does not keep it for ever."""


def smaller_batches(config: TrainConfig) -> dict[str, Any]:
    """Return changes that take less memory for the same tokens per update and evaluation; {} where there are none.

    The batch becomes its largest proper divisor: half of an even one.
    """
    batch_size = next((n for n in range(config.batch_size // 2, 0, -1) if config.batch_size % n == 0), 0)
    if not batch_size:
        return {}
    times = config.batch_size // batch_size
    changes = {
        "batch_size": batch_size,
        "gradient_accumulation_steps": config.gradient_accumulation_steps * times,
        "eval_iters": config.eval_iters * times,
    }
    return {} if any(problem_of(TrainConfig, name, value) for name, value in changes.items()) else changes


def half_rate(config: TrainConfig) -> dict[str, Any]:
    """Return changes that halve every learning rate of the schedule."""
    return {"learning_rate": config.learning_rate / 2, "min_lr": config.min_lr / 2}


def smaller_models(config: TrainConfig) -> tuple[Fix, ...]:
    """Return the guide's other cures for too little memory, those that make this run smaller: each is a new run."""
    cures = [Fix("Start Again with Shorter Blocks", "restart", {"block_size": 128})] if config.block_size > 128 else []
    if config.n_layer * config.n_embd > 2 * 128:
        cures.append(Fix("Start Again with the Tiny Model", "restart", {"n_layer": 2, "n_head": 2, "n_embd": 128}))
    return tuple(cures)


def as_flags(run_dir: Path, changes: Mapping[str, Any]) -> str:
    """Return the flags that make a run go on with changes."""
    of_the_run = [flag("init_from", "resume"), flag("out_dir", run_dir)]
    return " ".join(of_the_run + [flag(name, value) for name, value in changes.items()])


def repair_of(error: UnderstudyError) -> Fix | None:
    """Return what lets the same run go on after a failure, or None where only a person can help."""
    return next((fix for fix in error.fixes if fix.action == "resume" and fix.changes), None)


def out_of_memory_in(error: OutOfMemoryError, config: TrainConfig, run_dir: Path) -> OutOfMemoryError:
    """Return the failure with its ways out for this run."""
    smaller = smaller_batches(config)
    resume = (Fix("Go On with Smaller Batches", "resume", smaller),) if smaller else ()
    go_on = f"Go on with as many tokens per update in less memory: {as_flags(run_dir, smaller)} " if smaller else ""
    return OutOfMemoryError(
        error.message,
        cause=error.cause,
        fix=go_on + "Or start again with a block_size of 128, or a smaller model (n_layer 2, n_head 2, n_embd 128).",
        code=error.code,
        fixes=resume + smaller_models(config),
    )


def broke_down(iter_num: int, what: str, config: TrainConfig) -> TrainingError:
    """Return the failure of numbers that left their range."""
    half = half_rate(config)
    return TrainingError(
        f"Training broke down at iteration {iter_num}: {what}.",
        cause="Most often the learning rate is too high: one step too long, and numbers leave their range.",
        fix="Go on from the last checkpoint with half the rate: --init_from=resume "
        + " ".join(flag(name, f"{value:g}") for name, value in half.items()),
        code="nan_loss",
        fixes=(Fix("Go Back and Halve the Rate", "resume", half),),
    )


def lost_work(iter_num: int, expected: int, found: int) -> TrainingError:
    """Return the failure of a device that has not made all the updates it was asked for."""
    return TrainingError(
        f"The GPU lost work before iteration {iter_num}: of {expected:,} updates it made {found:,}.",
        cause="The system ended its work, as it does to what keeps the screen waiting, and PyTorch does not say so.",
        fix="Go on from the last checkpoint with --init_from=resume; if it comes back, with a smaller batch_size.",
        code="work_lost",
        fixes=(Fix("Go Back to the Last Checkpoint", "resume", {"resume_from": "latest"}),),
    )
