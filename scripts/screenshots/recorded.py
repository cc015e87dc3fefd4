"""The runs behind the pictures: trained once, told again as far as a picture needs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from engine.core.events import Checkpoint, Event, Finished, Started, Step
from engine.runs.folder import RunFolder
from gui.train.run_names import run_name

if TYPE_CHECKING:
    from gui.train.state import RunState

PICTURES = Path("build/screenshots")
HOME = (PICTURES / "home").resolve()
RUN, OTHER, STORY = "shakespeare-1e-3", "shakespeare-3e-3", "story"
STORY_MINUTES = 2  # until it speaks in verse
BEST = HOME / "runs" / RUN / "best.pt"
BEST_OF_STORY = HOME / "runs" / STORY / "best.pt"
LONG_NAME = "the complete plays with a context of 128 tokens and a learning rate that was chosen late at night"
LENGTH = {"max_iters": 400, "log_interval": 1, "eval_interval": 40, "eval_iters": 10, "warmup_iters": 20}


def environment() -> dict[str, str]:
    """Return the environment of the pictures: their own home, no screen."""
    return os.environ | {"UNDERSTUDY_HOME": str(HOME), "QT_QPA_PLATFORM": "offscreen"}


def train() -> None:
    """Train a run as a new user does, and two short ones on the vocabulary that it made, unless they are there."""
    began = run_name("shakespeare_complete", datetime.now())
    _train(STORY, began, f"{STORY_MINUTES} minutes", "scripts.screenshots.story")
    flags = ["--preset=tiny", f"--dataset={learned_text()}", *(f"--{key}={value}" for key, value in LENGTH.items())]
    for run, rate in ((RUN, 0.001), (OTHER, 0.003)):
        name, length = f"Tiny, learning rate {rate}", f"{LENGTH['max_iters']} iterations"
        _train(run, name, length, "engine", "train", *flags, f"--learning_rate={rate}")


def learned_text() -> str:
    """Return the name of the text that the runs learned from, in the tokens that were made for it."""
    return RunFolder(HOME / "runs" / STORY).read_config().dataset


def _train(folder: str, name: str, length: str, *command: str) -> None:
    """Train a run to its end, quietly, and give it a name."""
    run = RunFolder(HOME / "runs" / folder)
    if any(isinstance(event, Finished) for event in run.events()):
        return
    print(f"Training “{name}” once, {length}…", flush=True)
    shutil.rmtree(run.path, ignore_errors=True)
    whole = [sys.executable, "-m", *command, f"--out_dir={run.path}"]
    made = subprocess.run(whole, env=environment(), check=False, capture_output=True, text=True)
    if made.returncode:
        sys.exit(f"“{name}” could not be trained:\n{made.stderr}")
    run.rename(name)


def name_of(run: str) -> str:
    """Return what a run is called on screen."""
    return RunFolder(HOME / "runs" / run).card()["name"]


def events(run: str) -> Iterator[tuple[Event, float]]:
    """Yield the recorded events of a run, each with the second at which it came."""
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

    state = RunState(dataset=learned_text(), name=name or name_of(run))
    state.start()
    for event, now in events(run):
        if getattr(event, "iter_num", 0) <= until:
            state.take(event, now)
    state.run_dir = str(HOME / "runs" / run)
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
