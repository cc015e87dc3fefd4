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
from engine.planning.own_presets import AUTOMATIC, fixed_by
from engine.planning.pace import Pace
from engine.planning.presets import Preset, presets
from engine.planning.recipes import RecipePlan, bytes_per_token
from engine.planning.recommendation import Recommendation, recommend
from engine.planning.text_facts import TextFacts, text_facts
from gui.train.plan import Plan, TextChoice, plan


@cache
def automatic() -> Preset:
    """Return the choice that leaves the model to the recipe, beside the presets; what it falls back on is the smallest.

    It has a shape only under a recipe that is given a time.
    """
    smallest = next(iter(presets().values()))
    words = "Sized for your text and time"
    return Preset(name=AUTOMATIC, label="Automatic", summary=words, settings=smallest.settings, guide={})


@dataclass(frozen=True, slots=True, kw_only=True)
class Planner:
    """Plans runs on one text.

    Attributes:
        text: the text, as it is chosen.
        facts: what a recipe wants to know of it, None where nothing is known.
        recipe: guide or quick.
        minutes: the time there is, 0.0 for no limit.
        pace: how fast this machine is.
    """

    text: TextChoice
    facts: TextFacts | None
    recipe: str
    minutes: float
    pace: Pace

    @classmethod
    def of(cls, text: TextChoice, recipe: str, minutes: float, pace: Pace) -> Planner:
        """Return the planner for a text."""
        facts = None
        with suppress(UnderstudyError):
            facts = text_facts(text.name)
        return cls(text=text, facts=facts, recipe=recipe, minutes=minutes, pace=pace)

    def decide(self, preset: Preset, base: Mapping[str, Any], typed: Mapping[str, Any]) -> RecipePlan | None:
        """Return what the recipe makes of a preset's settings, None where it leaves them alone; what is typed wins."""
        if self.recipe == "guide" or self.facts is None:
            return None
        given = fixed_by(preset) | dict(typed)
        return recipes.plan(
            self.recipe, text=self.facts, settings=base, given=given, minutes=self.minutes, pace=self.pace
        )

    def settings(self, base: Mapping[str, Any], decided: RecipePlan | None) -> dict[str, Any]:
        """Return settings with those laid over them that the recipe decided; the text is left as it was."""
        if decided is None:
            return dict(base)
        chosen = {name: value for name, value in decided.settings.items() if name != "dataset"}
        return TrainConfig.of(base, chosen, {"recipe": self.recipe, "minutes": self.minutes}).as_dict()

    def plan(self, config: TrainConfig, decided: RecipePlan | None) -> Plan:
        """Return what a configuration means on this machine."""
        return plan(config, self.text_of(decided), machine(), self.pace.device, self.pace.measured)

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
    """What is shown of all presets: what each means, which to begin with, and which of the usual ones."""

    plans: dict[str, Plan]
    recommended: Recommendation
    usual: Recommendation

    @property
    def of_guide(self) -> bool:
        """Whether they are the guide's settings, exactly."""
        return AUTOMATIC not in self.plans


def cards(planner: Planner, minutes: float, known: Mapping[str, Preset]) -> Cards:
    """Return what each preset would be trained as; under quick also what the recipe chooses for so many minutes."""
    plans, configs, vocab_size, why = {}, {}, planner.text.vocab_size, ""
    timed = replace(planner, minutes=minutes)
    for name, preset in known.items():
        its = timed if name == AUTOMATIC else planner
        base = preset.config().as_dict()
        decided = its.decide(preset, base, {})
        config = TrainConfig.of(its.settings(base, decided))
        plans[name] = its.plan(config, decided)
        if name in presets():
            configs[name], vocab_size = config, its.text_of(decided).vocab_size
        if name == AUTOMATIC and decided is not None:
            why = next((one.why for one in decided.decisions if one.name == "n_layer"), "")
    pace = planner.pace
    usual = recommend(machine(), pace.device, vocab_size=vocab_size, measured=pace.measured, configs=configs)
    return Cards(plans, Recommendation(AUTOMATIC, why) if why else usual, usual)
