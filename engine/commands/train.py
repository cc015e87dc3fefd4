"""`train`: nanoGPT's train.py."""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from engine.calibration import expected_device
from engine.cli import add_settings, given_settings, print_json, say
from engine.config import TrainConfig
from engine.errors import Fix, SettingError, UnderstudyError
from engine.events import (
    Advice,
    Checkpoint,
    Eval,
    Event,
    Finished,
    Forecast,
    Prepared,
    Progress,
    Started,
    Step,
    as_json,
)
from engine.gpt2 import is_model, problem_of_init_from, starting_settings
from engine.jobs import Control
from engine.own_presets import any_preset, fixed_by
from engine.presets import Preset, presets
from engine.repairs import as_flags

if TYPE_CHECKING:
    from engine.team import Team

NANOGPT_ONLY = {
    "wandb_log": "Understudy sends nothing anywhere; the curve is in the run’s metrics.jsonl",
    "wandb_project": "there is no wandb here",
    "wandb_run_name": "there is no wandb here",
    "backend": "several processes talk by nccl on CUDA and by gloo elsewhere",
}
"""nanoGPT's settings that mean nothing here: taken, and said to be without effect."""


def add_to(parser: argparse.ArgumentParser) -> None:
    """Add the options of `train`."""
    parser.add_argument(
        "--preset", metavar="NAME", help=f"start from a preset: {', '.join(presets())}, or one of yours"
    )
    add_settings(parser, TrainConfig)
    for name, why in NANOGPT_ONLY.items():
        parser.add_argument(f"--{name}", metavar="VALUE", default=None, help=f"taken for nanoGPT’s sake: {why}")


def run(arguments: argparse.Namespace) -> int:
    """Train; exit code 0 when done, 130 when stopped by Ctrl-C."""
    with _gone_when_another_is_lost():
        return _run(arguments)


def _run(arguments: argparse.Namespace) -> int:
    if _follows():
        from engine.distributed import follow

        follow()
        return 0
    config = config_from(arguments)
    from engine.trainer import Trainer  # here, so that a bad setting is told without waiting for torch

    for name, why in NANOGPT_ONLY.items():
        if getattr(arguments, name) not in (None, "False"):
            say(f"--{name} has no effect: {why}.")
    control = Control()
    show = print_event_json if arguments.json else Console(config).show
    with stopping_on_signals(control) as caught:
        for event in Trainer(config, control, team=_team()).run():
            show(event)
    return 128 + caught[0] if caught else 0


@contextmanager
def _gone_when_another_is_lost() -> Iterator[None]:
    """Tell that another process is lost, and end at once: gloo, taken down without its peer, may abort this one."""
    try:
        yield
    except UnderstudyError as error:
        if error.code != "worker_lost":
            raise
        say(str(error))
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(error.exit_code)


def _is_one_of_several() -> bool:
    """Whether torchrun has started this process beside others."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1 and "RANK" in os.environ


def _follows() -> bool:
    """Whether the run is another process's, which this one helps."""
    return _is_one_of_several() and os.environ["RANK"] != "0"


def _team() -> Team:
    """Give the processes that train together: this one, or those that torchrun has started."""
    if not _is_one_of_several():
        from engine.team import ALONE

        return ALONE
    from engine.distributed import lead

    return lead()


def config_from(arguments: argparse.Namespace) -> TrainConfig:
    """Give the configuration that the command line asks for; raises SettingError, CheckpointError."""
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
    from engine.session import resumed_config

    return resumed_config(given["out_dir"], base | given)


def _planned(chosen: Preset | None, given: dict[str, Any]) -> TrainConfig:
    """Give the configuration of a new run: as it was asked for, or with the rest decided by a recipe."""
    asked = TrainConfig.of(chosen.settings if chosen else {}, given)
    if asked.recipe == "guide" or asked.eval_only:
        return asked
    from engine.pace import pace_here
    from engine.recipes import plan
    from engine.text_facts import text_facts

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


@contextmanager
def stopping_on_signals(control: Control) -> Iterator[list[int]]:
    """Stop politely at Ctrl-C or a termination signal; a second one ends at once. Gives the signals caught."""
    caught: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        if caught:
            raise KeyboardInterrupt
        caught.append(number)
        say("Stopping: saving a checkpoint first. Once more to end at once.")
        control.stop()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield caught
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def print_event_json(event: Event) -> None:
    """Print an event as one line of JSON."""
    print_json(as_json(event))


class Console:
    """Shows events as nanoGPT's lines, above a progress bar where standard output is a terminal."""

    def __init__(self, config: TrainConfig) -> None:
        self._config = config
        self._started: Started | None = None
        self._bar: tqdm[Any] | None = None
        self._more: Fix | None = None

    def show(self, event: Event) -> None:
        """Print what nanoGPT would print of an event, and move the bar."""
        match event:
            case Progress() | Prepared():
                self._show_preparation(event)
            case Started():
                self._show_start(event)
            case Step():
                self._print(f"iter {event.iter_num}: loss {event.loss:.4f}, time {event.step_ms:.2f}ms")
                self._move(event.iter_num + 1)
            case Eval():
                losses = f"train loss {event.train_loss:.4f}, val loss {event.val_loss:.4f}"
                self._print(f"step {event.iter_num}: {losses}")
            case Checkpoint(kind="latest"):
                self._print(f"saving checkpoint to {event.path}")
            case Forecast():
                self._print(_expected(event))
            case Advice():
                self._print(f"{event.what} {event.why}")
                self._more = next((fix for fix in event.fixes if event.code == "keep_going"), None)
            case Finished():
                self._show_end(event)

    def _show_preparation(self, event: Progress | Prepared) -> None:
        """Say once what is being prepared, and what it became."""
        if isinstance(event, Prepared):
            for note in event.notes:
                self._print(note)
            self._print(f"{event.name}: {event.train_tokens:,} training and {event.val_tokens:,} validation tokens")

    def _show_start(self, event: Started) -> None:
        if self._bar is not None:  # the run goes on after a repair
            self._bar.close()
        self._started = event
        self._print(f"run folder: {event.run_dir}")
        self._print(f"number of parameters: {event.parameters:,}")
        by = f", {event.processes} processes" if event.processes > 1 else ""
        self._print(f"tokens per iteration: {event.tokens_per_iter:,}; device {event.device}, {event.dtype}{by}")
        self._bar = tqdm(
            total=None if event.time_limit else event.max_iters,
            initial=event.iter_num,
            unit="it",
            file=sys.stdout,
            dynamic_ncols=True,
            disable=not sys.stdout.isatty(),
        )

    def _show_end(self, event: Finished) -> None:
        self._move(event.iter_num)
        if self._bar is not None:
            self._bar.close()
        best = "" if event.best_val_loss is None else f", best val loss {event.best_val_loss:.4f}"
        print(f"{event.reason} at iteration {event.iter_num} after {event.seconds:.1f} s{best}", flush=True)
        if self._started is not None and not self._config.eval_only:
            print(self._what_next(event, self._started), flush=True)

    def _what_next(self, end: Finished, start: Started) -> str:
        """Give the line that a person may want to type now."""
        folder = shlex.quote(self._config.out_dir or start.run_dir)
        resume = f"python -m engine train --init_from=resume --out_dir={folder}"
        if end.reason == "stopped":
            return f"Go on: {resume}"
        if start.iter_num >= start.max_iters > 0:
            more = f"{resume} --max_iters={2 * start.max_iters}"
            return f"It had made all its {start.max_iters:,} iterations before. Make more: {more}"
        if end.iter_num == start.iter_num and self._config.minutes:
            more = f"{resume} --minutes={2 * self._config.minutes:g}"
            return f"Its {self._config.minutes:g} minutes were over before. Give it more: {more}"
        write = f"Let it write: python -m engine sample --out_dir={folder}"
        if self._more is None:
            return write
        more = as_flags(Path(self._config.out_dir or start.run_dir), self._more.changes)
        return f"{self._more.label}: python -m engine train {more}\n{write}"

    def _move(self, iter_num: int) -> None:
        if self._bar is not None:
            self._bar.update(iter_num - self._bar.n)

    def _print(self, line: str) -> None:
        if self._bar is None or self._bar.disable:
            print(line, flush=True)
        else:
            self._bar.write(line, file=sys.stdout)


def _expected(forecast: Forecast) -> str:
    """Say where the validation loss is expected to be best."""
    if forecast.is_past:
        return f"forecast: no better val loss than {forecast.val_loss:.4f}, of iteration {forecast.best_iter}"
    band = f"{forecast.val_loss:.4f} ({forecast.low:.4f} to {forecast.high:.4f})"
    return f"forecast: best val loss about {band}, near iteration {forecast.best_iter}"
