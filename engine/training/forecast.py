"""Where the validation loss of a run will be at its best, how low, and how sure that is: from its evaluations so far.

Two laws are laid through what was measured, over the training done so far, S, the sum of the learning rates up to an
iteration. The training loss falls as a power law with a floor, and by a share more while the rate is annealed:
a + b S^-c (1 - d A), A the part of the peak rate that is gone (after Tissue et al. 2024, "Scaling law with learning
rate annealing"). The gap between validation and training loss widens as a power: g + k S^p. Their sum turns where the
gap widens faster than the training loss falls. Each (c, d, p) of a grid is fitted by least squares and weighed by how
well it fits; so the forecast is the mean of many courses, and their spread a part of its band. How wide the band must
be was found on one half of the recorded runs in tests/data (curves.json, and those of quick in quick_runs.json);
tests/engine/training/test_forecast.py holds it against the other half. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from engine.core.config import FOLLOW, TrainConfig
from engine.core.events import Eval, Forecast, Prospect
from engine.training.schedule import learning_rate_at

Floats = NDArray[np.float64]

FEWEST = 4
"""Evaluations after the first step that a forecast needs."""

WORTH = 0.01
"""Nats by which the loss must get lower to count as better: about what an evaluation errs in any case."""

_FALLS = np.array([0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.0, 1.4, 2.0])  # c, the powers the training loss may fall with
_ANNEALED = np.array([0.1, 0.2, 0.3, 0.4])  # d, what annealing may add to that
_ANNEALED_BY_MUON = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])  # its updates get no shorter with their gradients
_WIDENS = np.array([0.5, 0.75, 1.0, 1.25, 1.5])  # p, the powers the gap may widen with
_RECENT = 4  # the power of its iteration that an evaluation counts with: what was early tells little of what comes
_TRUST = 0.3  # how fast the weight of a course falls with its misfit
_DOUBT = 4.0  # standard errors squared, below which a slope may be noise
_SPREAD, _SHARE = 1.5, 0.6  # half of the band: so often the spread of the courses, and such a share of what is to come
_EDGE = NormalDist().inv_cdf(0.9)  # standard deviations from the middle of a normal 80 % band to its edge
_POINTS = 24  # points of the path that is told
_PLACES = 400  # iterations at which a schedule is read
_LEAST = 1e-12


def forecast(evals: Sequence[Eval], config: TrainConfig) -> Forecast | None:
    """Return where a run will be at its best up to max_iters; None where its evaluations are too few to tell.

    The evaluations are those of the run so far, in order. 2 ms.
    """
    known = _usable(evals, config)
    if not known:
        return None
    course = course_of(known, config, config)
    best = min(known, key=lambda one: one.val_loss)
    low, high = course.low, course.expected + course.margin
    at = int(course.expected.argmin())
    turned = bool(course.expected[at] >= best.val_loss)
    return Forecast(
        iter_num=known[-1].iter_num,
        best_iter=best.iter_num if turned else round(course.iterations[at]),
        val_loss=best.val_loss if turned else float(course.expected[at]),
        low=min(float(low.min()), best.val_loss),
        high=best.val_loss if turned else min(float(high[at]), best.val_loss),
        past=1.0 - course.chance_below(best.val_loss - WORTH),
        path=tuple((round(i), float(a), float(b)) for i, a, b in zip(course.iterations, low, high, strict=True)),
    )


def prospect(evals: Sequence[Eval], config: TrainConfig) -> Prospect | None:
    """Return what half as many iterations again would bring a run that reached max_iters, its schedule stretched.

    Fewer where the loss would turn before. None where it is too early to tell, or where no better loss is expected.
    """
    known = _usable(evals, config)
    more = max(config.max_iters // 2 // config.eval_interval, 1) * config.eval_interval
    if not known or known[-1].iter_num < config.max_iters:
        return None
    course = course_of(known, config, config.changed({"max_iters": config.max_iters + more}))
    best = min(one.val_loss for one in known)
    at = int(course.expected.argmin())
    if course.expected[at] > best - 2 * WORTH:
        return None
    intervals = math.ceil((course.iterations[at] - config.max_iters) / config.eval_interval)
    loss, low, margin = float(course.expected[at]), float(course.low[at]), float(course.margin[at])
    return Prospect(more=intervals * config.eval_interval, val_loss=loss, low=low, high=min(loss + margin, best))


def _usable(evals: Sequence[Eval], config: TrainConfig) -> list[Eval]:
    """Return the evaluations that tell something, none when they are too few."""
    known = [one for one in evals if one.iter_num > 0 and math.isfinite(one.val_loss + one.train_loss)]
    return known if len(known) >= FEWEST and config.learning_rate > 0 else []


@dataclass(frozen=True, slots=True)
class Course:
    """What may come: iterations from now on, each possible course of the loss there, (courses, iterations).

    `weights` sum to 1; `moved` is by how much fall and gap each move the loss on the average, and `noise` by how many
    nats an evaluation strays from the laws.
    """

    iterations: Floats
    losses: Floats
    weights: Floats
    moved: Floats
    noise: float

    @property
    def expected(self) -> Floats:
        """The mean of the courses."""
        mean: Floats = self.weights @ self.losses
        return mean

    @property
    def margin(self) -> Floats:
        """Half the width of the 80 % band at each iteration, in nats."""
        spread = np.sqrt(self.weights @ (self.losses - self.expected) ** 2)
        total: Floats = np.hypot(_SPREAD * spread, np.hypot(_SHARE * self.moved, self.noise))
        return total

    @property
    def low(self) -> Floats:
        """The lower edge of the band: no loss is below 0, as no probability is above 1."""
        edge: Floats = np.maximum(self.expected - self.margin, 0.0)
        return edge

    def chance_below(self, loss: float) -> float:
        """Return the probability that the loss gets below a value, as the band of the lowest point has it."""
        at = int(self.expected.argmin())
        sigma = max(float(self.margin[at]) / _EDGE, _LEAST)
        return NormalDist(float(self.expected[at]), sigma).cdf(loss)


def course_of(known: Sequence[Eval], past: TrainConfig, onward: TrainConfig) -> Course:
    """Return what may come after some evaluations, each after the first step; `onward` is how the run goes on."""
    at, train, val = np.array([(one.iter_num, one.train_loss, one.val_loss) for one in known]).T
    now = at[-1]
    then = np.unique(np.linspace(now, max(onward.max_iters, now), _POINTS).round())
    weights = (at / now) ** _RECENT
    weights /= weights.sum()
    schedule = Schedule(past, onward, now)
    before, after = schedule.training(at), schedule.training(then)
    fall = _fit(before.falls(before), train, weights, floored=True)
    gap = _fit(before.widens(before), val - train, weights, floored=False)
    falls = fall.slopes[:, None] * (after.falls(before) - before.falls(before)[:, -1:])
    widens = gap.slopes[:, None] * (after.widens(before) - 1.0)
    losses = np.maximum(val[-1] + (falls[:, None, :] + widens[None, :, :]).reshape(-1, len(then)), 0.0)
    chances = np.outer(fall.chances, gap.chances).ravel()
    moved = np.hypot(fall.chances @ falls, gap.chances @ widens)
    return Course(then, losses, chances, moved, math.hypot(fall.noise, gap.noise))


class Forecaster:
    """Follows one model of a run: takes its evaluations, and tells when what is expected has changed."""

    def __init__(self, config: TrainConfig, began: int = 0) -> None:
        """Follow a model by its own settings, which began at an iteration of the run."""
        self._config = config
        self._began = began
        self._evals: list[Eval] = []
        self._told: tuple[float, ...] = ()

    def remember(self, evals: Iterable[Eval]) -> None:
        """Take in the evaluations of a model that goes on."""
        self._evals.extend(replace(one, iter_num=one.iter_num - self._began) for one in evals)

    def examine(self, event: Eval, last: int = 0) -> Forecast | None:
        """Return what is expected now, where it differs from what was told before; None as well while it is too early.

        `last` is the iteration at which the clock will end the run; 0 where none does.
        """
        self.remember([event])
        return self.now(last)

    def now(self, last: int = 0) -> Forecast | None:
        """Return what is expected of the evaluations taken in so far, as `examine` does."""
        expected = forecast(self._evals, self._ending(last))
        if expected is None:
            return None
        before = self._told
        self._told = tuple(
            round(each, 3)
            for each in (expected.best_iter, expected.val_loss, expected.low, expected.high, expected.past)
        )
        return self._in_run(expected) if self._told != before else None

    def prospect(self, last: int = 0) -> Prospect | None:
        """Return what going on beyond the last iteration would bring; see the function."""
        return prospect(self._evals, self._ending(last))

    def _in_run(self, expected: Forecast) -> Forecast:
        """Return a forecast in the iterations of the run."""
        path = tuple((at + self._began, low, high) for at, low, high in expected.path)
        at, best_at = expected.iter_num + self._began, expected.best_iter + self._began
        return replace(expected, iter_num=at, best_iter=best_at, path=path)

    def _ending(self, last: int) -> TrainConfig:
        """Return the settings of a model that is as long in training as this one will be: its schedule ends with it."""
        last -= self._began
        if not 0 < last < self._config.max_iters:
            return self._config
        return self._config.changed({"max_iters": last, "lr_decay_iters": FOLLOW})


class Schedule:
    """The learning rates of a run: as they were up to now, and as they will be."""

    def __init__(self, past: TrainConfig, onward: TrainConfig, now: float) -> None:
        last = max(onward.max_iters, int(now))
        self._places = np.unique(np.append(np.linspace(0, last, _PLACES), now).round())
        each = [(int(at), past if at <= now else onward) for at in self._places]
        rates = np.array([learning_rate_at(at, config) / past.learning_rate for at, config in each])
        self._done = np.concatenate([[0.0], np.cumsum((rates[1:] + rates[:-1]) / 2 * np.diff(self._places))])
        self._annealed = np.maximum.accumulate(rates) - rates
        self._gains = _ANNEALED_BY_MUON if past.optimizer == "muon" else _ANNEALED

    def training(self, iterations: Floats) -> Training:
        """Return how far training is at some iterations."""
        done, annealed = (np.interp(iterations, self._places, each) for each in (self._done, self._annealed))
        return Training(np.maximum(done, _LEAST), annealed, self._gains)


@dataclass(frozen=True, slots=True)
class Training:
    """How far training is at some iterations: `done` is S, in iterations at the peak rate, `annealed` is A.

    `gains` are the values of d that annealing may have.
    """

    done: Floats
    annealed: Floats
    gains: Floats

    def falls(self, until_now: Training) -> Floats:
        """Return by which shape the training loss may fall, (shapes, iterations); 1 now but for annealing."""
        powers = (self.done / until_now.done[-1]) ** -_FALLS[:, None]
        shapes: Floats = powers[:, None, :] * (1.0 - self.gains[:, None] * self.annealed)
        return shapes.reshape(-1, len(self.done))

    def widens(self, until_now: Training) -> Floats:
        """Return by which shape the gap may widen, (shapes, iterations); 1 now."""
        shapes: Floats = (self.done / until_now.done[-1]) ** _WIDENS[:, None]
        return shapes


@dataclass(frozen=True, slots=True)
class Fit:
    """What each shape comes to: how much of it there is, how likely it is the right one, and what it leaves over."""

    slopes: Floats
    chances: Floats
    noise: float


def _fit(shapes: Floats, values: Floats, weights: Floats, *, floored: bool) -> Fit:
    """Return the fit of values as a constant and so much of a shape, for each shape, by weighted least squares.

    The slope is never negative, nor the constant where it is the floor of a loss. A slope that noise alone could have
    made counts for less.
    """
    mean, means = float(weights @ values), shapes @ weights
    away = shapes - means[:, None]
    spread = np.maximum(away**2 @ weights, _LEAST)
    slopes = (away * (values - mean)) @ weights / spread
    constants = mean - slopes * means
    if floored:
        through_zero = (shapes * values) @ weights / (shapes**2 @ weights)
        slopes, constants = np.where(constants < 0, through_zero, slopes), np.maximum(constants, 0.0)
    constants, slopes = np.where(slopes < 0, mean, constants), np.maximum(slopes, 0.0)
    misfit = (values - constants[:, None] - slopes[:, None] * shapes) ** 2 @ weights
    usual = misfit.min() + WORTH**2
    doubt = _DOUBT * usual / spread / len(values)
    chances = np.exp(-_TRUST * math.sqrt(len(values)) * (misfit - misfit.min()) / (2 * usual))
    return Fit(slopes**3 / (slopes**2 + doubt), chances / chances.sum(), math.sqrt(misfit.min()))
