"""The recipe on the Train tab: Quick or the guide's, the time there is, and all that was decided and why."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QGridLayout, QRadioButton, QSpinBox, QToolButton, QWidget

from engine.config import explanations
from engine.recipes import Decision
from gui import formats
from gui.icons import icon
from gui.parts import column, label, row
from gui.style import role
from gui.theme import Size, Space
from gui.train.form_state import shown

_WORDS = {
    "quick": ("Quick", "Settings fitted to your text; readable soonest."),
    "guide": ("Guide", "The guide’s own settings, exactly."),
}
_MINUTES = 5
_LONGEST = 24 * 60


class RecipePane(QWidget):
    """Two choices with a sentence each; under Quick the minutes and the decisions.

    Signals:
        changed(): another recipe was chosen, or another time.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        role(self, "clear")
        self._choices = QButtonGroup(self)
        layout = column(self, spacing=Space.S)
        layout.addWidget(label("Recipe", "strong"))
        self._buttons: dict[str, QRadioButton] = {}
        lines = QGridLayout()
        lines.setSpacing(Space.S)
        lines.setColumnStretch(1, 1)
        for at, (name, (title, says)) in enumerate(_WORDS.items()):
            made = self._buttons[name] = QRadioButton(title)
            made.setObjectName(f"recipe_{name}")
            made.setAccessibleName(f"{title} recipe")
            made.setAccessibleDescription(says)
            self._choices.addButton(made)
            lines.addWidget(made, at, 0)
            lines.addWidget(label(says, "caption", wrap=True), at, 1)
        layout.addLayout(lines)
        self._buttons["guide"].setChecked(True)
        self._quick = role(QWidget(), "clear")
        self._make_quick()
        layout.addWidget(self._quick)
        self._buttons["quick"].toggled.connect(self._tell)
        self._quick.hide()

    def _make_quick(self) -> None:
        self._limited = QCheckBox("I have")
        self._limited.setObjectName("recipe_limited")
        self._limited.setAccessibleName("Plan for a number of minutes")
        self._minutes = QSpinBox()
        self._minutes.setObjectName("recipe_minutes")
        self._minutes.setAccessibleName("Minutes there are")
        self._minutes.setRange(1, _LONGEST)
        self._minutes.setValue(_MINUTES)
        self._minutes.setFixedWidth(Size.FIELD)
        self._minutes.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._minutes.setEnabled(False)
        self._limited.toggled.connect(self._minutes.setEnabled)
        self._limited.toggled.connect(self._tell)
        self._minutes.valueChanged.connect(self._tell)
        self._heading = role(QToolButton(), "disclosure")
        self._heading.setObjectName("recipe_decisions")
        self._heading.setCheckable(True)
        self._heading.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._heading.toggled.connect(self._disclose)
        self._decided = label(kind="caption", wrap=True)
        self._decided.setObjectName("recipe_reasons")
        layout = column(self._quick, spacing=Space.XS)
        layout.addLayout(row(self._limited, self._minutes, label("minutes"), None, spacing=Space.S))
        layout.addWidget(self._heading)
        layout.addWidget(self._decided)
        self._disclose(False)

    @property
    def recipe(self) -> str:
        """The chosen recipe."""
        return "quick" if self._buttons["quick"].isChecked() else "guide"

    @property
    def minutes(self) -> float:
        """The minutes to plan for, 0.0 for no limit."""
        return float(self._minutes.value()) if self._limited.isChecked() else 0.0

    def show_decisions(self, decisions: Sequence[Decision]) -> None:
        """Show what the recipe decided, and why."""
        self._quick.setVisible(self.recipe == "quick")
        told = f"{formats.plural(len(decisions), 'decision')} and why"
        self._heading.setText(told)
        self._heading.setAccessibleName(told)
        self._decided.setText("\n\n".join(f"{_title(one.name)}: {shown(one.value)}. {one.why}" for one in decisions))

    def _tell(self) -> None:
        self.changed.emit()

    def _disclose(self, opened: bool) -> None:
        self._heading.setIcon(icon("chevron-open" if opened else "chevron-right", "secondary"))
        self._decided.setVisible(opened)


def _title(name: str) -> str:
    """Give what a setting is called."""
    if name == "vocab_size":
        return "Vocabulary"
    return explanations().get(name, {}).get("label", "Text" if name == "dataset" else name)
