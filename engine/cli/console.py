"""A training run as nanoGPT prints it."""

from __future__ import annotations

import math
import shlex
import sys
from pathlib import Path
from typing import Any

from tqdm import tqdm

from engine.cli.output import tell
from engine.cli.terminal import as_typed_here, plain
from engine.cli.time_left import TimeLeft
from engine.core.config import TrainConfig
from engine.core.errors import Fix
from engine.core.events import (
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
)
from engine.core.log_lines import log_line
from engine.runs.folder import RunFolder
from engine.runs.longer import may_teach, second_model
from engine.training.repairs import as_flags


class Console:
    """Shows events as nanoGPT's lines, above a progress bar where standard output is a terminal."""

    def __init__(self, config: TrainConfig) -> None:
        self._config = config
        self._started: Started | None = None
        self._bar: tqdm[Any] | None = None
        self._more: Fix | None = None
        self._time_left: TimeLeft | None = None

    def show(self, event: Event) -> None:
        """Print what nanoGPT would print of an event, and move the bar."""
        match event:
            case Progress() | Prepared():
                self._show_preparation(event)
            case Started():
                self._show_start(event)
            case Step():
                self._print(log_line(event))
                self._move(event.iter_num + 1)
                self._say_time_left(event)
            case Eval():
                self._print(log_line(event))
                if (full := event.full_memory_bits_per_byte) is not None:
                    self._print(f"val {event.bits_per_byte:.3f} bits per byte; with its full memory {full:.3f}")
            case Checkpoint(kind="latest"):
                self._print(log_line(event))
            case Forecast():
                self._print(_expected(event))
            case Advice():
                self._print(f"{event.what} {event.why}")
                self._more = next((fix for fix in event.fixes if event.code == "keep_going"), None)
            case Finished():
                self._show_end(event)

    def _say_time_left(self, step: Step) -> None:
        """Say now and then how long it takes yet, where no bar shows it."""
        if self._time_left is not None and (line := self._time_left.line(step)):
            self._print(line)

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
        self._time_left = TimeLeft(event) if self._bar.disable else None

    def _show_end(self, event: Finished) -> None:
        self._move(event.iter_num)
        if self._bar is not None:
            self._bar.close()
        best = "" if event.best_val_loss is None else f", best val loss {event.best_val_loss:.4f}"
        tell(f"{event.reason} at iteration {event.iter_num} after {event.seconds:.1f} s{best}")
        if self._started is not None and not self._config.eval_only:
            tell(*self._what_next(event, self._started))

    def _what_next(self, end: Finished, start: Started) -> list[str]:
        """Return the lines that a person may want to type now."""
        folder = shlex.quote(self._config.out_dir or start.run_dir)
        resume = f"python -m engine train --init_from=resume --out_dir={folder}"
        if end.reason == "stopped":
            return [f"Go on: {resume}"]
        if start.iter_num >= start.max_iters > 0:
            more = f"{resume} --max_iters={2 * start.iter_num}"
            return [f"It had made all its {start.iter_num:,} iterations before. Make more: {more}"]
        if end.iter_num == start.iter_num and self._config.minutes:
            had = max(self._config.minutes, end.seconds / 60)  # the last evaluation may overrun them
            more = f"{resume} --minutes={math.ceil(200 * had) / 100:g}"
            return [f"Its {self._config.minutes:g} minutes were over before. Give it more: {more}"]
        write = f"Let it write: python -m engine sample --out_dir={folder}"
        if (way := self._way_on(end, start)) is None:
            return [write]
        more = as_flags(Path(self._config.out_dir or start.run_dir), way.changes)
        return [f"{way.label}: python -m engine train {more}", write]

    def _way_on(self, end: Finished, start: Started) -> Fix | None:
        """Return what would make a model better that is done: more iterations, or one that it teaches."""
        if end.reason != "early_stop":
            return self._more
        config = RunFolder(Path(start.run_dir)).read_config()  # this call may go on with what began otherwise
        if not may_teach(config):
            return None
        return Fix("Train a second model, taught by it", "resume", second_model(config, end))

    def _move(self, iter_num: int) -> None:
        if self._bar is not None:
            self._bar.update(iter_num - self._bar.n)

    def _print(self, line: str) -> None:
        if self._bar is None or self._bar.disable:
            tell(line)
        else:
            self._bar.write(as_typed_here(plain(line)), file=sys.stdout)


def _expected(forecast: Forecast) -> str:
    """Say where the validation loss is expected to be best."""
    if forecast.is_past:
        return f"forecast: no better val loss than {forecast.val_loss:.4f}, of iteration {forecast.best_iter}"
    band = f"{forecast.val_loss:.4f} ({forecast.low:.4f} to {forecast.high:.4f})"
    return f"forecast: best val loss about {band}, near iteration {forecast.best_iter}"
