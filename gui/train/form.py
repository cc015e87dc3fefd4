"""The form of settings: in groups, each with its words, its nanoGPT name, and what is wrong with it beside it."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget

from gui.kit.parts import Disclosure, Elided, ElidedComboBox, IconButton, column, label, row
from gui.kit.plain import plain_tip
from gui.kit.style import role
from gui.kit.theme import Size, Space
from gui.train.form_state import GROUPS, Field, FormState, form_fields

_OPEN_AT_FIRST = ()


class Form(QWidget):
    """Shows a FormState and takes what is typed into it.

    Signals:
        edited(): a value in the state changed; who hears it shows the state anew.
        opened(shown): a group was opened, or a row is to be looked at: it should be in sight.
        help_asked(key): the help book should say more of a setting.
    """

    edited = Signal()
    opened = Signal(object)
    help_asked = Signal(str)

    def __init__(self, state: FormState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("settings_form")
        self._state = state
        self._rows: dict[str, FieldRow] = {}
        self._groups = {name: Group(name) for name in GROUPS}
        layout = column(self, spacing=Space.XS)
        for field in form_fields():
            made = FieldRow(field)
            made.typed.connect(self._take)
            made.reset.connect(self._reset)
            made.help_asked.connect(self.help_asked)
            made.told.connect(self._show_help)
            self._rows[field.name] = made
            self._groups[field.group].add(made)
        for group in self._groups.values():
            group.opened.connect(self.opened)
            layout.addWidget(group)
        self.show_state()

    def show_state(self) -> None:
        """Copy the state to the screen: texts, marks of what is changed, problems."""
        problems, changed = self._state.problems(), self._state.changed
        for name, made in self._rows.items():
            made.show_value(self._state.text(name), name in changed, self._state.base_text(name))
            made.show_problem(problems.get(name, ""))
        for group in self._groups.values():
            group.show_counts(changed, problems)

    def show_problems(self) -> None:
        """Open the groups that hold a problem and give the focus to the first."""
        problems = [made for name, made in self._rows.items() if name in self._state.problems()]
        for made in problems:
            self._groups[made.field.group].open()
        if problems:
            problems[0].editor.setFocus(Qt.FocusReason.OtherFocusReason)
            self.opened.emit(problems[0])

    def reveal(self, names: Iterable[str]) -> None:
        """Open the groups of some settings and bring the first of them in sight."""
        wanted = [self._rows[name] for name in names if name in self._rows]
        for made in wanted:
            self._groups[made.field.group].open()
        if wanted:
            self.opened.emit(wanted[0])

    def edit(self, name: str) -> None:
        """Bring a setting in sight and give its field the focus."""
        self.reveal((name,))
        self._rows[name].editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def set_editable(self, editable: bool) -> None:
        """Let values be changed, or only be read: those of a run that is under way."""
        for made in self._rows.values():
            made.set_editable(editable)

    def _take(self, name: str, text: str) -> None:
        self._state.type(name, text)
        self.edited.emit()

    def _show_help(self, wanted: FieldRow) -> None:
        """Say what one setting does: the one that had the focus last."""
        for made in self._rows.values():
            made.show_help(made is wanted)

    def _reset(self, name: str) -> None:
        self._state.reset(name)
        self._rows[name].show_text(self._state.text(name))  # the field may still have the focus
        self.edited.emit()


class Group(QWidget):
    """A heading with a disclosure triangle, and the rows under it.

    Signals:
        opened(group): its rows are shown now.
    """

    opened = Signal(object)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._rows: list[FieldRow] = []
        self._heading = Disclosure(f"group_{name.lower()}", name)
        self._heading.setAccessibleName(f"{name} settings")
        self._heading.setChecked(name in _OPEN_AT_FIRST)
        self._heading.toggled.connect(self._show_rows)
        self._summary = label(kind="caption")
        self._body = role(QWidget(), "clear")
        self._column = column(self._body, spacing=Space.S)
        self._column.setContentsMargins(Space.XL, Space.XXS, 0, Space.S)
        layout = column(self, spacing=0)
        layout.addLayout(row(self._heading, None, self._summary))
        layout.addWidget(self._body)
        self._show_rows(self._heading.isChecked())

    def add(self, made: FieldRow) -> None:
        """Add a row."""
        self._rows.append(made)
        self._column.addWidget(made)

    def open(self) -> None:
        """Show the rows."""
        self._heading.setChecked(True)

    def show_counts(self, changed: tuple[str, ...], problems: dict[str, str]) -> None:
        """Say at the heading how many rows differ from the preset, or need attention."""
        names = {made.field.name for made in self._rows}
        wrong, different = len(names & set(problems)), len(names & set(changed))
        self._summary.setText(f"{wrong} to correct" if wrong else f"{different} changed" if different else "")
        role(self._summary, "error" if wrong else "caption")

    def _show_rows(self, shown: bool) -> None:
        self._body.setVisible(shown)
        if shown:
            self.opened.emit(self)


class FieldRow(QWidget):
    """One setting: its label over its nanoGPT name, its editor, the way back; its problem and its meaning below."""

    typed = Signal(str, str)
    reset = Signal(str)
    help_asked = Signal(str)
    told = Signal(object)

    def __init__(self, field: Field) -> None:
        super().__init__()
        self.field = field
        self._label = label(field.label, wrap=True)
        self._name = Elided(field.name, "caption")
        self._problem = label(kind="error", wrap=True)
        self._problem.hide()
        self._help = self._make_help()
        self.editor = self._make_editor()
        self.editor.setObjectName(f"setting_{field.name}")
        self.editor.setAccessibleName(f"{field.label}, {field.name}")
        self.editor.setAccessibleDescription(f"{field.what} {field.impact}")
        self.editor.setFixedWidth(Size.FIELD)
        self.editor.installEventFilter(self)
        self._back = IconButton(f"reset_{field.name}", "reset", f"Reset {field.label}")
        self._back.clicked.connect(lambda: self.reset.emit(field.name))
        policy = self._back.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._back.setSizePolicy(policy)
        self.setToolTip(plain_tip(field.what, field.impact))
        words = column(spacing=0)
        words.addWidget(self._label)
        words.addWidget(self._name)
        layout = column(self, spacing=Space.XXS)
        line = row(words, self.editor, self._back, spacing=Space.XS)
        line.setStretch(0, 1)
        layout.addLayout(line)
        layout.addWidget(self._problem)
        layout.addWidget(self._help)

    def _make_help(self) -> QWidget:
        """Make what the setting does, in words, and the way to the help book."""
        more = IconButton(f"help_{self.field.name}", "info", f"{self.field.label} in the help book")
        more.clicked.connect(lambda: self.help_asked.emit(f"setting/{self.field.name}"))
        made = role(QWidget(), "clear")
        line = row(label(f"{self.field.what} {self.field.impact}", "caption", wrap=True), more, spacing=Space.XS)
        line.setStretch(0, 1)
        line.setAlignment(more, Qt.AlignmentFlag.AlignTop)
        made.setLayout(line)
        made.hide()
        return made

    def show_value(self, text: str, changed: bool, base: str) -> None:
        """Show a value, and whether it differs from what it would be reset to; what is being typed stays as typed."""
        if self._text() != text and not (self.editor.hasFocus() and isinstance(self.editor, QLineEdit)):
            self.show_text(text)
        role(self._label, "strong" if changed else "plain")
        self._back.setVisible(changed)
        named = {"True": "on", "False": "off"} if self.field.kind is bool else {}
        self._back.setToolTip(plain_tip(f"Reset to {named.get(base, base)}"))

    def show_text(self, text: str) -> None:
        """Put a value into the editor, whatever is being typed there."""
        blocked = self.editor.blockSignals(True)
        if isinstance(self.editor, QCheckBox):
            self.editor.setChecked(text == "True")
        elif isinstance(self.editor, QComboBox):
            self.editor.setCurrentText(text)
        elif isinstance(self.editor, QLineEdit):
            self.editor.setText(text)
        self.editor.blockSignals(blocked)

    def show_help(self, shown: bool) -> None:
        """Say below what the setting does, or no longer."""
        self._help.setVisible(shown)

    def set_editable(self, editable: bool) -> None:
        """Let the value be changed, or only be read."""
        self.editor.setEnabled(editable)
        self._back.setEnabled(editable)

    def show_problem(self, problem: str) -> None:
        """Show what is wrong with the value, or nothing."""
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
        if self.editor.property("invalid") != bool(problem):
            self.editor.setProperty("invalid", bool(problem))
            self.editor.style().unpolish(self.editor)
            self.editor.style().polish(self.editor)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Tell that it has the focus."""
        if event.type() == QEvent.Type.FocusIn:
            self.told.emit(self)
        return super().eventFilter(watched, event)

    def _make_editor(self) -> QWidget:
        name = self.field.name
        if self.field.kind is bool:
            switch = QCheckBox()
            switch.toggled.connect(lambda on: self.typed.emit(name, str(on)))
            return switch
        if self.field.choices:
            choice = Combo()
            choice.addItems(self.field.choices)
            choice.currentTextChanged.connect(lambda text: self.typed.emit(name, text))
            return choice
        line = QLineEdit()
        line.setAlignment(Qt.AlignmentFlag.AlignRight if self.field.kind is not str else Qt.AlignmentFlag.AlignLeft)
        line.textEdited.connect(lambda text: self.typed.emit(name, text))
        return line

    def _text(self) -> str:
        if isinstance(self.editor, QCheckBox):
            return str(self.editor.isChecked())
        return self.editor.currentText() if isinstance(self.editor, QComboBox) else self.editor.text()  # type: ignore[attr-defined]


class Combo(QComboBox):
    """A pop-up button that a scrolling page passes over, instead of changing its value by the way."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page."""
        event.ignore()


class ElidedCombo(Combo, ElidedComboBox):
    """The same for names: a long one is shortened in its middle, and does not make the pane wider."""
