"""Where a person writes a beginning and asks for its continuation."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from gui.style import role
from gui.theme import Space

_LEAST_LINES, _MOST_LINES = 2, 8


class Composer(QFrame):
    """The field for the beginning, and the buttons that start and stop writing.

    Signals:
        generate(), stop(), regenerate(), go_on(): what the person asks for.
        prompt_changed(): the beginning is another.
    """

    generate = Signal()
    stop = Signal()
    regenerate = Signal()
    go_on = Signal()
    prompt_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        role(self, "card")
        self.prompt_edit = self._make_prompt()
        self.hint = role(QLabel("The model continues your text; it does not answer questions."), "caption")
        self.hint.setObjectName("prompt_hint")
        self.hint.setWordWrap(True)
        self.regenerate_button = _button(
            "Try Again", "regenerate_button", "Write another continuation", self.regenerate
        )
        self.continue_button = _button("Continue", "continue_button", "Write on from where it ended", self.go_on)
        self.stop_button = _button("Stop", "stop_generate_button", "Stop writing", self.stop)
        self.generate_button = role(_button("Generate", "generate_button", "Generate", self.generate), "primary")
        shortcut = QShortcut(QKeySequence("Ctrl+Return"), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self.generate_button.click)
        keys = shortcut.key().toString(QKeySequence.SequenceFormat.NativeText)
        self.generate_button.setToolTip(f"Write on from your beginning ({keys})")
        self._lay_out()
        self.show_state(can_generate=False, writing=False, can_vary=False, can_go_on=False)

    @property
    def prompt(self) -> str:
        """The beginning, as it was written."""
        return self.prompt_edit.toPlainText()

    def set_prompt(self, prompt: str) -> None:
        """Put a beginning into the field."""
        if prompt != self.prompt:
            self.prompt_edit.setPlainText(prompt)

    def show_state(self, *, can_generate: bool, writing: bool, can_vary: bool, can_go_on: bool) -> None:
        """Offer what can be asked for now."""
        self.generate_button.setEnabled(can_generate and not writing)
        self.stop_button.setEnabled(writing)
        self.regenerate_button.setEnabled(can_generate and can_vary and not writing)
        self.continue_button.setEnabled(can_generate and can_go_on and not writing)

    def _make_prompt(self) -> QPlainTextEdit:
        edit = QPlainTextEdit()
        edit.setObjectName("prompt_edit")
        edit.setAccessibleName("Beginning")
        edit.setAccessibleDescription("Write a beginning; the model continues it")
        edit.setPlaceholderText("Write a beginning; the model continues it")
        edit.setTabChangesFocus(True)
        edit.setAttribute(Qt.WidgetAttribute.WA_MacShowFocusRect, False)
        edit.textChanged.connect(self.prompt_changed)
        edit.document().documentLayout().documentSizeChanged.connect(self._fit_height)
        return edit

    def _fit_height(self) -> None:
        """Grow with the text, up to some lines."""
        lines = max(_LEAST_LINES, min(_MOST_LINES, round(self.prompt_edit.document().size().height())))
        around = 2 * round(self.prompt_edit.document().documentMargin()) + 2 * Space.S + 2 * Space.HAIR
        self.prompt_edit.setFixedHeight(lines * self.prompt_edit.fontMetrics().lineSpacing() + around)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addWidget(self.hint, 1)
        for button in (self.continue_button, self.regenerate_button, self.stop_button, self.generate_button):
            row.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.M, Space.M, Space.M, Space.M)
        layout.setSpacing(Space.M)
        layout.addWidget(self.prompt_edit)
        layout.addLayout(row)
        self._fit_height()


def _button(label: str, name: str, told: str, signal: SignalInstance) -> QPushButton:
    button = QPushButton(label)
    button.setObjectName(name)
    button.setAccessibleName(label)
    button.setToolTip(told)
    button.clicked.connect(lambda: signal.emit())
    return button
