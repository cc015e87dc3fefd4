"""What stands in the form: texts as typed, what is wrong with them, and what differs from the preset. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.core.config import FOLLOW, FOLLOWED, OF_THE_CALL, TrainConfig, explanations, followed_value
from engine.core.errors import DataError, SettingError
from engine.core.init_from import is_model
from engine.core.settings import parse_value, problem_of, setting_fields, setting_types
from engine.datasets.dataset import refitted_from, vocabulary_of
from engine.planning.own_presets import AUTOMATIC, own_presets, save_preset
from engine.planning.presets import Preset, presets
from engine.planning.recipes import RecipePlan
from engine.runs.start_model import starting_settings
from gui.train.planner import Planner, automatic

GROUPS = ("Model", "Training", "Evaluation", "Run", "Machine")
_ELSEWHERE = OF_THE_CALL | {"recipe", "minutes", "dataset"}
_A_NEW_RUN = {"out_dir": "", "init_from": "scratch", "overwrite": False, "eval_only": False}
_SHAPE = ("n_layer", "n_head", "n_embd", "bias")
_OF_A_MODEL = (*_SHAPE, "block_size", "init_from", "learning_rate", "min_lr", "decay_lr")


@dataclass(frozen=True, slots=True)
class Field:
    """One setting in the form: its name, words, kind of value and choices."""

    name: str
    label: str
    group: str
    what: str
    impact: str
    kind: type
    choices: tuple[str, ...]


def form_fields() -> list[Field]:
    """Return the settings that the form shows, in its order."""
    kinds, texts = setting_types(TrainConfig), explanations()
    shown = [name for name in kinds if name not in _ELSEWHERE and texts.get(name, {}).get("group") in GROUPS]
    fields = [Field(name=name, kind=kinds[name], choices=_choices(name), **texts[name]) for name in shown]
    return sorted(fields, key=lambda field: GROUPS.index(field.group))


def _choices(name: str) -> tuple[str, ...]:
    choices: tuple[str, ...] = setting_fields(TrainConfig)[name].metadata["choices"]
    return choices


def shown(value: Any) -> str:
    """Return a setting's value as it stands in the form; a line break is spelled out."""
    if isinstance(value, bool):
        return str(value)
    return f"{value:g}" if isinstance(value, float) else str(value).replace("\n", "\\n")


class FormState:
    """The values of the form over a base (a preset, or a run to resume), as they are typed.

    Attributes:
        preset: the name of the preset that is the base, AUTOMATIC when a recipe chooses the model, empty when it is a
            run's own settings.
        presets: all presets by name.
        planned: what a recipe decided of these settings, None where none did.
    """

    def __init__(self, usual: Callable[[], dict[str, Any]] = dict) -> None:
        """Take `usual`, which gives the person's own values for settings that the presets leave alone."""
        self.preset = self._preset_before = ""
        self._usual = usual
        self.presets: dict[str, Preset] = {}
        self.refresh_presets()
        self._base: dict[str, Any] = {}
        self._typed: dict[str, str] = {}
        self._back: dict[str, Any] = {}  # what a recipe would decide of each of these, were it not typed
        self._dataset = TrainConfig().dataset
        self._refit = ""  # the text that a run's recipe made of another: it goes with the run's settings
        self.planned: RecipePlan | None = None
        self.base_on_preset(next(iter(presets())))

    def refresh_presets(self) -> None:
        """Look anew which presets there are: the guide's, then one's own."""
        self.presets = presets() | {name: one for name, one in own_presets().items() if name not in presets()}
        if self.preset not in (*self.presets, AUTOMATIC):
            self.preset = ""

    def base_on_preset(self, name: str) -> None:
        """Take a preset's values, and forget what was typed."""
        self.preset = name
        self._base = self._settings_of(name)
        self._typed = {}
        self.planned = None
        if origin := refitted_from(self._refit):
            self.dataset = origin[0]

    def _settings_of(self, name: str) -> dict[str, Any]:
        """Return the settings of a preset, and the person's own where it says nothing."""
        chosen = self._preset(name)
        usual = {setting: value for setting, value in self._usual().items() if setting not in chosen.settings}
        return chosen.config(**usual).as_dict()

    def _preset(self, name: str) -> Preset:
        return automatic() if name == AUTOMATIC else self.presets[name]

    def decide(self, name: str, planner: Planner) -> None:
        """Take a preset as the base, and let a recipe decide what is not typed: fields are reset to what it decided."""
        typed = self._typed
        self.base_on_preset(name)
        self._typed = typed
        preset, base, given = self._preset(name), self._base, self._given()
        try:
            self.planned = planner.decide(preset, self._base, given)
        except SettingError:  # what is typed does not go together, which `problems` tells
            self.planned = planner.decide(preset, self._base, {})
        self._base = planner.settings(self._base, self.planned)
        self._back = {}
        for each in typed:
            with suppress(SettingError):
                decided = planner.decide(preset, base, {other: given[other] for other in given if other != each})
                self._back[each] = planner.settings(base, decided)[each]

    @property
    def recipe(self) -> tuple[str, float]:
        """The recipe of the settings, and the minutes that bound the run."""
        return str(self._base["recipe"]), float(self._base["minutes"])

    def bound(self, minutes: float) -> None:
        """Return a run's own settings another time."""
        self._base = TrainConfig.of(self._base).lasting(minutes).as_dict()

    def _given(self) -> dict[str, Any]:
        """Return what was typed, as far as it can be read and is in range."""
        given = {}
        for name, text in self._typed.items():
            with suppress(SettingError):
                value = parse_value(TrainConfig, name, text)
                if not problem_of(TrainConfig, name, value):
                    given[name] = value
        return given

    def refresh_usual(self) -> None:
        """Take the person's own values anew; a run that is resumed or repeated keeps its own."""
        if self.preset:
            self._base |= self._usual()

    def base_on(self, config: TrainConfig) -> None:
        """Take a run's values, but not its folder; the preset is the one they equal, if there is one.

        Another preset that is chosen then learns from the text that the run's recipe refitted, not from the refit.
        """
        self._base = config.as_dict() | _A_NEW_RUN
        if is_model(config.init_from):
            self._base["init_from"] = config.init_from
        self.planned = None
        self._typed = {}
        self._dataset = config.dataset
        self._refit = config.dataset if config.recipe != "guide" and _is_there(config.dataset) else ""
        usual = [field.name for field in form_fields() if field.group != "Machine"]  # a resumed run has its own
        names = [*usual, "recipe", "minutes"]
        same = (n for n, preset in self.presets.items() if _alike(preset.config().as_dict(), self._base, names))
        self.preset = "" if is_model(self.start_from) else next(same, "")

    def keep(self) -> Callable[[], None]:
        """Return what brings back all that is chosen and typed now."""
        now = {name: copy(value) for name, value in vars(self).items() if name != "presets"}

        def bring_back() -> None:
            vars(self).update(now)
            self.refresh_presets()

        return bring_back

    def keep_as_preset(self, name: str) -> Preset:
        """Save the settings as a preset of one's own, base the form on it, and return it.

        Raises SettingError when a setting is wrong or the name cannot be used.
        """
        made = save_preset(name, self.config())
        self.refresh_presets()
        self.base_on_preset(made.name)
        return made

    @property
    def dataset(self) -> str:
        """The text to learn from."""
        return self._dataset

    @dataset.setter
    def dataset(self, name: str) -> None:
        self._dataset = name
        self._refit = ""

    def type(self, name: str, text: str) -> None:
        """Take what stands in a field; a text that means the base's value is no change."""
        if self._means_base(name, text):
            self._typed.pop(name, None)
        else:
            self._typed[name] = text

    def change(self, changes: Mapping[str, Any]) -> None:
        """Take values for several settings at once, as an advice's button gives them."""
        for name, value in changes.items():
            if name == "dataset":
                self.dataset = value
            elif name in self._base:
                self.type(name, shown(value))

    @property
    def start_from(self) -> str:
        """What the weights are at first: "scratch", a GPT-2's name, or the path of a model."""
        return str(self._base["init_from"])

    def begin_with(self, init_from: str, shape: Mapping[str, Any] | None = None) -> None:
        """Take another beginning: a model brings its shape and the rates that suit it; scratch brings the preset back.

        A `shape` that is known already is not read.
        Raises CheckpointError when there is no such model, or it cannot be trained.
        """
        if is_model(init_from):
            # what a recipe decided is for a model from scratch
            usual = self._settings_of(self.preset) if self.preset else self._base
            before = {name: value for name, value in usual.items() if name not in _OF_A_MODEL}
            brings = starting_settings(init_from, {"init_from": init_from}, shape)
            self._base = TrainConfig.of(before, brings).as_dict()
            self.planned = None
            self._preset_before = self.preset or self._preset_before
            self.preset = ""
            self._typed = {name: text for name, text in self._typed.items() if name not in _OF_A_MODEL}
        elif is_model(self.start_from):
            known = (AUTOMATIC, *self.presets)
            self.base_on_preset(self._preset_before if self._preset_before in known else next(iter(presets())))

    def reset(self, name: str = "") -> None:
        """Take back what was typed in one field, or in all."""
        self._typed = {k: v for k, v in self._typed.items() if name and k != name}

    def text(self, name: str) -> str:
        """Return what stands in a field; a follower shows what it follows."""
        if name in self._typed:
            return self._typed[name]
        return shown(self._following(name))

    def base_text(self, name: str) -> str:
        """Return what a field would be reset to."""
        return shown(self._base[name] if self.planned is None else self._back.get(name, self._base[name]))

    @property
    def changed(self) -> tuple[str, ...]:
        """The settings that differ from the base."""
        return tuple(self._typed)

    def config(self) -> TrainConfig:
        """Return the configuration; raises a SettingError that tells all problems at once."""
        dataset = self.planned.settings.get("dataset", self._dataset) if self.planned else self._dataset
        values: dict[str, Any] = dict(self._base, dataset=dataset)
        problems: dict[str, str] = {}
        for name, text in self._typed.items():
            try:
                values[name] = parse_value(TrainConfig, name, text.replace("\\n", "\n") if _is_text(name) else text)
            except SettingError as error:
                problems |= error.problems
        for name in FOLLOWED:
            if name not in self._typed and self._follows(name):
                values[name] = FOLLOW
        try:
            config = TrainConfig.of(values)
        except SettingError as error:
            raise SettingError(str(error), problems=error.problems | problems) from None
        problems |= self._against_model(config)
        if problems:
            raise SettingError(" ".join(problems.values()), problems=problems)
        return config

    def _against_model(self, config: TrainConfig) -> dict[str, str]:
        """Return what cannot be changed of the model that a run starts from."""
        if not is_model(self.start_from):
            return {}
        model = Path(self.start_from).name
        problems = {
            name: f"{name} is {self._base[name]} in {model}, and its weights cannot take another shape."
            for name in _SHAPE
            if getattr(config, name) != self._base[name]
        }
        if config.block_size > self._base["block_size"]:
            problems["block_size"] = f"{model} reads at most {self._base['block_size']} tokens at once."
        return problems

    def problems(self) -> dict[str, str]:
        """Return what is wrong, by setting; empty when training can start."""
        try:
            self.config()
        except SettingError as error:
            return error.problems
        return {}

    def _follows(self, name: str) -> bool:
        """Return whether the base's value is what it would follow, so that it follows what is typed too."""
        return name in TrainConfig.of(self._base).following()

    def _following(self, name: str) -> Any:
        if name in FOLLOWED and self._follows(name):
            source = FOLLOWED[name]
            try:
                value = parse_value(TrainConfig, source, self._typed.get(source, shown(self._base[source])))
            except SettingError:
                return self._base[name]
            return followed_value(name, value)
        return self._base[name]

    def _means_base(self, name: str, text: str) -> bool:
        if _is_text(name):
            return text == shown(self._base[name])
        try:
            return bool(parse_value(TrainConfig, name, text) == self._following(name))
        except SettingError:
            return False


def _alike(one: Mapping[str, Any], other: Mapping[str, Any], names: list[str]) -> bool:
    return all(one[name] == other[name] for name in names)


def _is_there(refit: str) -> bool:
    """Return whether a dataset is the refit of another that can still be had."""
    origin = refitted_from(refit)
    with suppress(DataError):
        return origin is not None and vocabulary_of(origin[0]) > 0
    return False


def _is_text(name: str) -> bool:
    return setting_types(TrainConfig)[name] is str
