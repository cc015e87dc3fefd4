"""All that a recipe decided: a list of names and values, the reason of one of them, and the way to change it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from engine.core.config import explanations
from engine.datasets.dataset import refitted_from
from engine.planning.recipes import Decision
from gui.kit import formats, theme
from gui.kit.parts import Disclosure, button, card, column, label, row
from gui.kit.plain import plain_tip
from gui.kit.run_words import in_own_tokens, text_title
from gui.kit.style import role
from gui.kit.theme import Radius, Size, Space, Type, restyles
from gui.train.form_state import shown

_BY_THE_TEXT = ("vocab_size", "dataset")
"""What is decided with the text, and stands in no field."""


class Decisions(QWidget):
    """A heading that unfolds the list; the reason stands below the row that was chosen, at first below the first.

    Signals:
        change_asked(name): a person wants to decide a setting himself.
    """

    change_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        role(self, "clear")
        self._known: tuple[Decision, ...] = ()
        self._rows: dict[str, DecisionRow] = {}
        self._chosen = ""
        self._editable = True
        self._heading = Disclosure("recipe_decisions")
        self._card, self._column = card("recipe_decisions_card", margin=Space.XS)
        self._column.setSpacing(0)
        self._reason = self._make_reason()
        self._heading.toggled.connect(self._card.setVisible)
        self._card.hide()
        layout = column(self, spacing=Space.XS)
        layout.addLayout(row(self._heading, None))
        layout.addWidget(self._card)

    def _make_reason(self) -> QWidget:
        self._why = label(kind="caption", wrap=True)
        self._why.setObjectName("decision_why")
        self._change = button("decision_change", "Change…", lambda: self.change_asked.emit(self._chosen), "plain")
        made = role(QWidget(self._card), "clear")
        layout = row(self._why, self._change)
        layout.setStretch(0, 1)
        layout.setAlignment(self._change, Qt.AlignmentFlag.AlignTop)
        layout.setContentsMargins(Space.S, 0, Space.S, Space.S)
        made.setLayout(layout)
        made.hide()
        return made

    def show_decisions(self, decisions: Sequence[Decision], *, editable: bool) -> None:
        """Show what was decided; where it is not `editable` it can only be read."""
        self._known, self._editable = tuple(decisions), editable
        words = f"{formats.plural(len(decisions), 'decision')} and why"
        self._heading.setText(words)
        self._heading.setAccessibleName(words)
        self.setVisible(bool(decisions))
        if [one.name for one in decisions] != [*self._rows]:
            self._lay_out()
        for one in decisions:
            self._rows[one.name].show_decision(one)
        self._show_reason()

    def _lay_out(self) -> None:
        """Make a row for each."""
        self._column.removeWidget(self._reason)
        for made in self._rows.values():
            self._column.removeWidget(made)
            made.hide()
            made.deleteLater()
        self._rows = {one.name: self._make_row(one.name) for one in self._known}
        if self._chosen not in self._rows:
            self._chosen = next(iter(self._rows), "")
        self._order()

    def _make_row(self, name: str) -> DecisionRow:
        made = DecisionRow(name)
        made.clicked.connect(lambda: self._choose("" if self._chosen == name else name))
        self._column.addWidget(made)
        return made

    def _choose(self, name: str) -> None:
        self._chosen = name
        self._show_reason()
        self._order()

    def _order(self) -> None:
        """Let Tab and the arrow keys go down the list, and to the button of a reason with its row."""
        before: QWidget = self._heading
        for name, made in self._rows.items():
            QWidget.setTabOrder(before, made)
            before = made
            if name == self._chosen:
                QWidget.setTabOrder(before, self._change)
                before = self._change

    def _show_reason(self) -> None:
        """Say below the chosen row why."""
        for name, made in self._rows.items():
            made.setChecked(name == self._chosen)
        one = next((each for each in self._known if each.name == self._chosen), None)
        if one is not None:
            self._why.setText(one.why)
            self._change.setVisible(self._editable and one.name not in _BY_THE_TEXT)
            self._change.setAccessibleName(f"Change {title(one.name)}")
            self._column.removeWidget(self._reason)
            self._column.insertWidget([*self._rows].index(one.name) + 1, self._reason)
        self._reason.setVisible(one is not None)


class DecisionRow(QAbstractButton):
    """One decision, painted on a line: the name of the setting, and its value; a click tells why."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._value = ""
        self.setObjectName(f"decision_{name}")
        self.setText(title(name))
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_decision(self, one: Decision) -> None:
        """Show a value."""
        self._value = value_text(one)
        self.setAccessibleName(f"{self.text()}: {self._value}")
        self.setAccessibleDescription(one.why)
        self.setToolTip(plain_tip(one.why))
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for a line of text."""
        return QSize(Size.FIELD * 2, theme.current().text_px(Type.BODY) + Space.S + Space.XXS)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if restyles(event):
            self.update()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show that it can be pressed."""
        super().enterEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the row."""
        look, painter = theme.current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect())
        if self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("well"))
            painter.drawRoundedRect(area, Radius.SMALL, Radius.SMALL)
        box = self.rect().adjusted(Space.S, 0, -Space.S, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(look.font(bold=self.isChecked()))
        painter.setPen(look.color("text"))
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | middle, self.text())
        room = box.width() - painter.fontMetrics().horizontalAdvance(self.text()) - Space.M
        painter.setFont(look.font())
        painter.setPen(look.color("secondary"))
        value = painter.fontMetrics().elidedText(self._value, Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | middle, value)


def title(name: str) -> str:
    """Return what a setting is called."""
    known = {"vocab_size": "Vocabulary", "dataset": "Text"}
    return known.get(name) or explanations().get(name, {}).get("label", name)


def value_text(one: Decision) -> str:
    """Return a value as it is read: on or off, a count with its thousands apart, tokens, a text by its title."""
    if isinstance(one.value, bool):
        return "on" if one.value else "off"
    if isinstance(one.value, int):
        number = formats.whole(one.value)
        return f"{number} tokens" if one.name == "vocab_size" else number
    if one.name == "dataset":
        refitted = refitted_from(str(one.value))
        return in_own_tokens("", refitted[1]) if refitted else text_title(str(one.value))
    return shown(one.value)
