"""What a quick run will reach, said before it starts: a law fitted to recorded runs, with the band it held in them.

    ln(bits per byte) = a + b ln(recalled) + (c + d ln(counted / recalled) + e ln(recalled)) arithmetic^-p

`counted` is what counting n-grams of the same text reaches, `recalled` the same with a memory of what was read a moment
ago (engine/planning/ngrams.py): repetition is learned late, so that short runs gain little by it. The arithmetic is
that of all iterations (engine/planning/estimate.py), in 10^12 operations. Coefficients, band and the limits of what was
recorded are in resources/promise.json; `python -m scripts.quick_runs.fit` makes that of tests/data/quick_runs.json.
Outside these limits nothing is promised. No torch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from engine.core import typed_json
from engine.core.config import TrainConfig
from engine.core.paths import shipped
from engine.core.untrusted_json import read_object
from engine.planning.calibration import IterationTime, iteration_time
from engine.planning.estimate import training_flops_per_iter
from engine.planning.pace import Pace

if TYPE_CHECKING:
    from engine.planning.ngrams import Predictability

BEYOND = 1.25
"""By what factor a run may lie outside of what was recorded, for a law without bends to hold."""

LEAST_BITS = 1.5
"""Recalled bits per byte of a text below which most of it is set pieces, longer than what is counted: the runs on such
texts ended far beside the law."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """The bits per byte that a run should end at, and the band in which four of five such runs did.

    `counted` is what counting n-grams of the text reaches: a measure that needs no model.
    """

    bits_per_byte: float
    low: float
    high: float
    counted: float

    @property
    def words(self) -> str:
        """It in a sentence, as exactly as the band allows."""
        places = 1 if self.high - self.low >= 0.15 else 2
        about, low, high, counted = (
            f"{value:.{places}f}" for value in (self.bits_per_byte, self.low, self.high, self.counted)
        )
        merely = f"merely counting which letters follow which gives {counted}"
        return f"About {about} bits per byte at its end ({low} to {high}); {merely}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What of a run the law reads.

    Attributes:
        arithmetic: the operations of all iterations, in 10^12.
        train_bytes: the length of the text that is learned from.
        predictability: what counting its n-grams reaches.
    """

    arithmetic: float
    train_bytes: float
    predictability: Predictability

    def terms(self, power: float) -> tuple[float, ...]:
        """Return what each coefficient is multiplied with."""
        text, left = self.predictability, self.arithmetic**-power
        recalled, repeated = math.log(text.recalled), math.log(text.counted / text.recalled)
        return (1.0, recalled, left, repeated * left, recalled * left)


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """A fitted law, and where it comes from.

    Attributes:
        coefficients: a, b, c, d and e.
        power: p.
        spread: half of the band of four in five, in ln(bits per byte): from texts that the law was not fitted to.
        limits: the least and the most of each figure and setting in the recorded runs.
        runs, texts, recorded: how many runs of how many texts it was fitted to, and when those were made.
    """

    coefficients: tuple[float, ...]
    power: float
    spread: float
    limits: dict[str, tuple[float, float]]
    runs: int
    texts: int
    recorded: str

    def logarithm(self, subject: Subject) -> float:
        """Return ln(bits per byte)."""
        terms = subject.terms(self.power)
        return sum(weight * term for weight, term in zip(self.coefficients, terms, strict=True))

    def promise(self, subject: Subject, least: float, most: float) -> Promise:
        """Return the promise for a run whose arithmetic lies between two values, as far as its pace is known."""
        about = self.logarithm(subject)
        slow, fast = (self.logarithm(replace(subject, arithmetic=each)) for each in (least, most))
        return Promise(
            bits_per_byte=math.exp(about),
            low=math.exp(about - math.hypot(self.spread, about - fast)),
            high=math.exp(about + math.hypot(self.spread, slow - about)),
            counted=subject.predictability.counted,
        )

    def covers(self, figures: dict[str, float]) -> bool:
        """Return whether such a run lies within what was recorded, or little beside it."""
        within = (low / BEYOND <= figures[name] <= high * BEYOND for name, (low, high) in self.limits.items())
        return figures["recalled"] >= LEAST_BITS and all(within)


@cache
def law() -> Law:
    """Return the law that ships with Understudy."""
    return typed_json.read(Law, read_object(shipped("resources", "promise.json")))


def figures_of(config: TrainConfig, subject: Subject) -> dict[str, float]:
    """Return by their names the figures and settings that a run is held against what was recorded by."""
    return {
        "arithmetic": subject.arithmetic,
        "train_bytes": subject.train_bytes,
        "counted": subject.predictability.counted,
        "recalled": subject.predictability.recalled,
        "n_layer": config.n_layer,
        "n_embd": config.n_embd,
        "block_size": config.block_size,
        "tokens_per_iter": config.tokens_per_iter,
        "learning_rate": config.learning_rate,
        "dropout": config.dropout,
        "weight_decay": config.weight_decay,
    }


def promise(
    config: TrainConfig, vocab_size: int, train_bytes: int, text: Predictability | None, pace: Pace
) -> Promise | None:
    """Return what a run should reach; None where nothing like it was recorded, or of its text nothing is known.

    One of several models is promised what the first of them reaches: a taught one ended 1 to 2 % lower, well within
    the band (docs/recipes.md).
    """
    if text is None or not _is_of_quick(config):
        return None
    time = iteration_time(config, vocab_size, pace.device, pace.measured)
    if time is None and pace.rate:
        time = pace.guess(config, vocab_size)
    if time is None:
        return None
    each = training_flops_per_iter(replace(config, generations=1), vocab_size) / 1e12
    least, about, most = (made / config.generations * each for made in _iterations(config, time))
    subject = Subject(arithmetic=about, train_bytes=train_bytes, predictability=text)
    known = law()
    return known.promise(subject, least, most) if about and known.covers(figures_of(config, subject)) else None


def _is_of_quick(config: TrainConfig) -> bool:
    """Return whether a run is planned by quick, in what it decides alike for all."""
    ways = (config.optimizer, config.decay_lr, config.decay_form, config.min_lr, config.copy_heads)
    return config.recipe == "quick" and config.init_from == "scratch" and ways == ("muon", True, "linear", 0.0, True)


def _iterations(config: TrainConfig, time: IterationTime) -> tuple[float, float, float]:
    """Return the iterations that a run makes if this machine is slow, as expected, or fast."""
    if not config.minutes:
        return (float(config.max_iters),) * 3
    usual = time.seconds_total(config) / time.seconds_per_iter
    made = (config.minutes * 60 / (usual * each) for each in (time.high, time.seconds_per_iter, time.low))
    slow, about, fast = (config.max_iters * min(1.0, share) for share in made)
    return slow, about, fast
