"""Recipes as the lab compares them: the engine's as it is today, and such as were kept as they were (`quick@1`).

A kept recipe is the settings that the planner decided for each text and each budget of the lab, in baselines.json.
They were planned by arithmetic alone, for a machine that makes REFERENCE operations a second, so they are the same
everywhere.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

from engine.core.config import MOST_ITERS, TrainConfig
from engine.core.files import write_text
from engine.datasets.dataset import refitted_name
from engine.planning.estimate import training_flops_per_iter
from engine.planning.pace import Pace
from engine.planning.presets import presets
from engine.planning.recipes import plan
from engine.planning.text_facts import text_facts

KEPT = Path(__file__).with_name("baselines.json")

REFERENCE = 160e9
"""Operations a second at which quick trained on two quiet cores with AVX-512 and bfloat16 (docs/recipes.md)."""

MINUTES = (0.145, 1.0, 5.0, 20.0)
"""Budgets that a recipe is kept for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arithmetic(Pace):
    """The pace of a machine on which an iteration takes as long as its operations."""

    @property
    def is_measured(self) -> bool:
        """It is certain."""
        return True

    def seconds_per_iter(self, config: TrainConfig, vocab_size: int) -> float:
        """Return how long an iteration takes at REFERENCE."""
        return training_flops_per_iter(config, vocab_size) / REFERENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What a recipe decides for a text and a budget: settings, and how many tokens to learn; 0 keeps the text's own."""

    text: str
    minutes: float
    vocab_size: int
    settings: dict[str, Any]

    def in_tokens(self, vocab_size: int) -> Self:
        """Return it for the same text in so many tokens of its own."""
        if vocab_size == self.vocab_size:
            return self
        name = refitted_name(self.text, vocab_size)
        return replace(self, vocab_size=vocab_size, settings=self.settings | {"dataset": name})


def is_frozen(recipe: str) -> bool:
    """Return whether a recipe is one that was kept."""
    return "@" in recipe


def baseline(recipe: str, text: str, *, minutes: float = 0.0, tflop: float = 0.0) -> Baseline:
    """Return what a recipe decides; the budget is one of time, or of arithmetic, at REFERENCE.

    Raises LookupError for what was not kept.
    """
    minutes = minutes or minutes_for(tflop)
    if not is_frozen(recipe):
        return planned(recipe, text, minutes)
    for one in _kept().get(recipe, []):
        if one.text == text and abs(one.minutes - minutes) < 0.01 * minutes:
            return one
    budgets = ", ".join(f"{each:g} ({tflop_for(each):g} TFLOP)" for each in MINUTES)
    raise LookupError(f"{recipe} was not kept for {text} and {minutes:g} minutes; there are {budgets}")


def planned(recipe: str, text: str, minutes: float) -> Baseline:
    """Return what a recipe of the engine decides today; the text must be prepared."""
    facts, settings = text_facts(text), dict(presets()["tiny"].settings)
    if recipe == "guide":  # its own schedule, as long as the budget lasts
        guide = settings | {"dataset": text, "max_iters": MOST_ITERS, "lr_decay_iters": settings["max_iters"]}
        return Baseline(text=text, minutes=minutes, vocab_size=facts.vocab_size, settings=guide)
    pace = Arithmetic(device="cpu")
    found = plan(recipe, text=facts, settings=settings, given={}, minutes=minutes, pace=pace)
    of_the_text = {"dataset": text, **settings, **found.settings}
    return Baseline(text=text, minutes=minutes, vocab_size=found.vocab_size, settings=of_the_text)


def keep(name: str, texts: tuple[str, ...]) -> None:
    """Keep what quick decides today under a name; the texts must be prepared. Raises ValueError for a name in use."""
    kept = _kept()
    if name in kept or not is_frozen(name):
        raise ValueError(f"{name}: a recipe is kept once, under a name with an @, as quick@{len(kept) + 1}")
    kept[name] = [planned("quick", text, minutes) for text in texts for minutes in MINUTES]
    rows = {each: [asdict(one) for one in every] for each, every in kept.items()}
    write_text(KEPT, json.dumps(rows, indent=1) + "\n")


def minutes_for(tflop: float) -> float:
    """Return how long so many 10^12 operations take at REFERENCE."""
    return tflop * 1e12 / REFERENCE / 60


def tflop_for(minutes: float) -> float:
    """Return how many 10^12 operations are made in so many minutes at REFERENCE."""
    return minutes * 60 * REFERENCE / 1e12


def _kept() -> dict[str, list[Baseline]]:
    """Return every kept recipe."""
    rows = json.loads(KEPT.read_text("utf-8")) if KEPT.exists() else {}
    return {name: [Baseline(**one) for one in every] for name, every in rows.items()}
