"""Where a person writes a beginning and asks for its continuation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QMimeData, Qt, Signal, SignalInstance
from PySide6.QtGui import QKeySequence, QMouseEvent
from PySide6.QtWidgets import QFrame, QMenu, QPlainTextEdit, QPushButton, QSizePolicy, QStackedWidget, QWidget

from gui.generate.invitation import spelled
from gui.kit import formats
from gui.kit.flow import flow
from gui.kit.parts import Elided, button, column, row
from gui.kit.plain import plain_tip
from gui.kit.scroll_bars import quiet
from gui.kit.style import role
from gui.kit.theme import Space

LONGEST_BEGINNING = 100_000
"""Characters that the field takes: far more than any model reads, and still quick to write in."""

GENERATE_KEYS = QKeySequence("Ctrl+Return")
"""What generates, wherever in the tab the keyboard is; Ctrl is the Command key on a Mac."""

_LEAST_LINES, _MOST_LINES = 2, 8
_SIGNS = 3  # of keys on a button, as a Mac writes them; as words they take the room of the texts
_HINT = "Continue this text: the model goes on, it does not answer."
_EDIT_HINT = "You are changing a text: Generate goes on from it as another branch. Esc leaves it as it was."


class PromptEdit(QPlainTextEdit):
    """The field for the beginning. Of what is pasted beyond its limit the end is kept, which is what a model reads.

    Signals:
        shortened(kept, of): only so many characters of what was pasted were taken.
    """

    shortened = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("prompt_edit")
        quiet(self)
        self.setAccessibleName("Beginning")
        self.setAccessibleDescription("Write a beginning; the model continues it")
        self.setPlaceholderText("Write a beginning; the model continues it")
        self.setTabChangesFocus(True)
        self.setAttribute(Qt.WidgetAttribute.WA_MacShowFocusRect, False)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Paste text."""
        text = source.text()
        room = LONGEST_BEGINNING - self.document().characterCount() + len(self.textCursor().selectedText())
        if len(text) <= room:
            super().insertFromMimeData(source)
            return
        kept = max(room, 0)
        self.textCursor().insertText(text[len(text) - kept :])
        self.shortened.emit(kept, len(text))


class Composer(QFrame):
    """The field for the beginning, and the buttons that start and stop writing.

    Signals:
        generate(), stop(), regenerate(), go_on(), edit(): what the person asks for.
        left_editing(): the text that is being changed is to stay as it was.
    """

    generate = Signal()
    stop = Signal()
    regenerate = Signal()
    go_on = Signal()
    edit = Signal()
    left_editing = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        role(self, "card")
        self._editing = False
        self._looks_back = ""
        self._most = _MOST_LINES  # that there is room for
        self.prompt_edit = PromptEdit()
        self.prompt_edit.document().documentLayout().documentSizeChanged.connect(self._fit_height)
        self.hint = Elided(kind="caption")
        self.hint.setObjectName("prompt_hint")
        self.prompt_edit.shortened.connect(self._tell_shortened)
        self.prompt_edit.textChanged.connect(self._show_hint)
        self.edit_button = _button("Edit", "edit_button", "Change this text and go on from it", self.edit)
        self.continue_button = _button("Continue", "continue_button", "Write on from where it ended", self.go_on)
        self.regenerate_button = _button(
            "Try Again", "regenerate_button", "Write it once more, as another branch", self.regenerate
        )
        self._beginnings = role(QPushButton("Beginnings…"), "plain")
        self._beginnings.setObjectName("beginnings_button")
        self._beginnings.setAccessibleName("Beginnings from the model’s own text")
        self._beginnings.setToolTip("Begin as the model’s own text does")
        self._menu = QMenu(self._beginnings)
        self._menu.setObjectName("beginnings_menu")
        self._beginnings.setMenu(self._menu)
        keys = GENERATE_KEYS.toString(QKeySequence.SequenceFormat.NativeText)
        self.generate_button = role(
            _button("Generate", "generate_button", "Write on from your beginning", self.generate, keys), "primary"
        )
        self.stop_button = _StopButton("stop_generate_button", "Stop", "Stop writing; what there is stays", self.stop)
        self._go = QStackedWidget()
        self._go.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._go.addWidget(self.generate_button)
        self._go.addWidget(self.stop_button)
        self._lay_out()
        self._show_hint()
        self.offer(())
        self.show_state(can_generate=False, writing=False, can_vary=False, can_go_on=False, can_edit=False)

    @property
    def prompt(self) -> str:
        """The beginning, as it was written; halves of characters become U+FFFD."""
        return self.prompt_edit.toPlainText().encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

    def set_prompt(self, prompt: str) -> None:
        """Put a beginning into the field."""
        if prompt != self.prompt:
            self.prompt_edit.setPlainText(prompt)

    def offer(self, beginnings: Sequence[str]) -> None:
        """Offer beginnings from the model's own text, to be put into the field."""
        self._menu.clear()
        for number, beginning in enumerate(beginnings, 1):
            action = self._menu.addAction(spelled(beginning))
            action.setObjectName(f"begin_with_{number}")
            action.triggered.connect(partial(self._begin_with, beginning))
        self._beginnings.setVisible(bool(beginnings))

    def _begin_with(self, beginning: str, _checked: bool = False) -> None:
        self.prompt_edit.selectAll()
        self.prompt_edit.insertPlainText(beginning)  # what stood there comes back with Undo
        self.prompt_edit.setFocus()

    def set_editing(self, editing: bool) -> None:
        """Return whether a text that was written is being changed."""
        self._editing = editing
        self._show_hint()

    def tell_block_size(self, block_size: int | None) -> None:
        """Take in how many tokens the model looks back."""
        self._looks_back = f" It looks back {formats.plural(block_size, 'token')}." if block_size else ""
        self._show_hint()

    def show_state(self, *, can_generate: bool, writing: bool, can_vary: bool, can_go_on: bool, can_edit: bool) -> None:
        """Offer what can be asked for now."""
        free = can_generate and not writing
        # enabled before it is seen, disabled after: the keyboard's focus goes along
        (self.stop_button if writing else self.generate_button).setEnabled(writing or free)
        self._go.setCurrentWidget(self.stop_button if writing else self.generate_button)
        (self.generate_button if writing else self.stop_button).setEnabled(False)
        self.regenerate_button.setEnabled(free and can_vary)
        self.continue_button.setEnabled(free and can_go_on)
        self.edit_button.setEnabled(free and can_edit)

    def _show_hint(self) -> None:
        self.hint.tell(_EDIT_HINT if self._editing else _HINT + self._looks_back)

    def _tell_shortened(self, kept: int, of: int) -> None:
        self.hint.tell(
            f"Of the {formats.plural(of, 'character')} you pasted the last {formats.whole(kept)} are here: "
            f"a model reads the end of a long text.{self._looks_back}"
        )

    def wished_height(self, width: int) -> int:
        """Return the height at a width with as much of the beginning as the field ever shows, in pixels."""
        return self.heightForWidth(width) - self.prompt_edit.minimumHeight() + self._field_height(self._lines())

    def fit_into(self, width: int, height: int) -> None:
        """Let the field scroll where a height, in pixels, is less than what it likes."""
        lacking = self.wished_height(width) - height
        self._most = self._lines() - math.ceil(lacking / self.prompt_edit.fontMetrics().lineSpacing())
        self._fit_height()

    def _fit_height(self) -> None:
        """Grow with the text, as far as there is room."""
        self.prompt_edit.setFixedHeight(self._field_height(max(_LEAST_LINES, min(self._lines(), self._most))))

    def _lines(self) -> int:
        """Return how many lines the field likes to show."""
        return max(_LEAST_LINES, min(_MOST_LINES, round(self.prompt_edit.document().size().height())))

    def _field_height(self, lines: int) -> int:
        around = 2 * round(self.prompt_edit.document().documentMargin()) + 2 * Space.S + 2 * Space.HAIR
        return lines * self.prompt_edit.fontMetrics().lineSpacing() + around

    def _lay_out(self) -> None:
        buttons = flow(
            self.edit_button,
            self.continue_button,
            self.regenerate_button,
            None,
            self._go,
        )
        layout = column(self, margin=Space.M)
        layout.addWidget(self.prompt_edit)
        line = row(spacing=Space.S)
        line.addWidget(self.hint, 1)
        line.addWidget(self._beginnings)
        layout.addLayout(line)
        layout.addLayout(buttons)
        self._fit_height()


class _StopButton(QPushButton):
    """The button that stands where Generate stood; the second click of a double click there is not for it."""

    def __init__(self, name: str, text: str, tip: str, signal: SignalInstance) -> None:
        super().__init__(f"{text}  Esc")
        self.setObjectName(name)
        self.setAccessibleName(text)
        self.setToolTip(plain_tip(tip))
        self.setAutoDefault(False)
        role(self, "tall")
        self.clicked.connect(lambda: signal.emit())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Do nothing."""
        event.ignore()


def _button(text: str, name: str, tip: str, signal: SignalInstance, keys: str = "") -> QPushButton:
    made = button(name, f"{text}  {keys}" if 0 < len(keys) <= _SIGNS else text, signal.emit, "tall", says=text)
    made.setToolTip(plain_tip(f"{tip} ({keys})" if keys else tip))
    return made
