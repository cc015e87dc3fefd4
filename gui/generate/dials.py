"""The settings of generation in plain words, and how far a slider travels for each; without Qt."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from engine.core.config import SampleConfig
from engine.core.settings import setting_fields
from gui.kit import formats

FIRST_SETTINGS = SampleConfig(start="To be or not to be")
"""The guide's prompt and its settings."""

_FIELD_LIMIT = 2**31 - 1  # what a number field of Qt holds


@dataclass(frozen=True, slots=True)
class SliderScale:
    """A slider's travel over a setting's values, even or logarithmic; `open_end` puts the value 0 at the far end."""

    low: float
    high: float
    logarithmic: bool = False
    open_end: bool = False
    steps: int = 200

    def value(self, position: int) -> float:
        """Return the value at a position from 0 to `steps`."""
        if self.open_end and position >= self.steps:
            return 0
        share = position / self.steps
        if self.logarithmic:
            return math.exp(math.log(self.low) + share * (math.log(self.high) - math.log(self.low)))
        return self.low + share * (self.high - self.low)

    def position(self, value: float) -> int:
        """Return the position nearest to a value; values outside the travel stand at its ends."""
        if self.open_end and value == 0:
            return self.steps
        inside = min(max(value, self.low), self.high)
        if self.logarithmic:
            share = (math.log(inside) - math.log(self.low)) / (math.log(self.high) - math.log(self.low))
        else:
            share = (inside - self.low) / (self.high - self.low)
        last = self.steps - 1 if self.open_end else self.steps
        return min(round(share * self.steps), last)


@dataclass(frozen=True, slots=True)
class Dial:
    """One setting of generation: its name, what it says on screen, and its slider (none: only a field).

    `at_zero` stands for 0, `grouped` numbers have their thousands apart, `ends` say what lies at either end of the
    slider, and `more` are the settings that few people touch.
    """

    name: str
    label: str
    words: Callable[[float], str]
    scale: SliderScale | None = None
    decimals: int = 0
    at_zero: str = ""
    grouped: bool = True
    ends: tuple[str, str] = ("", "")
    more: bool = False

    def limits(self) -> tuple[float, float]:
        """Return the least and the greatest value that the setting allows."""
        allowed = setting_fields(SampleConfig)[self.name].metadata
        greatest = allowed["maximum"]
        return allowed["minimum"], min(greatest or _FIELD_LIMIT, _FIELD_LIMIT)


def temperature_words(value: float) -> str:
    """Return what a temperature does, in words."""
    if value == 0:
        return "Always the likeliest token; the seed makes no difference."
    if value < 0.5:
        return "Careful: close to the text it learned, and it may repeat itself."
    if value <= 1:
        return "Balanced between sense and surprise."
    return "Daring: more surprises, more nonsense." if value <= 1.5 else "Wild: mostly noise."


def top_k_words(value: float) -> str:
    """Return what top_k does, in words."""
    if value == 0:
        return "Chooses among all tokens."
    if value == 1:
        return "Always the likeliest token."
    return f"Chooses among the {formats.whole(int(value))} likeliest tokens."


def top_p_words(value: float) -> str:
    """Return what top_p does, in words."""
    if value >= 1:
        return "Cuts nothing off."
    return f"Leaves out the unlikely tokens beyond the first {formats.percent(value)} of probability."


def min_p_words(value: float) -> str:
    """Return what min_p does, in words."""
    if value == 0:
        return "Cuts nothing off."
    return f"Leaves out tokens less than {formats.percent(value)} as likely as the likeliest."


def repetition_words(value: float) -> str:
    """Return what repetition_penalty does, in words."""
    if value == 1:
        return "Does nothing: it may repeat itself."
    return "Shuns tokens that were there before." if value > 1 else "Favors tokens that were there before."


def length_words(value: float) -> str:
    """Return what max_new_tokens does, in words."""
    return f"Writes {formats.plural(int(value), 'token')} after your beginning."


def samples_words(value: float) -> str:
    """Return what num_samples does, in words."""
    return "One continuation." if value == 1 else f"{formats.whole(int(value))} continuations of the same beginning."


def seed_words(_value: float) -> str:
    """Return what the seed does, in words."""
    return "Another at each press: another text."


_SAFE_TO_BOLD = ("Safer", "Bolder")

SEED = Dial("seed", "Seed", seed_words, grouped=False, more=True)

DIALS = (
    Dial("temperature", "Temperature", temperature_words, SliderScale(0.0, 2.0), decimals=2, ends=_SAFE_TO_BOLD),
    Dial("max_new_tokens", "Length", length_words, SliderScale(10, 10_000, logarithmic=True), more=True),
    Dial("num_samples", "Samples", samples_words, SliderScale(1, 8, steps=7), more=True),
    Dial(
        "top_k",
        "Top-k",
        top_k_words,
        SliderScale(1, 1000, logarithmic=True, open_end=True),
        at_zero="All",
        ends=_SAFE_TO_BOLD,
        more=True,
    ),
    Dial("top_p", "Top-p", top_p_words, SliderScale(0.0, 1.0, steps=100), decimals=2, ends=_SAFE_TO_BOLD, more=True),
    Dial(
        "min_p", "Min-p", min_p_words, SliderScale(0.0, 0.5, steps=50), decimals=2, ends=("Bolder", "Safer"), more=True
    ),
    Dial(
        "repetition_penalty",
        "Repetition penalty",
        repetition_words,
        SliderScale(0.5, 2.0, steps=150),
        decimals=2,
        ends=("Repeats", "Shuns"),
        more=True,
    ),
    SEED,
)
"""The temperature is always in view; the others are for whoever wants more."""


def stop_words(value: str) -> str:
    """Return what a stop text does, in words."""
    return "Ends where this text would begin; \\n is a line break." if value else "Ends when its length is reached."


def next_seed(seed: int) -> int:
    """Return the seed after this one, which gives another text from the same beginning."""
    return (seed + 1) % _FIELD_LIMIT
