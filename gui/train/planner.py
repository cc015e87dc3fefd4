"""What runs are planned with: a text, a recipe, the time there is, and how fast this machine is. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from engine.core.config import TrainConfig
from engine.core.errors import UnderstudyError
from engine.machine.hardware import machine
from engine.planning import recipes
from engine.planning.ngrams import Predictability
from engine.planning.own_presets import AUTOMATIC, fixed_by
from engine.planning.pace import Pace
from engine.planning.presets import Preset, presets
from engine.planning.promise import promise
from engine.planning.recipes import RecipePlan
from engine.planning.recommendation import Recommendation, recommend
from engine.planning.text_facts import TextFacts, text_facts
from engine.planning.vocabulary_size import bytes_per_token
from gui.train.plan import Plan, TextChoice, plan


@cache
def automatic() -> Preset:
    """Return the choice that leaves the model to the recipe, beside the presets; what it falls back on is the smallest.

    It has a shape only under a recipe that is given a time.
    """
    smallest = next(iter(presets().values()))
    words = "Sized for your text and time"
    return Preset(name=AUTOMATIC, label="Quick", summary=words, settings=smallest.settings, guide={})


@dataclass(frozen=True, slots=True, kw_only=True)
class Planner:
    """Plans runs on one text.

    Attributes:
        text: the text, as it is chosen.
        facts: what a recipe wants to know of it, None where nothing is known.
        recipe: guide or quick.
        minutes: the time there is, 0.0 for no limit.
        pace: how fast this machine is.
        counted: how predictable counting finds the text, None where that is not known.
    """

    text: TextChoice
    facts: TextFacts | None
    recipe: str
    minutes: float
    pace: Pace
    counted: Predictability | None = None

    @classmethod
    def of(
        cls, text: TextChoice, recipe: str, minutes: float, pace: Pace, counted: Predictability | None = None
    ) -> Planner:
        """Return the planner for a text."""
        facts = None
        with suppress(UnderstudyError):
            facts = text_facts(text.name)
        return cls(text=text, facts=facts, recipe=recipe, minutes=minutes, pace=pace, counted=counted)

    def decide(self, preset: Preset, base: Mapping[str, Any], typed: Mapping[str, Any]) -> RecipePlan | None:
        """Return what the recipe makes of a preset's settings, None where it leaves them alone; what is typed wins."""
        if self.recipe == "guide" or self.facts is None:
            return None
        given = fixed_by(preset) | dict(typed)
        return recipes.plan(
            self.recipe, text=self.facts, settings=base, given=given, minutes=self.minutes, pace=self.pace
        )

    def settings(self, base: Mapping[str, Any], decided: RecipePlan | None) -> dict[str, Any]:
        """Return settings with the time, and over them what the recipe decided; the text is left as it was."""
        if decided is None:
            return TrainConfig.of(base).lasting(self.minutes).as_dict() if self.minutes else dict(base)
        chosen = {name: value for name, value in decided.settings.items() if name != "dataset"}
        return TrainConfig.of(base, chosen, {"recipe": self.recipe, "minutes": self.minutes}).as_dict()

    def plan(self, config: TrainConfig, decided: RecipePlan | None) -> Plan:
        """Return what a configuration means on this machine."""
        text = self.text_of(decided)
        made = plan(config, text, machine(), self.pace.device, self.pace.measured, self.pace.rate)
        if decided is None or self.facts is None:
            return made
        expected = promise(config, text.vocab_size, self.facts.train_bytes, self.counted, self.pace)
        return replace(made, promise=expected)

    def text_of(self, decided: RecipePlan | None) -> TextChoice:
        """Return the text in the tokens it will be learned in."""
        text = self.text
        if decided is None or decided.vocab_size == text.vocab_size:
            return text
        tokens = text.train_tokens
        if tokens and self.facts:
            usual = bytes_per_token(self.facts.tokenizer, text.vocab_size)
            tokens = round(tokens * usual / bytes_per_token(decided.tokenizer, decided.vocab_size))
        return replace(text, vocab_size=decided.vocab_size, train_tokens=tokens)


@dataclass(frozen=True, slots=True)
class Cards:
    """What is shown of all presets: what each means, which to begin with, and which of the guide's."""

    plans: dict[str, Plan]
    recommended: Recommendation
    usual: Recommendation


def cards(planner: Planner, minutes: float, known: Mapping[str, Preset]) -> Cards:
    """Return what each preset would be trained as.

    The recipe's own choice is quick's for so many minutes, the guide's are exactly the guide's, and a person's own is
    trained as the planner says.
    """
    plans, configs, why = {}, {}, ""
    quick = replace(planner, recipe="quick", minutes=minutes)
    guide = replace(planner, recipe="guide", minutes=0.0)
    for name, preset in known.items():
        its = quick if name == AUTOMATIC else guide if name in presets() else planner
        base = preset.config().as_dict()
        decided = its.decide(preset, base, {})
        config = TrainConfig.of(its.settings(base, decided))
        plans[name] = its.plan(config, decided)
        if name in presets():
            configs[name] = config
        if name == AUTOMATIC and decided is not None:
            why = next((one.why for one in decided.decisions if one.name == "n_layer"), "")
    size, pace = planner.text.vocab_size, planner.pace
    usual = recommend(machine(), pace.device, vocab_size=size, measured=pace.measured, configs=configs)
    return Cards(plans, Recommendation(AUTOMATIC, why) if why else usual, usual)
