"""The left side of the Train tab: what to train, and the one button that starts it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import QBoxLayout, QFrame, QScrollArea, QWidget

from engine.core.config import TrainConfig
from engine.core.errors import SettingError
from engine.core.init_from import is_model
from engine.core.kinds import DeviceKind
from engine.machine.hardware import machine
from engine.planning.calibration import Measurement
from engine.planning.own_presets import AUTOMATIC
from engine.planning.pace import Pace
from engine.planning.presets import presets
from gui.kit import formats, preferences
from gui.kit.parts import ANY_SIZE, Elided, button, column, hairline, label, row
from gui.kit.scroll_bars import quiet
from gui.kit.style import role
from gui.kit.theme import Size, Space
from gui.train.form import ElidedCombo, Form
from gui.train.form_state import FormState
from gui.train.plan import TextChoice, fitting_batch, guide_text, texts, unknown_text
from gui.train.planner import Cards, Planner, automatic, cards
from gui.train.preflight import Preflight
from gui.train.presets_pane import PresetsPane
from gui.train.recipe_pane import RECIPES, RecipePane
from gui.train.setup_line import setup_line
from gui.train.start_buttons import StartButtons
from gui.train.start_from import StartFrom
from gui.train.state import View

_OF_A_RUN = "These are a run’s own settings. Choose a preset to leave them."
_OF_A_MODEL = "A model that was trained before goes on with settings of its own. Only the time can end it sooner."


class SetupPane(QWidget):
    """Preset, text, settings, and what they mean; Train, or Pause and Stop beside one line while a run is on.

    Attributes:
        is_folded: whether it is that line.

    Signals:
        start_requested(), pause_requested(), stop_requested(): a button was pressed.
        config_changed(): what would be trained is another.
        help_asked(key): the help book should say more of a setting.
        folded(): it is a line now, or the form again.
    """

    start_requested = Signal()
    pause_requested = Signal()
    stop_requested = Signal()
    config_changed = Signal()
    help_asked = Signal(str)
    folded = Signal()

    def __init__(self, device: DeviceKind, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        role(self, "sidebar")
        self.setFixedWidth(Size.SIDEBAR)
        self.state = FormState(preferences.run_settings)
        self._pace = Pace(device=device)
        self._texts: list[TextChoice] = []
        self._wanted = ""  # the preset that a person chose, as long as he did not leave it to us
        self._offered: tuple[object, ...] = ()
        self._can_start = True
        self.is_folded = False
        self._known_cards: tuple[object, Cards] | None = None
        self._presets = PresetsPane(self.state)
        self._presets.chosen.connect(self._choose_preset)
        self._presets.changed.connect(self._rename_preset)
        self._recipe = RecipePane()
        self._recipe.changed.connect(self._change_recipe)
        self._text = ElidedCombo()
        self._text.setObjectName("dataset_picker")
        self._text.setAccessibleName("Text to learn from")
        self._text.activated.connect(self._choose_text)
        self._text_detail = label(kind="caption")
        self.start_from = StartFrom(self.state)
        self.start_from.changed.connect(self._change_start)
        self._changes = label(kind="caption")
        self._reset_all = button("reset_all", "Reset All", self._reset, "plain", says="Reset all settings")
        self._form = Form(self.state)
        self._form.edited.connect(self._edited)
        self._form.help_asked.connect(self.help_asked)
        self._recipe.change_asked.connect(self._form.edit)
        self._form.opened.connect(lambda shown: QTimer.singleShot(0, shown, lambda: self._reveal(shown)))
        self._preflight = Preflight()
        self._preflight.fit_asked.connect(self._fit)
        self._buttons = StartButtons()
        self._buttons.start_requested.connect(self.start_requested)
        self._buttons.pause_requested.connect(self.pause_requested)
        self._buttons.stop_requested.connect(self.stop_requested)
        self._scroll = self._make_scroll()
        self._line = Elided()
        self._line.setObjectName("setup_line")
        self._line.hide()
        self._unfold = button("setup_unfold", "Show Settings", lambda: self._fold(not self.is_folded), "plain")
        self._unfold.hide()
        self._hairline = hairline()
        layout = column(self, spacing=0)
        layout.addWidget(self._scroll, 1)
        layout.addWidget(self._hairline)
        layout.addWidget(self._make_foot())
        self.refresh_texts()

    def _make_scroll(self) -> QScrollArea:
        self._content = role(QWidget(), "clear")
        page = self._page = column(self._content, margin=Space.L, spacing=Space.S)
        page.addWidget(self._recipe)
        page.addSpacing(Space.S)
        page.addWidget(self._presets)
        page.addSpacing(Space.S)
        self._text_title = label("Text", "strong")
        page.addLayout(row(self._text_title, None, self._text_detail))
        page.addWidget(self._text)
        page.addSpacing(Space.S)
        page.addWidget(self.start_from)
        page.addSpacing(Space.S)
        page.addLayout(row(label("Settings", "strong"), None, self._changes, self._reset_all))
        page.addWidget(self._form)
        page.addStretch()
        scroll = quiet(QScrollArea())
        scroll.setObjectName("setup_scroll")
        scroll.setAccessibleName("What to train")
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self._content)
        # the cards keep their right edge in line with the button below, scroll bar or not
        scroll.verticalScrollBar().rangeChanged.connect(
            lambda _, last: page.setContentsMargins(
                Space.L, Space.L, Space.L - (Size.SCROLLBAR if last else 0), Space.L
            )
        )
        return scroll

    def _make_foot(self) -> QWidget:
        foot = role(QWidget(), "clear")
        layout = self._foot = column(foot, margin=Space.L, spacing=Space.S)
        layout.addWidget(self._line, 1)
        layout.addWidget(self._unfold, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self._preflight)
        layout.addSpacing(Space.XS)
        layout.addWidget(self._buttons)
        return foot

    # what others ask

    @property
    def preset(self) -> str:
        """The chosen preset, AUTOMATIC when the recipe chooses the model, empty when the settings are a run's own."""
        return self.state.preset

    def choose_preset(self, name: str) -> None:
        """Take a preset's settings, or leave the model to the recipe."""
        self._choose_preset(name)

    def choose_recipe(self, name: str, minutes: float = 0.0) -> None:
        """Take a recipe, and the time there is (0.0: no limit)."""
        self._recipe.choose(name, minutes)
        self._change_recipe()

    def choose_text(self, name: str) -> None:
        """Take a text to learn from."""
        self.state.dataset = name
        self.refresh_texts()
        self.config_changed.emit()

    def change(self, changes: Mapping[str, Any]) -> None:
        """Change some settings, as an advice's button does, and show where."""
        self.state.change(changes)
        self.refresh_texts()
        self.config_changed.emit()
        self._form.reveal(changes)

    def show_config(self, config: TrainConfig) -> None:
        """Show the settings of a run."""
        self.start_from.forget()
        self.state.base_on(config)
        self._wanted = self.state.preset
        self._recipe.choose(*self.state.recipe)
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
            self._form.show_problems()
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
        self._text.clear()
        for one in self._texts:
            self._text.addItem(one.title, one.name)
        self._text.setCurrentIndex(self._text.findData(self.state.dataset))
        self._think()

    def show_view(self, view: View) -> None:
        """Offer what can be done now; nothing is touched that stays as it is."""
        offered = (view.can_start, view.can_pause, view.can_stop, view.pause_label, bool(view.generate_from))
        if offered == self._offered:
            return
        self._offered = offered
        self._presets.setEnabled(view.can_start)
        self._can_start = view.can_start
        self._show_recipe()
        for part in (self._text_title, self._text_detail, self._text):
            part.setEnabled(view.can_start)
        self.start_from.setEnabled(view.can_start)
        self._reset_all.setEnabled(view.can_start)
        self._form.set_editable(view.can_start)
        self._buttons.show_view(view)
        self._unfold.setVisible(not view.can_start)
        self._fold(not view.can_start)

    def _fold(self, folded: bool) -> None:
        """Give way to a run: be one line with its buttons, as wide as there is room; or the whole form again."""
        self.is_folded = folded
        self._unfold.setText("Show Settings" if folded else "Hide Settings")
        self._unfold.setAccessibleName(self._unfold.text())
        for part in (self._scroll, self._hairline, self._preflight):
            part.setVisible(not folded)
        self._line.setVisible(folded)
        self._foot.setDirection(QBoxLayout.Direction.LeftToRight if folded else QBoxLayout.Direction.TopToBottom)
        above = Space.S if folded else Space.L
        self._foot.setContentsMargins(Space.L, above, Space.L, above)
        self.setMinimumWidth(0 if folded else Size.SIDEBAR)
        self.setMaximumWidth(ANY_SIZE if folded else Size.SIDEBAR)
        self.folded.emit()

    def focus_start(self) -> None:
        """Return the focus to the button that begins."""
        self._buttons.focus_start()

    # what happens here

    @property
    def _chosen_text(self) -> TextChoice:
        return next(one for one in self._texts if one.name == self.state.dataset)

    @property
    def _planner(self) -> Planner:
        return Planner.of(self._chosen_text, self._recipe.recipe, self._recipe.minutes, self._pace)

    def _fit(self) -> None:
        """Take the largest batch that fits, with the same tokens per update."""
        text = self._planner.text_of(self.state.planned)
        self.change(fitting_batch(self.state.config(), text, machine(), self._pace.device))

    def _choose_preset(self, name: str) -> None:
        self._wanted = "" if name == AUTOMATIC else name
        if name == AUTOMATIC and not self._recipe.minutes:
            self._recipe.choose("quick", self._recipe.offered)
        self.state.base_on_preset(name)
        self._edited()

    def _rename_preset(self) -> None:
        """Heed that a preset has another name, or is gone."""
        if self._wanted:
            self._wanted = self.state.preset
        self._edited()

    def _change_recipe(self) -> None:
        """Take another recipe or time; a run's own settings are left for another recipe, and only bounded anew else."""
        if is_model(self.state.start_from):
            self.state.bound(self._recipe.limit)
        elif not self.state.preset and self._recipe.recipe != self.state.recipe[0]:
            self.state.base_on_preset(next(iter(presets())))
        elif not self.state.preset:
            self.state.bound(self._recipe.minutes)
        self._edited()

    def _change_start(self) -> None:
        """Heed another beginning: a model is given the time that is shown."""
        if is_model(self.state.start_from):
            self.state.bound(self._recipe.limit)
        self._edited()

    def _choose_text(self, index: int) -> None:
        self.state.dataset = self._text.itemData(index)
        self._edited()

    def _reset(self) -> None:
        self.state.reset()
        self._edited()

    def _edited(self) -> None:
        """Heed that something is another."""
        if self._text.currentData() == self.state.dataset:
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
        self._form.show_state()
        self._show_recipe()
        self._show_plans(planner, shown)

    def _cards(self, planner: Planner) -> Cards:
        """Return what the presets mean; thought over anew only when something is another."""
        known = self.state.presets if planner.recipe == "guide" else {AUTOMATIC: automatic(), **self.state.presets}
        asked = (planner, self._recipe.offered, known)
        if self._known_cards is None or self._known_cards[0] != asked:
            self._known_cards = (asked, cards(planner, self._recipe.offered, known))
        return self._known_cards[1]

    def _preset_for(self, planner: Planner, shown: Cards) -> str:
        """Return the preset that a person chose; else the recipe's choice where it has a time, or the recommended."""
        if self._wanted in self.state.presets:
            return self._wanted
        if planner.minutes:
            return AUTOMATIC
        typed_over = self.state.changed and self.state.preset != AUTOMATIC
        return self.state.preset if typed_over else shown.usual.preset

    def _show_recipe(self) -> None:
        trained = is_model(self.state.start_from)
        note = "" if self.state.preset else _OF_A_MODEL if trained else _OF_A_RUN
        decisions = self.state.planned.decisions if self.state.planned else ()
        self._recipe.show_decisions(decisions, note, editable=self._can_start, trained=trained)

    def _show_plans(self, planner: Planner, shown: Cards) -> None:
        """Show what the settings mean; while one of them is wrong, what was last right stays."""
        self._text_detail.setText(planner.text.detail)
        self.start_from.show_state(planner.text)
        self._presets.show_plans(shown)
        changed = len(self.state.changed)
        self._changes.setText(formats.plural(changed, "change") if changed else "")
        self._reset_all.setVisible(bool(changed))
        if problems := self.state.problems():
            words = f"{formats.plural(len(problems), 'setting')} to correct: {', '.join(problems)}"
            self._preflight.show_problems(words)
            return
        config, planned = self.state.config(), self.state.planned
        of_guide = planner.recipe == "guide" and bool(self.state.preset)
        guide = guide_text(self.state.presets[self.state.preset]) if of_guide and not changed else ""
        fitting = fitting_batch(config, planner.text_of(planned), machine(), self._pace.device)
        plan = planner.plan(config, planned)
        preset = self.state.presets.get(self.state.preset)
        model = preset.label if preset else RECIPES["quick"][0] if self.state.preset else ""
        self._line.tell(setup_line(planner.text.title, model, config.minutes, plan.parameters.total))
        self._preflight.show_plan(plan, fitting, guide if of_guide else None)

    def _reveal(self, shown: QWidget) -> None:
        """Scroll so that a part of the form is in sight, from its top when it is long."""
        bar, view = self._scroll.verticalScrollBar(), self._scroll.viewport().height()
        self._page.activate()
        top = shown.mapTo(self._content, QPoint(0, 0)).y() - Space.S
        bottom = top + shown.height() + 2 * Space.S
        if bottom > bar.value() + view:
            bar.setValue(min(top, bottom - view))
        if top < bar.value():
            bar.setValue(top)
