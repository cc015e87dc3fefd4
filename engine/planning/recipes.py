"""Recipes: what a run is made of where a person does not say. Pure arithmetic; no torch, no files.

`guide` leaves everything as the preset has it. `quick` fits vocabulary, optimizer, batch, schedule and, where no shape
is given, the model to the text and the time. What it was found by is in docs/recipes.md; scripts/recipe_lab finds it
again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.core.config import FOLLOW, MOST_ITERS, TrainConfig
from engine.core.init_from import is_model
from engine.core.kinds import TokenizerKind
from engine.datasets.dataset import refitted_name
from engine.planning.pace import Pace
from engine.planning.text_facts import TextFacts
from engine.planning.vocabulary_size import bytes_per_token, vocabulary_size
from engine.tokens.tokenizer import GPT2Tokenizer, TrainedTokenizer

SHAPE = ("n_layer", "n_head", "n_embd", "block_size")
"""What makes a model's shape: a preset that is chosen fixes all of it."""

MODEL = SHAPE[:3]
"""What of it quick chooses for the time there is, unless one of them is given."""

LADDER = ((2, 2, 128), (3, 3, 192), (4, 4, 256), (6, 6, 384))
"""Layers, heads and width of the models that quick chooses from; a head is 64 wide."""

BATCH_TOKENS = 4096
"""Tokens of a batch: from here on the products of the smallest models are as fast as they get on a processor."""

CONTEXTS = ((512, 3500), (256, 2300), (128, 0))
"""Tokens that a model sees at once, and from how many iterations on that is worth what it costs: by then it has caught
up with the next shorter one. At 1,200 iterations 256 cost the complete plays 0.07 bits per byte, from 2,300 on Tiny
Shakespeare and code end lower by it, and at 3,750 Tiny Shakespeare by 512 (docs/recipes.md). Half of each where a model
does not begin able to copy, and so makes little of what lies far back."""

USUAL_CONTEXT = CONTEXTS[1][0]
"""The model is chosen as if it saw so many."""

FEWEST_ITERATIONS, ENOUGH_ITERATIONS = 200, 1500
"""Where fewer than the first are to be expected, a smaller batch learns more, and half a batch below the second."""

TOKENS_PER_WEIGHT = 8
"""Tokens that a run should read for each number in the matrices of a model, for that model to be worth its time."""

MANY_EPOCHS = 30
"""Where a text is read more often than this, a larger model makes more of it whatever the time."""

WEIGHTS_PER_TOKEN = 10
"""Numbers in those matrices for each token of the text, at most."""

SHORT_RUN = 1000
"""Iterations up to which the highest rate is best: 0.01 was at 1,000 of a model 128 wide, 0.007 at 2,600."""

BY_HEART, BY_HEART_SOON = 10.0, 65.8
"""How often a text is read, times the root of a model's numbers for each token of it: from the first on dropout of
0.1 pays for its time, from the second on 0.2: at 65 that cost Sherlock Holmes 0.021 bits per byte, at 66 Tiny
Shakespeare was tried with it alone, and at 120 it is what keeps Alice in Wonderland from being learned by heart."""

LEARNED_BY_HEART = 120.0
"""The same: from here on validation only gets worse, noise or not. A plan ends here, however much time there is."""

TAUGHT = 70.0
"""The same for one model that has all the time: from here on two of them, the second taught by the first, end lower.
At 120 they brought Alice and Sherlock Holmes 0.04 and 0.03 bits per byte, at 65 the latter 0.016; at 29 they cost Tiny
Shakespeare 0.044, and at 66 that was not tried (docs/recipes.md)."""

FEWEST_OF_EACH = 1000
"""Iterations that each of them must have: a shorter one learns nothing from made-up words."""

SHORT_MOMENTUM, SHORTER = 0.9, 2000
"""Muon's, where fewer iterations than the second are expected. At 988 and 1,184 it brought the complete plays 0.022
bits per byte, Don Quijote 0.017 and Tiny Shakespeare 0.006; at 2,529 it cost code 0.013 (docs/recipes.md)."""

EVALUATIONS, MOST_EVALUATIONS = 10, 60
"""How often a planned run is scored: the first as soon as it can afford it, then on more text, then more often."""

SECONDS_PER_EVALUATION = 12.0
"""Of a timed run: an evaluation scores, writes a sample and saves, some tenths of a second in all."""

HEADROOM, HEADROOM_UNMEASURED = 2.0, 20.0
"""How many times the iterations that its pace foretells a timed run is given: the clock is to end it."""

SCORING_SHARE = 0.025
"""Of a timed run's seconds those that may go into scoring it."""

MOST_SCORED = 20
"""Batches of each part that an evaluation scores, at most."""

SCORING = 0.75
"""Iterations that scoring a batch of both parts takes: forward only, but twice."""

MADE_UP_ITERATIONS, MADE_UP_ITERATIONS_SOON = 1500, 1000
"""A shorter run has no time to learn from made-up words; the second where dropout is 0.2. At 700 iterations they
brought Sherlock Holmes nothing, and cost Alice in Wonderland 0.016 bits per byte; at 1,300 they cost Sherlock Holmes
0.008, and brought Alice 0.125; at 3,000 they brought Tiny Shakespeare 0.08 (docs/recipes.md)."""

OFTEN = 8
"""Readings from which made-up words pay without dropout, too: at nine they brought Tiny Shakespeare 0.054."""

PIECES = (TrainedTokenizer.kind, GPT2Tokenizer.kind)
"""Tokenizers that cut rare words, and those alone, into several tokens."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One thing a recipe decided: the name of a setting or "vocab_size", its value, and why in a sentence."""

    name: str
    value: Any
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipePlan:
    """Settings that make an ordinary run, the dataset among them.

    Attributes:
        settings: what to lay over the preset's; what a person gave himself is not in it.
        tokenizer, vocab_size: of that dataset; at most so many tokens, where the text has no more to learn.
        decisions: all that was decided, for people.
    """

    settings: dict[str, Any]
    tokenizer: TokenizerKind
    vocab_size: int
    decisions: tuple[Decision, ...]


def plan(
    recipe: str,
    *,
    text: TextFacts,
    settings: Mapping[str, Any],
    given: Mapping[str, Any],
    minutes: float,
    pace: Pace,
) -> RecipePlan:
    """Decide what `given` does not say; `settings` are the preset's.

    With minutes the run is planned to end at its best then; without, for the iterations of the preset. A shape in
    `given` stays; else the preset's is taken, or with minutes the one that ends best. Takes no time to speak of.
    """
    if recipe != "quick":
        return RecipePlan(settings={}, tokenizer=text.tokenizer, vocab_size=text.vocab_size, decisions=())

    def made_of(models: int) -> _Quick:
        return _Quick(text, dict(settings), dict(given), minutes, pace, models)

    one, two = made_of(given.get("generations", 1)), made_of(2)
    planned, of_two = one.plan(), two.plan()
    is_left_open = "generations" not in given and not is_model(one.config.init_from)
    return of_two if is_left_open and one.learned > TAUGHT and two.expected >= FEWEST_OF_EACH else planned


class _Quick:
    """One plan in the making: each part decides from what was decided before it. Each of its models is as long."""

    def __init__(
        self, text: TextFacts, settings: dict[str, Any], given: dict[str, Any], minutes: float, pace: Pace, models: int
    ) -> None:
        self.text, self.given, self.minutes, self.pace, self.models = text, given, minutes, pace, models
        self.values = settings | given | {"generations": models}
        self.decisions: list[Decision] = []
        self.tokenizer, self.vocab_size = text.tokenizer, text.vocab_size

    def plan(self) -> RecipePlan:
        """Decide everything, in an order in which nothing is needed before it is known."""
        self._vocabulary()
        self._generations()
        self._beginning()
        self._optimizer()
        self._context()
        if self.minutes and not any(name in self.given for name in MODEL):
            self._shape()
        self._fit_context()
        self._batch()
        self._rate()
        self._momentum()
        self._length()
        self._regularization()
        settings = {one.name: one.value for one in self.decisions if one.name != "vocab_size"}
        if "lr_decay_iters" not in self.given:
            settings["lr_decay_iters"] = FOLLOW  # the schedule ends with the run, whatever the preset's length
        return RecipePlan(
            settings=settings,
            tokenizer=self.tokenizer,
            vocab_size=self.vocab_size,
            decisions=tuple(self.decisions),
        )

    def _decide(self, name: str, value: Any, why: str) -> None:
        """Take a value, unless the person gave one."""
        if name not in self.given:
            self.values[name] = value
            self.decisions.append(Decision(name, value, why))

    @property
    def config(self) -> TrainConfig:
        """What is decided so far."""
        return TrainConfig.of(self.values)

    @property
    def seconds(self) -> float:
        """The time to plan for, a model's; 0.0 when iterations are counted instead."""
        return self.minutes * 60 / self.models

    @property
    def train_tokens(self) -> float:
        """Tokens to learn from, about."""
        return self.text.train_bytes / bytes_per_token(self.tokenizer, self.vocab_size)

    def _vocabulary(self) -> None:
        """Choose a vocabulary of the text's own, unless the person chose one with the dataset."""
        if self.text.tokenizer != GPT2Tokenizer.kind or not self.text.can_refit:
            return
        size = vocabulary_size(self.text.train_bytes, self.minutes)
        self.tokenizer, self.vocab_size = TrainedTokenizer.kind, size
        why = (
            f"Learned from this text: of GPT-2’s {self.text.vocab_size:,} tokens most never stand in it, "
            "and scoring them all is most of a small model’s work."
        )
        self.decisions.append(Decision("vocab_size", size, why))
        name = refitted_name(self.text.dataset, size)
        self.values["dataset"] = name
        self.decisions.append(Decision("dataset", name, "The same text, in these tokens."))

    def _generations(self) -> None:
        """Train a model more, where one alone is not what the plan is for."""
        if self.models > 1:
            reason = "One would learn so short a text by heart; another one, taught by the first as well, ends lower."
            self._decide("generations", self.models, reason)

    def _beginning(self) -> None:
        """Let a new model begin able to copy, where it is large enough."""
        if self.config.can_copy and not is_model(self.config.init_from):
            reason = "It begins able to repeat what it has just read, which a small model would not learn in the time."
            self._decide("copy_heads", True, reason)

    def _optimizer(self) -> None:
        """Choose Muon, before iterations are counted: its products make each dearer."""
        self._decide(
            "optimizer", "muon", "It reaches AdamW’s loss in fewer iterations, most of all with a large batch."
        )

    def _context(self) -> None:
        """Take the usual context, to choose a model by."""
        if "gradient_accumulation_steps" not in self.given:
            self.values["gradient_accumulation_steps"] = 1
        self._see(USUAL_CONTEXT)

    def _see(self, tokens: int) -> None:
        """Take a context, no longer than the text that judges, and as many rows as make a batch of the usual tokens."""
        if "block_size" not in self.given:
            self.values["block_size"] = min(self._within_reach(tokens), self._longest_context)
        if "batch_size" not in self.given:
            self.values["batch_size"] = max(1, round(BATCH_TOKENS / self.config.block_size))

    def _within_reach(self, tokens: int) -> int:
        """Return how many of so many tokens a model makes anything of: half where it does not begin able to copy."""
        return tokens if self.config.copy_heads else tokens // 2

    @property
    def _longest_context(self) -> int:
        """Half of the tokens of the text that judges, about: a power of two."""
        tokens = self.text.val_bytes / bytes_per_token(self.tokenizer, self.vocab_size) / 2
        return 1 << max(3, int(math.log2(max(8.0, tokens))))

    def _fit_context(self) -> None:
        """Choose the longest context that the run is long enough to gain by."""
        for tokens, fewest in CONTEXTS:
            self._see(tokens)
            if self._alone >= fewest:
                break
        reason = "Long enough for a few sentences, and quick to compute."
        if self._within_reach(tokens) > self._longest_context:
            reason = "No longer than half of the text that judges."
        elif (tokens, fewest) == CONTEXTS[-1]:
            reason = "In a short run a model learns faster from short stretches, and more of them."
        self._decide("block_size", self.config.block_size, reason)

    def _batch(self) -> None:
        """Choose a batch that keeps the processor busy, but no fewer iterations than learning takes."""
        rows = self.config.batch_size
        if "batch_size" not in self.given:
            if rows > 1 and self._alone < ENOUGH_ITERATIONS:
                rows = self.values["batch_size"] = rows // 2
            while rows > 1 and self._alone < FEWEST_ITERATIONS:
                rows = self.values["batch_size"] = rows // 2
        few = "" if rows * self.config.block_size > BATCH_TOKENS / 2 else ", and no larger, for enough iterations"
        self._decide("batch_size", rows, f"Large products keep the processor busy{few}.")
        self._decide("gradient_accumulation_steps", 1, "The batch is computed in one go.")
        self._decide("sampling", "epochs", "All of the text is read as often; at random some of it is read seldom.")

    def _shape(self) -> None:
        """Choose the largest model that is trained well when the time is over, and cannot learn the text by heart."""
        best = LADDER[0]
        time = f"{_span(self.minutes)} here" + ("" if self.pace.is_measured else ", by a guess at this machine’s speed")
        reason = f"The smallest model: a larger one would learn too little in {time}."
        for layers, heads, width in LADDER:
            self.values |= {"n_layer": layers, "n_head": heads, "n_embd": width}
            config = self.config
            tokens = self._possible * self.models * config.tokens_per_iter
            weights = 12 * layers * width**2
            enough = tokens >= TOKENS_PER_WEIGHT * weights or tokens >= MANY_EPOCHS * self.train_tokens
            if enough and weights > WEIGHTS_PER_TOKEN * self.train_tokens:
                reason = "No larger model for so short a text: it would learn it by heart."
            elif enough:
                best, reason = (layers, heads, width), f"The largest model that learns enough in {time}."
        for name, value in zip(MODEL, best, strict=True):
            self._decide(name, value, reason)

    def _rate(self) -> None:
        """Choose a rate that falls in a straight line to nothing."""
        high = 1e-2 if self.values.get("optimizer") == "muon" else 2e-3
        high *= min(1.0, math.sqrt(128 / self.config.n_embd)) * _patience(self.expected)
        self._decide("learning_rate", round(high, 5), "As high as a run of this length and a model of this width bear.")
        self._decide("min_lr", 0.0, "Falling to nothing ends lowest when the end is known.")
        self._decide("decay_form", "linear", "A straight line uses the whole run, and ends small.")

    def _momentum(self) -> None:
        """Choose how long Muon remembers which way it went."""
        if self.config.optimizer == "muon" and self.expected < SHORTER:
            self._decide("momentum", SHORT_MOMENTUM, "A short run does better to forget sooner which way it went.")

    def _length(self) -> None:
        """Choose iterations for the time and the text, and what follows from their number."""
        headroom = HEADROOM if self.pace.is_measured else HEADROOM_UNMEASURED
        if self._useful <= self._possible:
            reason = "As often as it pays to read a text of this length: more would only learn it by heart."
            self._decide("max_iters", self.models * self._useful, reason)
        elif self.seconds:
            reason = (
                "More than this machine is expected to make: the clock ends the run, the rate has come down by then."
            )
            most = min(self._useful, max(20, math.ceil(self._possible * headroom)))
            self._decide("max_iters", self.models * most, reason)
        if "lr_decay_iters" not in self.given:
            self.values["lr_decay_iters"] = FOLLOW
        self._decide("warmup_iters", max(1, min(100, self.expected // 16)), "A short run warms up shortly.")
        self._scoring(self.expected)

    @property
    def expected(self) -> int:
        """The iterations that a model is expected to make."""
        return min(self._possible, self._asked if "max_iters" in self.given else self._useful)

    @property
    def _alone(self) -> int:
        """The iterations that one model would make in all the time. Its shape, context and batch are those of each."""
        return min(self._possible * self.models, self.config.max_iters if "max_iters" in self.given else self._useful)

    @property
    def _asked(self) -> int:
        """A model's share of the iterations of the settings."""
        return self.config.max_iters // self.models

    @property
    def _possible(self) -> int:
        """The iterations that there is time for, or that were asked for."""
        if not self.seconds:
            return self._asked
        return int(self.seconds / self.pace.seconds_per_iter(self.config, self.vocab_size))

    @property
    def _useful(self) -> int:
        """The iterations after which the text is learned by heart."""
        tokens = LEARNED_BY_HEART / self._appetite * self.train_tokens
        return min(MOST_ITERS, max(20, round(tokens / self.config.tokens_per_iter)))

    @property
    def _appetite(self) -> float:
        """How much of the text a model learns by heart with each reading: the root of its numbers for each token."""
        return math.sqrt(12 * self.config.n_layer * self.config.n_embd**2 / max(1.0, self.train_tokens))

    @property
    def _epochs(self) -> float:
        """How often a model reads the text."""
        return self.expected * self.config.tokens_per_iter / max(1.0, self.train_tokens)

    @property
    def learned(self) -> float:
        """How much of the text a model learns by heart: readings, each times the appetite."""
        return self._epochs * self._appetite

    def _scoring(self, iterations: int) -> None:
        """Choose how often the run is scored, and on how much text, so that it takes little of its time."""
        affordable = max(1.0, iterations * SCORING_SHARE / SCORING)
        batches = max(1, min(MOST_SCORED, int(affordable / EVALUATIONS)))
        often = self.seconds / SECONDS_PER_EVALUATION if self.seconds else MOST_EVALUATIONS
        looks = max(2, min(MOST_EVALUATIONS, int(affordable / batches), int(often)))
        self._decide("eval_interval", max(1, iterations // looks), f"About {looks} looks at how far it is.")
        self._decide("eval_iters", batches, "As much text as can be scored in little of the time.")

    def _regularization(self) -> None:
        """Dropout where the text is read many times by a model that could learn it by heart."""
        epochs, learned = self._epochs, self.learned
        soon = learned > BY_HEART_SOON
        dropout = 0.2 if soon else 0.1 if learned > BY_HEART else 0.0
        times = f"about {epochs:,.0f} times" if epochs >= 1.5 else "about once" if epochs >= 0.5 else "in part"
        noise = "noise keeps the model from learning it by heart."
        seldom = "too seldom for a model of this size to learn it by heart."
        self._decide("dropout", dropout, f"The text is read {times}: {noise if dropout else seldom}")
        if self.config.dropout:
            self._decide("dropout_at", "layers", "Small models learn much faster from whole tokens.")
        enough = self.expected >= (MADE_UP_ITERATIONS_SOON if soon else MADE_UP_ITERATIONS)
        if (self.config.dropout or epochs >= OFTEN) and enough and self.tokenizer in PIECES and self.text.two_cases:
            reason = "It meets names as new as those it will be judged on, and learns to repeat what it has just read."
            self._decide("made_up_words", True, reason)
        reason = (
            "Twice the guide’s: it, too, keeps the model from learning by heart." if dropout else "As in the guide."
        )
        self._decide("weight_decay", 0.2 if dropout else 0.1, reason)


def _patience(iterations: int) -> float:
    """Return the share of the rate of a short run that suits so many iterations: less, the longer it lasts."""
    return min(1.0, (SHORT_RUN / iterations) ** (1 / 3)) if iterations else 1.0


def _span(minutes: float) -> str:
    return f"{minutes:g} {'minute' if minutes == 1 else 'minutes'}"
