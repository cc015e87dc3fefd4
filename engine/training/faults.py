"""The fault doctor: reads a run's events as a person with experience would, and says what goes wrong, once.

Pure: numbers in, advice out. A fault that must not go on is raised.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator
from statistics import median

from engine.core.config import TrainConfig
from engine.core.errors import Fix, TrainingError
from engine.core.events import Advice, Eval, Event, Forecast, Prospect, Started, Step
from engine.training.repairs import half_rate
from engine.training.schedule import learning_rate_at

GAP = 0.5
"""Nats by which the validation loss may exceed the training loss before it is worth a word."""

MANY_EPOCHS = 20
"""Times over the text from which a person should know; past 40 nothing more is gained (Muennighoff et al. 2023)."""


class Doctor:
    """Watches one run; `given` holds the codes of all advice that it has given."""

    def __init__(self, config: TrainConfig, expects_gpu: bool = False, given: Iterable[str] = ()) -> None:
        self._config = config
        self._overfitting = Overfitting(config)
        self._gap = Gap()
        self._start = Outlook(config, expects_gpu)
        self._divergence = Divergence(config)
        self._memory = MemoryCreep()
        self.given = set(given)

    @property
    def wants_stop(self) -> bool:
        """Whether more training only makes the model worse on text it has not seen."""
        return self._overfitting.wants_stop

    def begin_again(self) -> None:
        """Forget the losses so far: another model begins, whose own are higher at first."""
        self._overfitting = Overfitting(self._config)
        self._divergence = Divergence(self._config)

    def stopped(self, iter_num: int) -> Advice:
        """Return the words at the early stop that was wanted."""
        found = self._overfitting
        return stopped_early(self._config, iter_num, found.since_best, sure=found.sure)

    @property
    def good_at(self) -> int:
        """The iteration at which the loss was at its lowest."""
        return self._divergence.lowest_at

    def remember(self, evals: Iterable[Eval]) -> None:
        """Take in the evaluations of a run that goes on; what they say was said at their time."""
        for event in evals:
            self._overfitting.examine(event)

    def examine(self, event: Event) -> list[Advice]:
        """Return what an event says of the run's health; raises TrainingError when the loss has diverged."""
        match event:
            case Started():
                self._memory.allow(2 * (event.train_tokens + event.val_tokens))
                found = self._start.examine(event)
            case Eval():
                found = [*self._overfitting.examine(event), *self._gap.examine(event)]
            case Forecast():
                self._overfitting.expect(event)
                found = []
            case Step():
                self._divergence.examine(event)
                found = self._memory.examine(event)
            case _:
                found = []
        new = [advice for advice in found if advice.code not in self.given]
        self.given.update(advice.code for advice in new)
        return new


class Outlook:
    """What can be said before the first step."""

    def __init__(self, config: TrainConfig, expects_gpu: bool) -> None:
        self._config = config
        self._expects_gpu = expects_gpu

    def examine(self, started: Started) -> list[Advice]:
        """Return what is to say of a text too short for the run, and of a processor that stands in for a GPU."""
        found = []
        iters_per_epoch = started.train_tokens / started.tokens_per_iter
        epochs = started.max_iters / self._config.generations / iters_per_epoch
        is_taught = self._config.generations > 1 and started.iter_num > 0  # asked for as its text is short
        if epochs > MANY_EPOCHS and not (self._config.eval_only or self._config.minutes or is_taught):
            enough = max(1, int(MANY_EPOCHS * iters_per_epoch)) * self._config.generations
            found.append(
                Advice(
                    iter_num=started.iter_num,
                    code="text_too_short",
                    severity="warning",
                    what=f"The text is short for this run: it will be read {epochs:,.0f} times.",
                    why="After some twenty times a model mostly learns its text by heart; more text helps most.",
                    fixes=(
                        Fix("Start Again with Fewer Iterations", "restart", {"max_iters": enough}),
                        Fix("Go On", "continue"),
                    ),
                )
            )
        if started.device == "cpu" and self._expects_gpu:
            found.append(
                Advice(
                    iter_num=started.iter_num,
                    code="on_cpu",
                    severity="warning",
                    what="This run computes on the processor, although this Mac should have a GPU for it.",
                    why="PyTorch found none it can use: macOS is older than 14, or Python is built for Intel.",
                )
            )
        return found


class Overfitting:
    """Sees the validation loss rise while the training loss falls."""

    RISES = 3
    """Evaluations in a row above the best that make a rise and no wobble."""
    NATS = 0.02
    """How far both losses must have moved since the best, apart."""
    SURE = 0.97
    """Probability that the best is past from which half the patience is enough."""

    def __init__(self, config: TrainConfig) -> None:
        self._config = config
        self._best: Eval | None = None
        self._past = 0.0
        self.since_best = 0
        self.wants_stop = False

    @property
    def sure(self) -> bool:
        """Whether no better evaluation is to be expected."""
        return self._past >= self.SURE

    def expect(self, forecast: Forecast) -> None:
        """Take in what is expected of the run."""
        self._past = forecast.past

    def examine(self, now: Eval) -> list[Advice]:
        """Return advice when the best is some evaluations ago and the training loss has fallen since."""
        if self._best is None or now.val_loss <= self._best.val_loss:
            self._best, self.since_best = now, 0
            return []
        self.since_best += 1
        risen, fallen = now.val_loss - self._best.val_loss, self._best.train_loss - now.train_loss
        if min(risen, fallen) < self.NATS or self.since_best < min(self.RISES, self._config.patience):
            return []
        patience = math.ceil(self._config.patience / 2) if self.sure else self._config.patience
        self.wants_stop = self._config.early_stop and self.since_best >= patience
        return [
            Advice(
                iter_num=now.iter_num,
                code="overfitting",
                severity="problem",
                what=f"The validation loss has risen from {self._best.val_loss:.2f} to {now.val_loss:.2f} "
                "while the training loss fell.",
                why=f"The model learns its text by heart; it was at its best at iteration {self._best.iter_num}, "
                "and best.pt keeps it so." + (" No better is expected." if self.sure else ""),
                fixes=(
                    Fix("Stop Here", "stop"),
                    more_dropout(self._config),
                ),
            )
        ]


def more_dropout(config: TrainConfig) -> Fix:
    """Return the way on from the best model that keeps it from learning by heart."""
    dropout = round(min(0.5, config.dropout + 0.1), 2)
    return Fix("Go On from the Best with Dropout", "resume", {"resume_from": "best", "dropout": dropout})


def stopped_early(config: TrainConfig, iter_num: int, evaluations: int, *, sure: bool) -> Advice:
    """Return the words at an early stop after evaluations that were no better; `sure`: none is expected to be."""
    expected = ", and no better one is expected" if sure else ""
    return Advice(
        iter_num=iter_num,
        code="early_stop",
        severity="info",
        what=f"Training stops early: {evaluations} evaluations brought no better validation loss{expected}.",
        why="More iterations would only teach the text by heart; best.pt holds the best model.",
        fixes=(more_dropout(config), Fix("Train All Iterations", "resume", {"early_stop": False})),
    )


def keep_going(config: TrainConfig, iter_num: int, prospect: Prospect | None) -> Iterator[Advice]:
    """Yield the words at the end of a run whose loss still falls, and the way on; nothing where going on is no use."""
    if prospect is None:
        return
    changes = _longer(config, iter_num, prospect.more).changes_since(config)
    anneals = config.decay_lr and learning_rate_at(config.max_iters, config) < config.learning_rate
    yield Advice(
        iter_num=iter_num,
        code="keep_going",
        severity="info",
        what=f"The validation loss still falls: {prospect.more:,} more iterations would bring it to about "
        f"{prospect.val_loss:.2f} ({prospect.low:.2f} to {prospect.high:.2f}).",
        why="The run is done as planned."
        + (" Going on raises the learning rate again at first, and the loss a little with it." if anneals else ""),
        fixes=(Fix(f"Train {prospect.more:,} More", "resume", changes),),
    )


def _longer(config: TrainConfig, iter_num: int, more: int) -> TrainConfig:
    """Return the settings with which a run of so many iterations goes on for more, and the minutes for them."""
    if not config.minutes:
        return config.changed({"max_iters": iter_num + more})
    share = 1 + more / max(iter_num, 1)
    return config.changed(
        {"max_iters": math.ceil(config.max_iters * share), "minutes": round(config.minutes * share, 2)}
    )


class Gap:
    """Sees the two losses apart."""

    def examine(self, now: Eval) -> list[Advice]:
        """Return advice when validation is well above training."""
        if not now.val_loss - now.train_loss > GAP:
            return []
        return [
            Advice(
                iter_num=now.iter_num,
                code="gap",
                severity="info",
                what=f"The validation loss is {now.val_loss - now.train_loss:.2f} above the training loss.",
                why="Part of what the model learns holds for its own text only; it pays as long as validation falls.",
            )
        ]


class Divergence:
    """Sees a loss that has left for good what it had reached.

    A median of several readings is compared, so that no single odd batch counts, with the lowest median so far.
    """

    READINGS = 5
    NATS = 1.0
    """How far above its lowest the loss must be, at least; half of all it ever fell where that is more."""

    def __init__(self, config: TrainConfig) -> None:
        self._config = config
        self._last: deque[float] = deque(maxlen=self.READINGS)
        self._first = self._lowest = math.inf
        self.lowest_at = 0

    def examine(self, step: Step) -> None:
        """Raise TrainingError, code "diverging", when the loss has run away."""
        self._last.append(step.loss)
        if len(self._last) < self.READINGS:
            return
        now = median(self._last)
        if self._first == math.inf:
            self._first = max(self._last)
        if now < self._lowest:
            self._lowest, self.lowest_at = now, step.iter_num
        if now > self._lowest + max(self.NATS, (self._first - self._lowest) / 2):
            raise diverging(step.iter_num, now, self._lowest, self.lowest_at, self._config)


def diverging(iter_num: int, loss: float, lowest: float, lowest_at: int, config: TrainConfig) -> TrainingError:
    """Return the failure of a loss that runs away."""
    return TrainingError(
        f"The loss runs away: {loss:.2f} at iteration {iter_num}, after {lowest:.2f} at iteration {lowest_at}.",
        cause="The learning rate is too high for this model and batch.",
        fix="Go on from the last good state with half the learning rate.",
        code="diverging",
        fixes=(Fix("Go Back and Halve the Rate", "resume", half_rate(config)),),
    )


class MemoryCreep:
    """Sees memory that grows from iteration to iteration, and not just to and fro.

    It keeps up to READINGS values; when they are full, every other one goes, so that a slow creep shows in a long
    run. Growth counts when each third of them lies wholly above the third before.
    """

    WARM_UP = 20
    READINGS = 60
    BYTES = 64 * 2**20
    SHARE = 0.05

    def __init__(self) -> None:
        self._values: list[int] = []
        self._every = 1
        self._seen = 0
        self._allowed = self.BYTES

    def allow(self, text_bytes: int) -> None:
        """Let memory grow by the text as well: what is read of a mapped file counts as ours."""
        self._allowed = self.BYTES + text_bytes

    def examine(self, step: Step) -> list[Advice]:
        """Return advice when memory creeps."""
        self._seen += 1
        if self._seen <= self.WARM_UP or self._seen % self._every:
            return []
        self._values.append(step.memory_bytes)
        if len(self._values) < self.READINGS:
            return []
        grown = self._creep()
        self._values, self._every = self._values[1::2], self._every * 2
        if not grown:
            return []
        return [
            Advice(
                iter_num=step.iter_num,
                code="memory_creep",
                severity="warning",
                what=f"The memory of this run keeps growing: by {grown / 1e6:,.0f} MB so far.",
                why="It should stay level after the first iterations; something holds on to what it no longer needs. "
                "Saving and going on gives it back.",
                fixes=(Fix("Stop and Save", "stop"), Fix("Go On", "continue")),
            )
        ]

    def _creep(self) -> int:
        """Return by how many bytes memory has crept up, or 0."""
        third = len(self._values) // 3
        first, middle, last = self._values[:third], self._values[third : 2 * third], self._values[-third:]
        grown = last[-1] - first[0]
        rises = max(first) < min(middle) and max(middle) < min(last)
        return grown if rises and grown > max(self._allowed, self.SHARE * first[0]) else 0
