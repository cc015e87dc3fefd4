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
RUN, OTHER, STORY = "shakespeare-1e-3", "shakespeare-3e-3", "story"
STORY_NAME = "Complete Shakespeare, Saturday 04:28"
BEST = HOME / "runs" / RUN / "best.pt"
LONG_NAME = "the complete plays with a context of 128 tokens and a learning rate that was chosen late at night"
LENGTH = {"max_iters": 400, "log_interval": 1, "eval_interval": 40, "eval_iters": 10, "warmup_iters": 20}


def environment() -> dict[str, str]:
    """Return the environment of the pictures: their own home, no screen."""
    return os.environ | {"UNDERSTUDY_HOME": str(HOME), "QT_QPA_PLATFORM": "offscreen"}


def train() -> None:
    """Train two short runs, and one as a new user does, unless they are there."""
    if not (story := HOME / "runs" / STORY).joinpath("best.pt").exists():
        subprocess.run([sys.executable, "-m", "scripts.screenshots.story", story], env=environment(), check=True)
    flags = [f"--{key}={value}" for key, value in LENGTH.items()]
    for name, rate in ((RUN, "1e-3"), (OTHER, "3e-3")):
        _train(name, "--preset=tiny", *flags, f"--learning_rate={rate}")


def _train(name: str, *flags: str) -> None:
    folder = HOME / "runs" / name
    if not (folder / "best.pt").exists():
        command = [sys.executable, "-m", "engine", "train", *flags, f"--out_dir={folder}"]
        subprocess.run(command, env=environment(), check=True)


def events(run: str) -> Iterator[tuple[Event, float]]:
    """Yield the recorded events of a run, each with the second at which it came."""
    from engine.core.events import Checkpoint, Finished, Started, Step
    from engine.runs.folder import RunFolder

    folder, now, before, place = RunFolder(HOME / "runs" / run), 0.0, -1, f"runs/{run}"  # no one's folders in a picture
    samples = list(folder.samples())
    for event in folder.events():
        match event:
            case Started():
                event = replace(event, run_dir=place)
            case Checkpoint():
                event = replace(event, path=place)
            case Step():
                now += event.step_ms / 1000 * (event.iter_num - before)
                before = event.iter_num
        while samples and isinstance(event, Step | Finished) and samples[0].iter_num <= event.iter_num:
            yield samples.pop(0), now
        yield event, now


def state_at(until: int, name: str = "", run: str = RUN) -> RunState:
    """Return a run as it stood at an iteration."""
    from gui.train.state import RunState

    state = RunState(dataset="shakespeare_complete", name=STORY_NAME if run == STORY else "")
    state.start()
    for event, now in events(run):
        if getattr(event, "iter_num", 0) <= until:
            state.take(event, now)
    state.run_dir = str(HOME / "runs" / (name or run))
    return state


def ended_story() -> RunState:
    """Return the run of a new user as it has ended, with what can be done with it."""
    state = state_at(sys.maxsize, run=STORY)
    state.checkpoint = str(HOME / "runs" / STORY / "ckpt.pt")
    state.end(None)
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
