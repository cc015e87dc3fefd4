"""How a preset is trained: exactly as it is, or fitted to text and time; and all that was decided and why."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QButtonGroup, QRadioButton, QVBoxLayout, QWidget

from engine.planning.recipes import Decision
from gui.kit import preferences, theme
from gui.kit.flow import flow
from gui.kit.icons import pixmap
from gui.kit.parts import column, label
from gui.kit.style import role
from gui.kit.theme import Space, Type, restyles
from gui.train.decisions import Decisions

RECIPES = {
    "quick": (
        "Fit It to Text and Time",
        "Keeps the size of the model; the rest is chosen so that it reads well soonest.",
    ),
    "guide": ("Exactly as the Preset Has It", "Each setting as it stands there."),
}
"""What the recipes are called, and what they are for."""

RECOMMENDED = "quick"


class RecipePane(QWidget):
    """Two choices with a sentence each, where a preset leaves them, and the decisions.

    Signals:
        changed(): a person chose another recipe.
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
        self._words: list[QVBoxLayout] = []
        self._buttons = {name: self._make_choice(name) for name in RECIPES}
        self._decisions = Decisions()
        self._decisions.change_asked.connect(self.change_asked)
        self._note = label(kind="caption", wrap=True)
        self._note.setObjectName("recipe_note")
        layout = column(self, spacing=Space.XS)
        self._choice = self._make_choices()
        layout.addWidget(self._choice)
        layout.addWidget(self._note)
        layout.addWidget(self._decisions)
        self._show_marks()
        self._buttons[preferences.recipe()].setChecked(True)
        self.show_decisions(())
        self._buttons["quick"].toggled.connect(self._tell)

    def _make_choices(self) -> QWidget:
        """Return the two choices under their heading."""
        made = role(QWidget(), "clear")
        layout = column(made, spacing=Space.XS)
        layout.addWidget(label("How to Train It", "strong"))
        for name, choice in self._buttons.items():
            marks = (self._star, label("Recommended", "recommended")) if name == RECOMMENDED else ()
            layout.addLayout(flow(choice, *marks, spacing=Space.XS))
            words = column(spacing=Space.XS)
            self._words.append(words)
            words.addWidget(label(RECIPES[name][1], "caption", wrap=True))
            layout.addLayout(words)
        return made

    def _make_choice(self, name: str) -> QRadioButton:
        title, says = RECIPES[name]
        made = QRadioButton(title)
        made.setObjectName(f"recipe_{name}")
        made.setAccessibleName(f"{title}{', recommended' if name == RECOMMENDED else ''}")
        made.setAccessibleDescription(says)
        self._choices.addButton(made)
        return made

    @property
    def recipe(self) -> str:
        """The chosen recipe."""
        return "quick" if self._buttons["quick"].isChecked() else "guide"

    def choose(self, recipe: str) -> None:
        """Show another recipe, without telling and without keeping it."""
        blocked = self.blockSignals(True)
        self._buttons[recipe].setChecked(True)
        self.blockSignals(blocked)

    def show_decisions(
        self, decisions: Sequence[Decision], note: str = "", *, editable: bool = True, choice: bool = False
    ) -> None:
        """Show what the recipe decided, and why; or a note, where it has nothing to decide.

        What is not `editable` can be read. There is a `choice` only where a preset has settings that could be others.
        """
        self._choice.setVisible(choice)
        self._choice.setEnabled(editable)
        self._show_marks()
        self._decisions.show_decisions(decisions, editable=editable)
        self._note.setText(note)
        self._note.setVisible(bool(note))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if restyles(event):
            self._show_marks()

    def _tell(self) -> None:
        if not self.signalsBlocked():
            preferences.keep_recipe(self.recipe)
            self.changed.emit()

    def _show_marks(self) -> None:
        """Draw the star as large as its words, and begin what explains a choice where the choice's words do."""
        look = theme.current()
        color = "caution" if self._buttons[RECOMMENDED].isEnabled() else "disabled"
        self._star.setPixmap(pixmap("star", color, look.text_px(Type.CAPTION), self.devicePixelRatioF()))
        for words in self._words:
            words.setContentsMargins(look.icon_px() + Space.S, 0, 0, Space.XS)
