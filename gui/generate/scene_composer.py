"""Where a person writes their line, and has the model speak, speak otherwise, or play alone."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QPushButton, QSizePolicy, QStackedWidget, QWidget

from gui.generate.composer import GENERATE_KEYS
from gui.kit.flow import flow
from gui.kit.parts import button, column, label, row
from gui.kit.plain import plain_tip
from gui.kit.scroll_bars import quiet
from gui.kit.style import role
from gui.kit.theme import Space

LONGEST_LINE = 10_000
"""Characters of a line that is written by hand."""

_RETURNS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_LINES = 2
_HINT = "Return sends, Shift-Return begins a new line."
_EDITING = "You are changing a line: Send goes on from it, and the line as it was is kept beside it. Esc leaves it."


class LineEdit(QPlainTextEdit):
    """The field for a line: Return sends it, with Shift it begins another.

    Signals:
        sent(): the line is to be spoken.
    """

    sent = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("scene_edit")
        self.setAccessibleName("Your line")
        quiet(self)
        self.setTabChangesFocus(True)
        self.setAttribute(Qt.WidgetAttribute.WA_MacShowFocusRect, False)
        self.setFixedHeight(_LINES * self.fontMetrics().lineSpacing() + 2 * Space.M)

    @property
    def words(self) -> str:
        """What was written; halves of characters become U+FFFD."""
        whole = self.toPlainText().encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return whole[:LONGEST_LINE]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Send with Return."""
        if event.key() in _RETURNS and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.sent.emit()
        else:
            super().keyPressEvent(event)


class SceneComposer(QFrame):
    """The field and its buttons.

    Signals:
        sent(), retried(), edited(), played_alone(), stopped(): what the person asks for.
    """

    sent = Signal()
    retried = Signal()
    edited = Signal()
    played_alone = Signal()
    stopped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        role(self, "card")
        self.line = LineEdit()
        self.line.sent.connect(self.sent)
        self._hint = label(kind="caption", wrap=True)
        self._hint.setObjectName("scene_status")
        self._edit = _button("Edit", "scene_edit_button", "Change the line in hand and go on from it", self.edited.emit)
        self._retry = _button(
            "Try Again", "scene_retry_button", "Have it answer otherwise; each answer is kept", self.retried.emit
        )
        self._alone = _button(
            "Let Them Play", "scene_alone_button", "It speaks all parts until you stop it", self.played_alone.emit
        )
        keys = GENERATE_KEYS.toString(GENERATE_KEYS.SequenceFormat.NativeText)
        self.send_button = role(
            _button("Send", "scene_send_button", f"Speak your line (Return or {keys})", self.sent.emit), "primary"
        )
        self.stop_button = _button("Stop  Esc", "scene_stop_button", "It stops there", self.stopped.emit)
        self.stop_button.setAccessibleName("Stop")
        self._go = QStackedWidget()
        self._go.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._go.addWidget(self.send_button)
        self._go.addWidget(self.stop_button)
        layout = column(self, margin=Space.M)
        written = row(self.line, self._go)
        written.setStretch(0, 1)
        layout.addLayout(written)
        layout.addWidget(self._hint)
        layout.addLayout(flow(self._edit, self._retry, None, self._alone))

    def show_parts(self, me: str, it: str) -> None:
        """Say whose line is written here, and who answers."""
        words = f"Your line as {me}"
        self.line.setPlaceholderText(words)
        self.line.setAccessibleName(words)
        self.line.setAccessibleDescription(f"Return sends it, and {it} answers")
        self.send_button.setToolTip(plain_tip(f"Speak your line; an empty one lets {it} go on"))

    def show_state(
        self, *, playing: bool, can_send: bool, can_retry: bool, can_edit: bool, editing: bool, status: str
    ) -> None:
        """Offer what can be asked for now; `status` is how it goes, where that needs saying."""
        (self.stop_button if playing else self.send_button).setEnabled(playing or can_send)
        self._go.setCurrentWidget(self.stop_button if playing else self.send_button)
        (self.send_button if playing else self.stop_button).setEnabled(False)
        self._retry.setEnabled(can_retry)
        self._edit.setEnabled(can_edit)
        if playing and self._alone.hasFocus():
            self.stop_button.setFocus(Qt.FocusReason.OtherFocusReason)  # what can be pressed now
        self._alone.setEnabled(can_send and not editing and not playing)
        self._hint.setText(_EDITING if editing else status or _HINT)


def _button(text: str, name: str, tip: str, act: Callable[[], object]) -> QPushButton:
    made = button(name, text, act, "tall")
    made.setToolTip(plain_tip(tip))
    return made
