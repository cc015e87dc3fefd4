"""The report: every part asked in turn, told in plain words, and put together with nothing personal in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from engine.machine.device import DEVICES, available
from scripts.mac_report import checks, choice, products, speed, window
from scripts.mac_report.models import quick, tiny
from scripts.mac_report.privacy import without_personal
from scripts.mac_report.verdict import Part, asked

FORMAT = 1
"""Counts up when the file's form changes."""


def parts(iterations: int) -> dict[str, Part]:
    """Return all parts of the report by name, in their order."""
    kinds = [kind for kind in DEVICES if available(kind)]
    gpus = [kind for kind in kinds if kind != "cpu"] or kinds
    models = [tiny(), quick()]
    return {
        "doctor": checks.doctor,
        "self-check": lambda: checks.self_check(models, gpus),
        "products": lambda: products.products(kinds),
        "choice": lambda: choice.choices(models),
        "speed": lambda: speed.speed(kinds, iterations),
        "window": window.window,
    }


def report(asked_for: Mapping[str, Part], facts: Mapping[str, str], say: Callable[[str], object]) -> dict[str, Any]:
    """Return what all parts found, as JSON holds it; each is told as soon as it has answered."""
    found: dict[str, Any] = {}
    for name, part in asked_for.items():
        outcome = without_personal(asdict(asked(part)))
        say(f"\n{'Right' if outcome['right'] else 'NOT RIGHT'}: {name}\n{outcome['words']}")
        found[name] = outcome
    return {"format": FORMAT, "machine": without_personal(dict(facts)), "parts": found}
