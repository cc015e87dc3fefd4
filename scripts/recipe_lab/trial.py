"""One run of the lab: what is tried, and what came of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from engine.core.config import TrainConfig
from engine.planning.estimate import training_flops_per_iter
from scripts.recipe_lab.baselines import baseline, is_frozen

PROMPT = "ROMEO:\n"
PROMPTS = {"python": "def ", "names": "\n"}
SAMPLE_CHARACTERS = 400
"""As much of what it writes as is kept: the same for tokens of any length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What is tried.

    Attributes:
        text: one of TEXTS.
        recipe: guide, quick, or one that is kept as it was (scripts/recipe_lab/baselines.py).
        preset: the preset whose shape is kept; "" leaves the shape to the recipe (the guide's: tiny).
        minutes: the time it has.
        iters: where the run ends instead, if not 0: what a run is worth on a machine whose clock tells nothing.
        tflop: the arithmetic it has instead, in 10^12 operations: equal for all that are compared by it.
        seed: of weights and batches.
        changes: settings that are not the recipe's, and "vocab_size".
        commit: the code it is about, where that is more than its settings.
        name: what it is called; no part of what it is.
    """

    text: str
    recipe: str
    preset: str = ""
    minutes: float = 0.0
    iters: int = 0
    tflop: float = 0.0
    seed: int = 1
    changes: dict[str, Any] = field(default_factory=dict)
    commit: str = ""
    name: str = ""

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Return the trial of a result; those of older ones say less."""
        return cls(**{each.name: row[each.name] for each in fields(cls) if each.name in row})

    @property
    def label(self) -> str:
        """What stands for it in a table."""
        return self.name or self.recipe + "".join(f", {name} {value}" for name, value in self.changes.items())

    @property
    def budget(self) -> str:
        """What it may use up, for people."""
        if self.tflop:
            return f"{self.tflop:g} TFLOP"
        return f"{self.iters:,} iterations" if self.iters else f"{self.minutes * 60:g} s"

    @property
    def flags(self) -> list[str]:
        """What `train` is called with."""
        values = self._settings() if self.tflop or is_frozen(self.recipe) else self._asked() | self.changes
        return [f"--{name}={value}" for name, value in values.items()]

    def _asked(self) -> dict[str, Any]:
        """Return what leaves the rest to the engine's own recipes."""
        values = {"recipe": self.recipe, "minutes": self.minutes, "seed": self.seed, "dataset": self.text}
        if preset := self.preset or ("tiny" if self.recipe == "guide" else ""):
            values["preset"] = preset
        if self.recipe == "guide":  # its own schedule, as long as the time lasts, and no look more than quick has
            values |= {"max_iters": 1_000_000, "eval_interval": 1_000_000, "eval_iters": 1, "sample_tokens": 0}
        if self.iters:
            values |= {"max_iters": self.iters, "minutes": 0}
        return values

    def _settings(self) -> dict[str, Any]:
        """Return every setting by itself: those of the recipe, the changes, and as many iterations as the budget has.

        A recipe that ends a run before that, as more would only learn the text by heart, ends it here too.
        """
        base = baseline(self.recipe, self.text, minutes=self.minutes, tflop=self.tflop)
        changes = dict(self.changes)
        base = base.in_tokens(int(changes.pop("vocab_size", base.vocab_size)))
        settings = base.settings | changes | {"recipe": "guide", "minutes": self.minutes, "seed": self.seed}
        if self.tflop:
            each = training_flops_per_iter(TrainConfig.of(settings), base.vocab_size)
            settings["max_iters"] = min(settings["max_iters"], max(1, int(self.tflop * 1e12 / each)))
        elif self.iters:
            settings |= {"max_iters": self.iters, "minutes": 0}
        return settings

    @property
    def key(self) -> str:
        """What tells it from others: all but its name."""
        return json.dumps(asdict(self) | {"name": ""}, sort_keys=True)


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
    finished, started, score = last_event(events, "finished"), last_event(events, "started"), last_event(scored, "eval")
    return {
        **asdict(trial),
        "bits_per_byte": score["bits_per_byte"],
        "full_memory_bits_per_byte": score["full_memory_bits_per_byte"],
        "iterations": finished["iter_num"],
        "flops": finished["iter_num"] * training_flops_per_iter(TrainConfig.of(config), started["vocab_size"]),
        "seconds": finished["seconds"],
        "process_seconds": wall,
        "load": os.getloadavg()[0],
        "parameters": started["parameters"],
        "vocab_size": started["vocab_size"],
        "dtype": started["dtype"],
        "made_by": commit_here(),
        "curve": [[e["iter_num"], e["bits_per_byte"]] for e in events if e.get("event") == "eval"],
        "config": config,
        "sample": sample[0]["text"][:SAMPLE_CHARACTERS],
    }


def commit_here() -> str:
    """Return the commit of this code, with a + where it was changed since; empty where there is no git."""
    command = ["git", "describe", "--always", "--exclude=*", "--abbrev=40", "--dirty=+"]
    done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
    return done.stdout.strip()


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
