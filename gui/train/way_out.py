"""What stands in the way of a plan, and the one button that leads out. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from engine.planning.own_presets import AUTOMATIC
from engine.planning.presets import Preset
from gui.kit import formats
from gui.train.plan import MemoryFit, Plan
from gui.train.planner import Cards

LONGEST_S = 7 * 24 * 3600.0
"""Beyond a week a plan is no plan for this machine."""

LIMIT_MINUTES = 60
"""What a run is limited to that takes too long, where nothing else about it can be changed."""

Action = Literal["correct", "text", "fit", "preset", "limit"]


@dataclass(frozen=True, slots=True)
class WayOut:
    """What stands in the way, in words, and what the button under it is called and does.

    `name` is the setting to correct, or the preset to take.
    """

    what: str
    label: str
    action: Action
    name: str = ""


def correction(problems: Iterable[str]) -> WayOut:
    """Return the way out of settings that are wrong, by their names."""
    names = list(problems)
    what = f"{formats.plural(len(names), 'setting')} to correct: {', '.join(names)}"
    return WayOut(what, f"Correct {names[0]}", "correct", names[0])


def another_text(title: str) -> WayOut:
    """Return the way out of a text that is not there."""
    return WayOut(f"“{title}” is not there any more.", "Choose Another Text", "text")


def way_out(
    plan: Plan, *, fitting: bool, cards: Cards, known: Mapping[str, Preset], chosen: str, changed: bool
) -> WayOut | None:
    """Return what stands in the way of a plan, None where it can work.

    `fitting` says that a smaller batch would fit, `known` are all presets, `chosen` is the one that is planned (empty
    for a run's own settings), and `changed` that settings of it were changed.
    """
    too_large, too_long = plan.fit is MemoryFit.WILL_NOT, _is_too_long(plan)
    if not (too_large or too_long):
        return None
    long = f"It would take {formats.duration(plan.seconds or 0)} here"
    what = f"It will not fit: {plan.memory_text}" if too_large else long
    if too_large and fitting:
        return WayOut(what, "Use What Fits", "fit")
    if too_long and not too_large and not chosen:
        return WayOut(what, f"Limit to {LIMIT_MINUTES} Minutes", "limit")
    wanted = (AUTOMATIC, cards.usual.preset) if chosen in ("", AUTOMATIC) else (cards.usual.preset, AUTOMATIC)
    able = [name for name in wanted if _can_work(cards.plans[name]) and (name != chosen or changed)]
    name = next(iter(able), AUTOMATIC)
    return WayOut(what, "Reset Settings" if name == chosen else f"Use {known[name].label}", "preset", name)


def _can_work(plan: Plan) -> bool:
    return plan.fit is not MemoryFit.WILL_NOT and not _is_too_long(plan)


def _is_too_long(plan: Plan) -> bool:
    return plan.seconds is not None and plan.seconds > LONGEST_S
