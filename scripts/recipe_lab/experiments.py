"""A queue of experiments, read from a file: each a name, and a diff of settings over a recipe.

    baseline = "quick@1"                 # what each is paired with
    texts = ["shakespeare", "python"]    # to choose by; --check takes those to check with instead
    tflop = [9.6, 48]                    # as a minute and as five on the machine of docs/recipes.md
    seeds = 3

    [experiments."decay 0.3"]
    settings = {weight_decay = 0.3}

    [experiments."words as Llama 3 cuts them"]
    over = "quick"                       # the engine's own: that changes with the code, so its commit is named
    commit = "1a2b3c4"

All are given equal arithmetic, so one whose iterations are dearer makes fewer of them.
"""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from engine.core import typed_json
from engine.core.config import TrainConfig
from scripts.recipe_lab.baselines import baseline, is_frozen
from scripts.recipe_lab.texts import CHOSEN_BY, TEXTS
from scripts.recipe_lab.trial import Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """What is tried; `over` is the recipe, empty for the queue's baseline, `commit` the code that it is about."""

    over: str = ""
    commit: str = ""
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Experiments by their names, the budgets (10^12 operations) and texts that each is tried with, and how often."""

    baseline: str = "quick@1"
    texts: tuple[str, ...] = CHOSEN_BY
    tflop: tuple[float, ...]
    seeds: int = 3
    experiments: dict[str, Experiment]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the queue in a file.

        Raises ValueError, SettingError or LookupError for what cannot be run.
        """
        found = tomllib.loads(path.read_text("utf-8"))
        _require_known(found, cls, "the queue")
        for name, one in found.get("experiments", {}).items():
            _require_known(one, Experiment, name)
        queue = typed_json.read(cls, found)
        queue._require_runnable()
        return queue

    def trials(self, texts: Sequence[str] = ()) -> Iterator[Trial]:
        """Yield every run, the cheapest first, each experiment right after its baseline; on other texts if given."""
        every = {self.baseline: Experiment()} | self.experiments
        for tflop in sorted(self.tflop):
            for seed in range(1, self.seeds + 1):
                for text in texts or self.texts:
                    for name, one in every.items():
                        yield Trial(
                            name=name,
                            text=text,
                            recipe=one.over or self.baseline,
                            tflop=tflop,
                            seed=seed,
                            changes=one.settings,
                            commit=one.commit,
                        )

    def _require_runnable(self) -> None:
        if unknown := set(self.texts) - set(TEXTS):
            raise ValueError(f"no text is called {', '.join(sorted(unknown))}; there are {', '.join(TEXTS)}")
        if self.baseline in self.experiments or not is_frozen(self.baseline):
            raise ValueError("the baseline is a recipe that was kept, as quick@1, and no experiment has its name")
        for recipe in {self.baseline, *(one.over for one in self.experiments.values() if is_frozen(one.over))}:
            for text, tflop in itertools.product(self.texts, self.tflop):
                baseline(recipe, text, tflop=tflop)
        for name, one in self.experiments.items():
            if one.over and not is_frozen(one.over) and not one.commit:
                raise ValueError(f"{name}: {one.over} changes with the code, so name the commit that is tried")
            TrainConfig.of({each: value for each, value in one.settings.items() if each != "vocab_size"})


def _require_known(found: Mapping[str, Any], kind: type, name: str) -> None:
    """Raise ValueError for a word that says nothing: a slip of the pen would make another experiment."""
    if unknown := set(found) - set(kind.__dataclass_fields__):  # type: ignore[attr-defined]
        raise ValueError(f"{name}: {', '.join(sorted(unknown))} is unknown")
