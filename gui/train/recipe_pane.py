"""The recipe on the Train tab: Quick or the guide's, the time there is, and all that was decided and why."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QHBoxLayout, QRadioButton, QWidget

from engine.planning.recipes import Decision
from gui.kit import preferences
from gui.kit.icons import pixmap
from gui.kit.number_fields import WholeField
from gui.kit.parts import column, label, row
from gui.kit.style import role
from gui.kit.theme import Size, Space, Type, restyles
from gui.train.decisions import Decisions

RECIPES = {
    "quick": ("Quick", "Fitted to your text and time; readable soonest."),
    "guide": ("Guide", "The guide’s own settings, exactly."),
}
"""What the recipes are called, and what they are for."""

RECOMMENDED = "quick"


class RecipePane(QWidget):
    """Two choices with a sentence each; under Quick the minutes and the decisions.

    Signals:
        changed(): a person chose another recipe, or another time.
        change_asked(name): a person wants to decide a setting himself.
    """

    changed = Signal()
    change_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show what the person chose last; at first what is recommended."""
        super().__init__(parent)
        role(self, "clear")
        self._choices = QButtonGroup(self)
        self._star = label()
        self._buttons = {name: self._make_choice(name) for name in RECIPES}
        self._decisions = Decisions()
        self._decisions.change_asked.connect(self.change_asked)
        self._note = label(kind="caption", wrap=True)
        self._note.setObjectName("recipe_note")
        layout = column(self, spacing=Space.XS)
        self._title = label("Recipe", "strong")
        layout.addWidget(self._title)
        best = label("Recommended", "recommended")
        self._of_choice: list[QWidget] = [best]
        for name, made in self._buttons.items():
            marks = (self._star, best) if name == RECOMMENDED else ()
            layout.addLayout(row(made, *marks, None, spacing=Space.XS))
            words = column(spacing=Space.XS)
            words.setContentsMargins(Size.ICON + Space.S, 0, 0, Space.XS)
            caption = label(RECIPES[name][1], "caption", wrap=True)
            words.addWidget(caption)
            self._of_choice += [made, caption]
            if name == "quick":
                words.addLayout(self._make_time())
            layout.addLayout(words)
        layout.addWidget(self._note)
        layout.addWidget(self._decisions)
        self._show_star()
        name, minutes, limited = preferences.recipe()
        self._minutes.setValue(minutes)
        self._limited.setChecked(limited)
        self._buttons[name].setChecked(True)
        self.show_decisions(())
        self._buttons["quick"].toggled.connect(self._tell)
        self._limited.toggled.connect(self._tell)
        self._minutes.valueChanged.connect(self._tell)

    def _make_choice(self, name: str) -> QRadioButton:
        title, says = RECIPES[name]
        made = QRadioButton(title)
        made.setObjectName(f"recipe_{name}")
        made.setAccessibleName(f"{title} recipe{', recommended' if name == RECOMMENDED else ''}")
        made.setAccessibleDescription(says)
        self._choices.addButton(made)
        return made

    def _make_time(self) -> QHBoxLayout:
        self._limited = QCheckBox("I have")
        self._limited.setObjectName("recipe_limited")
        self._limited.setAccessibleName("Plan for a number of minutes")
        self._minutes = WholeField()
        self._minutes.setObjectName("recipe_minutes")
        self._minutes.setAccessibleName("Minutes there are")
        self._minutes.setRange(1, preferences.MOST_MINUTES)
        self._minutes.setFixedWidth(Size.FIELD)
        self._minutes.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._unit = label("minutes")
        return row(self._limited, self._minutes, self._unit, None, spacing=Space.S)

    @property
    def recipe(self) -> str:
        """The chosen recipe."""
        return "quick" if self._buttons["quick"].isChecked() else "guide"

    @property
    def minutes(self) -> float:
        """The minutes to plan for, 0.0 for no limit."""
        return self.limit if self.recipe == "quick" else 0.0

    @property
    def limit(self) -> float:
        """The minutes after which a run that no recipe plans should end, 0.0 for no limit."""
        return self.offered if self._limited.isChecked() else 0.0

    @property
    def offered(self) -> float:
        """The minutes that there would be."""
        return float(self._minutes.value())

    def choose(self, recipe: str, minutes: float) -> None:
        """Show another recipe and time (0.0: no limit), without telling and without keeping them."""
        blocked = self.blockSignals(True)
        self._buttons[recipe].setChecked(True)
        if minutes:
            self._minutes.setValue(round(minutes))
        if recipe == "quick":
            self._limited.setChecked(bool(minutes))
        self.blockSignals(blocked)

    def show_decisions(
        self, decisions: Sequence[Decision], note: str = "", *, editable: bool = True, trained: bool = False
    ) -> None:
        """Show what the recipe decided, and why; or a note, where it has nothing to decide.

        What is not `editable` can be read. A model that was trained before leaves no choice but the time.
        """
        timed = editable and (trained or self.recipe == "quick")
        self._title.setEnabled(editable)
        for part in self._of_choice:
            part.setEnabled(editable and not trained)
        self._show_star()
        for part in (self._limited, self._unit):
            part.setEnabled(timed)
        self._minutes.setEnabled(timed and self._limited.isChecked())
        self._decisions.show_decisions(decisions, editable=editable)
        self._note.setText(note)
        self._note.setVisible(bool(note))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if restyles(event):
            self._show_star()

    def _tell(self) -> None:
        if not self.signalsBlocked():
            preferences.keep_recipe(self.recipe, self._minutes.value(), self._limited.isChecked())
            self.changed.emit()

    def _show_star(self) -> None:
        color = "caution" if self._buttons[RECOMMENDED].isEnabled() else "disabled"
        self._star.setPixmap(pixmap("star", color, Type.CAPTION, self.devicePixelRatioF()))
