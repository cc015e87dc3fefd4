"""All that makes a run, beside the sentence that sets it up: memory by part, recipe, presets, settings."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from engine.core.init_from import is_model
from engine.planning.own_presets import AUTOMATIC
from gui.kit import formats
from gui.kit.flow import flow
from gui.kit.parts import button, column, label
from gui.kit.scroll_bars import quiet
from gui.kit.style import role, wide
from gui.kit.theme import Size, Space
from gui.train.form import Form
from gui.train.form_state import FormState
from gui.train.planner import Planner
from gui.train.preflight import Preflight
from gui.train.presets_pane import PresetsPane
from gui.train.recipe_pane import RecipePane
from gui.train.start_from import StartFrom

_OF_A_RUN = "These are a run’s own settings. Choose a preset to leave them."
_OF_A_MODEL = "A model that was trained before goes on with settings of its own. Only the time can end it sooner."


class Details(QScrollArea):
    """A column that scrolls; its parts tell what a person changed in them.

    Attributes:
        preflight, recipe, start_from, presets, form: its parts, from top to bottom.
        reset_all: the button that takes back what was typed.
    """

    def __init__(self, state: FormState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.setObjectName("setup_scroll")
        self.setAccessibleName("What to train, in detail")
        self.preflight = Preflight()
        self.recipe = RecipePane()
        self.presets = PresetsPane(state)
        self.start_from = StartFrom(state)
        self._changes = label(kind="caption")
        self.reset_all = button("reset_all", "Reset All", lambda: None, "plain", says="Reset all settings")
        self.form = Form(state)
        self.recipe.change_asked.connect(self.form.edit)
        self.form.opened.connect(lambda shown: QTimer.singleShot(0, shown, lambda: self._reveal(shown)))
        self.setWidget(self._lay_out())
        quiet(self)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        wide(self, "sidebar")

    def _lay_out(self) -> QWidget:
        self._content = role(QWidget(), "clear")
        page = self._page = column(self._content, margin=Space.L, spacing=Space.S)
        for part in (self.preflight, self.recipe, self.start_from):
            page.addWidget(part)
            page.addSpacing(Space.S)
        page.addLayout(flow(label("Settings", "strong"), None, self._changes, self.reset_all))
        page.addWidget(self.presets)
        page.addWidget(self.form)
        page.addStretch()
        # what stands at the right keeps its edge, scroll bar or not
        self.verticalScrollBar().rangeChanged.connect(
            lambda _, last: page.setContentsMargins(
                Space.L, Space.L, Space.L - (Size.SCROLLBAR if last else 0), Space.L
            )
        )
        return self._content

    def show_state(self, planner: Planner, *, editable: bool) -> None:
        """Show what was decided, chosen and typed; what is not `editable` can only be read."""
        state, changed = self._state, len(self._state.changed)
        note = "" if state.preset else _OF_A_MODEL if is_model(state.start_from) else _OF_A_RUN
        decisions = state.planned.decisions if state.planned else ()
        choice = state.preset not in ("", AUTOMATIC)
        self.recipe.show_decisions(decisions, note, editable=editable, choice=choice)
        self.presets.show_state()
        self.presets.setEnabled(editable)
        self.start_from.show_state(planner.text)
        self.start_from.setEnabled(editable)
        self._changes.setText(formats.plural(changed, "change") if changed else "")
        self.reset_all.setVisible(bool(changed))
        self.reset_all.setEnabled(editable)
        self.form.set_editable(editable)

    def _reveal(self, shown: QWidget) -> None:
        """Scroll so that a part of the form is in sight, from its top when it is long."""
        bar, view = self.verticalScrollBar(), self.viewport().height()
        self._page.activate()
        top = shown.mapTo(self._content, QPoint(0, 0)).y() - Space.S
        bottom = top + shown.height() + 2 * Space.S
        if bottom > bar.value() + view:
            bar.setValue(min(top, bottom - view))
        if top < bar.value():
            bar.setValue(top)
