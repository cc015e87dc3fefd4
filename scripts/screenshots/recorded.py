"""The runs behind the pictures: trained once, told again as far as a picture needs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.core.events import Event
    from gui.train.state import RunState

PICTURES = Path("build/screenshots")
HOME = (PICTURES / "home").resolve()
RUN, OTHER = "shakespeare-1e-3", "shakespeare-3e-3"
BEST = HOME / "runs" / RUN / "best.pt"
LONG_NAME = "the complete plays with a context of 128 tokens and a learning rate that was chosen late at night"
LENGTH = {"max_iters": 400, "log_interval": 1, "eval_interval": 40, "eval_iters": 10, "warmup_iters": 20}


def environment() -> dict[str, str]:
    """Return the environment of the pictures: their own home, no screen."""
    return os.environ | {"UNDERSTUDY_HOME": str(HOME), "QT_QPA_PLATFORM": "offscreen"}


def train() -> None:
    """Train two short runs, unless they are there."""
    for name, rate in ((RUN, "1e-3"), (OTHER, "3e-3")):
        if not (HOME / "runs" / name / "best.pt").exists():
            flags = [f"--{key}={value}" for key, value in LENGTH.items()]
            flags += [f"--learning_rate={rate}", f"--out_dir={HOME / 'runs' / name}"]
            subprocess.run(
                [sys.executable, "-m", "engine", "train", "--preset=tiny", *flags], env=environment(), check=True
            )


def events(run: str) -> Iterator[tuple[Event, float]]:
    """Yield the recorded events of a run, each with the second at which it came."""
    from engine.core.events import Checkpoint, Eval, Finished, Started, Step
    from engine.runs.folder import RunFolder

    folder, now, place = RunFolder(HOME / "runs" / run), 0.0, f"runs/{run}"  # no one's folders in a picture
    samples = {sample.iter_num: sample for sample in folder.samples()}
    for event in folder.events():
        match event:
            case Started():
                yield replace(event, run_dir=place), now
            case Checkpoint():
                yield replace(event, path=place), now
            case Step():
                now += event.step_ms / 1000
                yield event, now
            case Finished():
                yield event, now
            case Eval():
                yield event, now
                if event.iter_num in samples:
                    yield samples[event.iter_num], now


def state_at(until: int, name: str = RUN) -> RunState:
    """Return a run as it stood at an iteration."""
    from gui.train.state import RunState

    state = RunState()
    state.start()
    for event, now in events(RUN):
        if getattr(event, "iter_num", 0) <= until:
            state.take(event, now)
    state.run_dir = str(HOME / "runs" / name)
    return state


@contextmanager
def without_runs() -> Iterator[None]:
    """Hide the runs for a while, as if none had been trained yet."""
    runs, away = HOME / "runs", HOME / "runs-away"
    runs.rename(away)
    try:
        yield
    finally:
        shutil.rmtree(runs, ignore_errors=True)
        away.rename(runs)
