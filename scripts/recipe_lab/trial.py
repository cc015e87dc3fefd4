"""One run of the lab: what is tried, and what came of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

PROMPT = "ROMEO:\n"
PROMPTS = {"python": "def "}
SAMPLE_CHARACTERS = 400
"""As much of what it writes as is kept: the same for tokens of any length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What is tried.

    Attributes:
        text: one of TEXTS.
        recipe: guide or quick.
        preset: the preset whose shape is kept; "" leaves the shape to the recipe (the guide's: tiny).
        minutes: the time it has.
        iters: where the run ends instead, if not 0: what a run is worth on a machine whose clock tells nothing.
        seed: of weights and batches.
        changes: settings that are not the recipe's.
    """

    text: str
    recipe: str
    preset: str
    minutes: float
    iters: int = 0
    seed: int = 1
    changes: dict[str, str] = field(default_factory=dict)

    @property
    def flags(self) -> list[str]:
        """What `train` is called with."""
        values = {"recipe": self.recipe, "minutes": self.minutes, "seed": self.seed, "dataset": self.text}
        if preset := self.preset or ("tiny" if self.recipe == "guide" else ""):
            values["preset"] = preset
        if self.recipe == "guide":  # its own schedule, as long as the time lasts, and no look more than quick has
            values |= {"max_iters": 1_000_000, "eval_interval": 1_000_000, "eval_iters": 1, "sample_tokens": 0}
        if self.iters:
            values |= {"max_iters": self.iters, "minutes": 0}
        return [f"--{name}={value}" for name, value in (values | self.changes).items()]

    @property
    def key(self) -> str:
        """What tells it from others."""
        return json.dumps(asdict(self), sort_keys=True)


def run(trial: Trial, home: Path) -> dict[str, Any]:
    """Make the run in a copy of a home that holds the prepared texts; return the line for the file of results."""
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder) / "home"
        shutil.copytree(home, own)
        out = str(Path(folder) / "out")
        began = time.monotonic()
        events = engine(own, "train", *trial.flags, f"--out_dir={out}", "--early_stop=False")
        wall = time.monotonic() - began
        scored = engine(
            own, "train", "--init_from=resume", f"--out_dir={out}", "--eval_only=True", "--eval_iters=100000"
        )
        prompt = PROMPTS.get(trial.text, PROMPT)
        sample = engine(own, "sample", f"--out_dir={out}", f"--start={prompt}", "--max_new_tokens=400", "--seed=1337")
        config = json.loads((Path(out) / "config.json").read_text("utf-8"))
    finished, started = last_event(events, "finished"), last_event(events, "started")
    return {
        **asdict(trial),
        "bits_per_byte": last_event(scored, "eval")["bits_per_byte"],
        "iterations": finished["iter_num"],
        "seconds": finished["seconds"],
        "process_seconds": wall,
        "load": os.getloadavg()[0],
        "parameters": started["parameters"],
        "vocab_size": started["vocab_size"],
        "dtype": started["dtype"],
        "curve": [[e["iter_num"], e["bits_per_byte"]] for e in events if e.get("event") == "eval"],
        "config": config,
        "sample": sample[0]["text"][:SAMPLE_CHARACTERS],
    }


def engine(home: Path, *arguments: str) -> list[dict[str, Any]]:
    """Run a command of the engine; return the objects it prints. Raises RuntimeError with its words when it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "engine", arguments[0], "--json", *arguments[1:]],
        env=os.environ | {"UNDERSTUDY_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)} failed: {done.stderr.strip()}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def last_event(events: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    """Return the last event of a kind."""
    return next(event for event in reversed(events) if event["event"] == kind)
