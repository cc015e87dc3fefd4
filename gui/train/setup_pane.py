"""What to train, as a sentence over the run, with all its details beside it, and the one button that starts it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, assert_never

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QWidget

from engine.core.config import TrainConfig
from engine.core.errors import SettingError
from engine.core.init_from import is_model
from engine.core.kinds import DeviceKind
from engine.datasets.dataset import refitted_from
from engine.machine.hardware import machine
from engine.planning.calibration import Measurement
from engine.planning.own_presets import AUTOMATIC
from engine.planning.pace import Pace
from engine.planning.presets import Preset, presets
from gui.kit import formats, preferences
from gui.kit.parts import column, hairline, row
from gui.kit.run_words import text_title
from gui.kit.style import role
from gui.train.counting import Counting
from gui.train.details import Details
from gui.train.form_state import FormState
from gui.train.outlook import prospect
from gui.train.plan import Plan, TextChoice, fitting_batch, guide_text, texts, unknown_text
from gui.train.planner import Cards, Planner, automatic, cards
from gui.train.setup_head import SetupHead
from gui.train.setup_line import setup_line
from gui.train.start_from import StartFrom
from gui.train.state import Phase, View
from gui.train.way_out import LIMIT_MINUTES, WayOut, another_text, correction, way_out

_CLOCK_MS = 15_000  # "done at 14:32" stays true


class SetupPane(QWidget):
    """A sentence with Train at its end, and what will come of it; one line with Pause and Stop while a run is on.

    Below stands whatever is shown of a run, and beside that the details, if they are asked for.

    Attributes:
        head: the sentence, the line and the buttons.
        state: what is chosen and typed.

    Signals:
        start_requested(), pause_requested(), stop_requested(): a button was pressed.
        config_changed(): what would be trained is another.
        help_asked(key): the help book should say more of a setting.
        own_text_asked(): a person wants to bring a text to learn from.
    """

    start_requested = Signal()
    pause_requested = Signal()
    stop_requested = Signal()
    config_changed = Signal()
    help_asked = Signal(str)
    own_text_asked = Signal()

    def __init__(self, device: DeviceKind, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.state = FormState(preferences.run_settings)
        self._pace = Pace(device=device)
        self._texts: list[TextChoice] = []
        self._wanted = ""  # the preset that a person chose, as long as he did not leave it to us
        self._chosen_before: Callable[[], None] | None = None  # brings back what a run's settings stand in for
        self._offered: tuple[object, ...] = ()
        self._known_cards: tuple[object, Cards] | None = None
        self._plan: Plan | None = None
        self._way_out: WayOut | None = None
        self._counting = Counting(self)
        self._counting.counted.connect(self._think)
        head = self.head = SetupHead()
        head.text.chosen.connect(self._choose_text)
        head.text.own_text_asked.connect(self.own_text_asked)
        head.preset.chosen.connect(self.choose_preset)
        head.time.chosen.connect(self._change_time)
        head.way_out_taken.connect(self._take_way_out)
        head.buttons.start_requested.connect(self.start_requested)
        head.buttons.pause_requested.connect(self.pause_requested)
        head.buttons.stop_requested.connect(self.stop_requested)
        self._details = self._make_details()
        self._clock = QTimer(self, interval=_CLOCK_MS)
        self._clock.timeout.connect(self._show_prospect)
        self._take_recipe(self._details.recipe.recipe)
        self._lay_out()
        self.refresh_texts()

    def _make_details(self) -> Details:
        made = Details(self.state)
        made.recipe.changed.connect(self._change_recipe)
        made.presets.chosen.connect(self.choose_preset)
        made.presets.changed.connect(self._rename_preset)
        made.start_from.changed.connect(self._change_start)
        made.reset_all.clicked.connect(self._reset)
        made.form.edited.connect(self._edited)
        made.form.help_asked.connect(self.help_asked)
        made.preflight.fit_asked.connect(self._fit)
        return made

    def _lay_out(self) -> None:
        rule = role(QFrame(), "rule")
        self._below = row(self._details, rule, spacing=0)
        for part in (self._details, rule):
            part.setVisible(self.head.shows_details)
            self.head.details_asked.connect(part.setVisible)
        layout = column(self, spacing=0)
        layout.addWidget(self.head)
        layout.addWidget(hairline())
        layout.addLayout(self._below, 1)

    def stand_over(self, shown: QWidget) -> None:
        """Take what is shown of a run: it has the room below, but for the details."""
        self._below.addWidget(shown, 1)

    # what others ask

    @property
    def start_from(self) -> StartFrom:
        """The choice of a beginning."""
        return self._details.start_from

    @property
    def preset(self) -> str:
        """The chosen preset, AUTOMATIC when the recipe chooses the model, empty when the settings are a run's own."""
        return self.state.preset

    def choose_preset(self, name: str) -> None:
        """Take a preset's settings: the guide's exactly, one's own, or what quick makes of the time."""
        self._wanted = "" if name == AUTOMATIC else name
        recipe = "quick" if name == AUTOMATIC else "guide" if name in presets() else self._details.recipe.recipe
        if recipe != self._details.recipe.recipe or name == AUTOMATIC:
            self._take_recipe(recipe)
            preferences.keep_recipe(recipe)
        self.state.base_on_preset(name)
        self._edited()

    def choose_recipe(self, name: str, minutes: float = 0.0) -> None:
        """Take a recipe, and the time there is (0.0: what it usually has)."""
        self._details.recipe.choose(name)
        self._change_recipe()
        if minutes:
            self.head.time.show_limit(minutes)
            self._change_time()

    def choose_text(self, name: str) -> None:
        """Take a text to learn from."""
        self.state.dataset = name
        self.refresh_texts()
        self.config_changed.emit()

    def change(self, changes: Mapping[str, Any]) -> None:
        """Change some settings, as an advice's button does, and show where if the details are in sight."""
        self._chosen_before = None
        self.state.change(changes)
        self.refresh_texts()
        self.config_changed.emit()
        if self.head.shows_details:
            self._details.form.reveal(changes)

    def show_resumed(self, config: TrainConfig) -> None:
        """Show the settings of a run that goes on; those of a quick one only until it ends.

        A person knows of it the text and the time he chose, not what was planned of them.
        """
        before = self._chosen_before or self._chosen_now()
        self.show_config(config)
        self._chosen_before = before if config.recipe == "quick" else None

    def _chosen_now(self) -> Callable[[], None]:
        """Return what brings back the choices of now."""
        wanted, recipe, limit = self._wanted, self._details.recipe.recipe, self.head.time.limit
        offered, bring_back = self.head.time.offered, self.state.keep()

        def choose() -> None:
            self._wanted = wanted
            bring_back()
            self._details.recipe.choose(recipe)
            for minutes in (offered, limit):  # a time stays offered where there is no limit
                self.head.time.show_limit(minutes)
            self.refresh_texts()

        return choose

    def _bring_back(self, *, ended: bool) -> None:
        """Show again what was chosen before a run went on; one that failed is mended by its own settings."""
        before, self._chosen_before = self._chosen_before, None
        if before and ended:
            before()

    def show_config(self, config: TrainConfig) -> None:
        """Show the settings of a run."""
        self._chosen_before = None
        self.start_from.forget()
        self.state.base_on(config)
        self._wanted = self.state.preset
        recipe, minutes = self.state.recipe
        self._details.recipe.choose(recipe)
        self.head.time.show_limit(minutes)
        self.refresh_texts()
        self.config_changed.emit()

    def refresh_usual(self) -> None:
        """Take the settings that a person chose for all runs anew."""
        self.state.refresh_usual()
        self._edited()

    def config(self) -> TrainConfig:
        """Return what is to be trained; raises SettingError, with each problem shown at its field."""
        try:
            return self.state.config()
        except SettingError:
            self.head.open_details()
            self._details.form.show_problems()
            raise

    @property
    def pace(self) -> Pace:
        """How fast this machine is, as far as that is known."""
        return self._pace

    def use_device(self, device: DeviceKind, rate: float = 0.0) -> None:
        """Take note of where training will run, and how fast its products are, once that is known."""
        self._use(replace(self._pace, device=device, rate=rate))

    def use_measurements(self, measured: Sequence[Measurement]) -> None:
        """Take note of how fast this machine was so far."""
        self._use(replace(self._pace, measured=tuple(measured)))

    def _use(self, pace: Pace) -> None:
        if pace != self._pace:
            self._pace = pace
            self._edited()

    @property
    def knows_time(self) -> bool:
        """Whether it can be told how long training will take."""
        return self._pace.is_measured

    def refresh_texts(self) -> None:
        """Look anew which texts there are."""
        self._texts = texts()
        if all(one.name != self.state.dataset for one in self._texts):
            self._texts.append(unknown_text(self.state.dataset))
        self.head.text.show_texts(self._texts, self.state.dataset)
        self._think()

    def show_view(self, view: View) -> None:
        """Offer what can be done now; nothing is touched that stays as it is."""
        offered = (view.phase, view.can_start, view.can_pause, view.can_stop, view.pause_label, view.generate_from)
        if offered != self._offered:
            could, self._offered = self.head.can_start, offered
            self.head.show_view(view)
            if could is not self.head.can_start:
                self._think()
                if self.head.can_start:
                    self._bring_back(ended=view.phase is not Phase.FAILED)

    def focus_start(self) -> None:
        """Return the focus to the button that begins."""
        self.head.buttons.focus_start()

    # what happens here

    @property
    def _chosen_text(self) -> TextChoice:
        return next(one for one in self._texts if one.name == self.state.dataset)

    @property
    def _planner(self) -> Planner:
        text = self._chosen_text
        return Planner.of(text, self._details.recipe.recipe, self.head.time.limit, self._pace, self._counting.of(text))

    def _fit(self) -> None:
        """Take the largest batch that fits, with the same tokens per update."""
        text = self._planner.text_of(self.state.planned)
        self.change(fitting_batch(self.state.config(), text, machine(), self._pace.device))

    def _take_recipe(self, recipe: str) -> None:
        """Show a recipe with its usual end: quick is planned for a time, the guide's runs have their iterations."""
        self._details.recipe.choose(recipe)
        self.head.time.show_limit(self.head.time.offered if recipe == "quick" else 0.0)

    def _rename_preset(self) -> None:
        """Heed that a preset has another name, or is gone."""
        if self._wanted:
            self._wanted = self.state.preset
        self._edited()

    def _change_recipe(self) -> None:
        """Take another recipe, with its usual end; a run's own settings are left for it."""
        self._take_recipe(self._details.recipe.recipe)
        if not self.state.preset and not is_model(self.state.start_from):
            self.state.base_on_preset(next(iter(presets())))
        self._edited()

    def _change_time(self) -> None:
        """Take another time; a run's own settings are only bounded anew."""
        if not self.state.preset:
            self.state.bound(self.head.time.limit)
        self._edited()

    def _change_start(self) -> None:
        """Heed another beginning: a model is given the time that is shown."""
        if is_model(self.state.start_from):
            self.head.time.show_limit(self.head.time.offered)
            self.state.bound(self.head.time.limit)
        else:
            self._take_recipe(self._details.recipe.recipe)
        self._edited()

    def _choose_text(self, name: str) -> None:
        self.state.dataset = name
        self._edited()

    def _reset(self) -> None:
        self.state.reset()
        self._edited()

    def _edited(self) -> None:
        """Heed that something is another."""
        if self.head.text.currentData() == self.state.dataset:
            self._think()
        else:
            self.refresh_texts()
        self.config_changed.emit()

    def _think(self) -> None:
        """Let the recipe decide what is not typed, and show what it all means."""
        planner = self._planner
        shown = self._cards(planner)
        if self.state.preset:
            self.state.decide(self._preset_for(planner, shown), planner)
        self._details.form.show_state()
        self._details.show_state(planner, editable=self.head.can_start)
        self.head.preset.show_presets(self._known)
        self.head.preset.show_plans(shown)
        model = self.start_from.title if is_model(self.state.start_from) else "a run’s settings"
        self.head.preset.choose(self.state.preset, model)
        self._show_plan(planner, shown)

    @property
    def _known(self) -> dict[str, Preset]:
        """All presets to choose from: what leaves the model to the recipe first."""
        return {AUTOMATIC: automatic(), **self.state.presets}

    def _cards(self, planner: Planner) -> Cards:
        """Return what the presets mean; thought over anew only when something is another."""
        known = self._known
        asked = (planner, self.head.time.offered, known)
        if self._known_cards is None or self._known_cards[0] != asked:
            self._known_cards = (asked, cards(planner, self.head.time.offered, known))
        return self._known_cards[1]

    def _preset_for(self, planner: Planner, shown: Cards) -> str:
        """Return the preset that a person chose; else the recipe's choice, or the recommended of the guide's."""
        if self._wanted in self.state.presets:
            return self._wanted
        if planner.recipe == "quick":
            return AUTOMATIC
        typed_over = self.state.changed and self.state.preset != AUTOMATIC
        return self.state.preset if typed_over else shown.usual.preset

    def _show_plan(self, planner: Planner, shown: Cards) -> None:
        """Show what the settings mean; while one of them is wrong, what was last right stays in the details."""
        state = self.state
        if problems := state.problems():
            self._plan, self._way_out = None, correction(problems)
        else:
            config, changed = state.config(), bool(state.changed)
            guided = planner.recipe == "guide" and bool(state.preset)
            guide = guide_text(state.presets[state.preset]) if guided and not changed else ""
            fitting = fitting_batch(config, planner.text_of(state.planned), machine(), self._pace.device)
            plan = self._plan = planner.plan(config, state.planned)
            self._details.preflight.show_plan(plan, fitting, guide if guided else None)
            ends = state.preset != AUTOMATIC
            self.head.time.show_end(f"{formats.whole(config.max_iters)} iterations" if ends else "")
            self._way_out = way_out(
                plan, fitting=bool(fitting), cards=shown, known=self._known, chosen=state.preset, changed=changed
            )
            if planner.facts is None and not Path(state.dataset).exists():
                self._way_out = another_text(planner.text.title)
        self._show_prospect()

    def _show_prospect(self) -> None:
        """Say in a line what will come of it, or what stands in the way."""
        way = self._way_out if self.head.can_start else None
        self.head.show_words(self._words_of(self._plan) if self._plan else "", way)
        if self.head.can_start and way is None:
            self._clock.start()
        else:
            self._clock.stop()

    def _words_of(self, plan: Plan) -> str:
        """Return what is being trained, or what will be."""
        text, changed = self._chosen_text, len(self.state.changed)
        if not self.head.can_start:
            preset = self._known.get(self.state.preset)
            minutes = float(self.state.config().minutes)
            title = text_title(text.name) if refitted_from(text.name) else text.title
            return setup_line(title, preset.label if preset else "", minutes, plan.parameters.total)
        first = text.detail if text.train_tokens is None else ""
        other = f"{formats.plural(changed, 'setting')} changed" if changed else ""
        return " · ".join(filter(None, (prospect(plan, datetime.now()), first, other)))

    def _take_way_out(self) -> None:
        """Do what leads out of a plan that cannot work."""
        way = self._way_out
        if way is None:
            return
        match way.action:
            case "correct":
                self.head.open_details()
                self._details.form.edit(way.name)
            case "text":
                self.head.text.setFocus(Qt.FocusReason.OtherFocusReason)
                self.head.text.showPopup()
            case "fit":
                self._fit()
            case "preset":
                self.choose_preset(way.name)
            case "limit":
                self.head.time.take_minutes(LIMIT_MINUTES)
            case _:
                assert_never(way.action)
