"""What a tab says in place: a notice with what happened, why and what to do, and the page of a tab that is empty."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from engine.core.disk import refused
from engine.core.errors import UnderstudyError
from gui.kit.book import advice_of
from gui.kit.flow import Flow, with_buttons
from gui.kit.parts import column, label
from gui.kit.plain import PlainLabel
from gui.kit.style import role
from gui.kit.theme import Size, Space


class Notice(QFrame):
    """A message that stays until it is dismissed or replaced; hidden while there is none.

    Signals:
        dismissed(): it was taken away.
    """

    dismissed = Signal()

    def __init__(self, name: str, parent: QWidget | None = None, *, stays: bool = False) -> None:
        """Begin with no message; one that `stays` has no button to take it away."""
        super().__init__(parent)
        self.setObjectName(name)
        self._what = _wrapped(label(kind="strong", wrap=True), f"{name}_what")
        self._why = _wrapped(label(wrap=True), f"{name}_why")
        self._dismiss = QPushButton("Dismiss")
        self._dismiss.setObjectName(f"{name}_dismiss")
        self._dismiss.setAccessibleName("Dismiss this message")
        self._dismiss.clicked.connect(self.dismiss)
        if stays:
            self._dismiss.hide()
        texts = role(QWidget(), "clear")
        words = column(texts, spacing=Space.XS)
        words.addWidget(self._what)
        words.addWidget(self._why)
        buttons = role(QWidget(), "clear")
        self._buttons = Flow(buttons)
        self._buttons.addWidget(self._dismiss)
        with_buttons(self, texts, buttons)
        self.hide()

    def tell(self, what: str, why: str = "", *, kind: str = "problem", dismiss: str = "Dismiss") -> None:
        """Show a message; `kind` is "problem", "caution" or "notice"."""
        self._clear_buttons()
        role(self, kind)
        self._what.setText(what)
        self._why.setText(why)
        self._why.setVisible(bool(why))
        self._dismiss.setText(dismiss)
        self.setAccessibleName(what)
        self.setAccessibleDescription(why)
        self.show()

    def tell_error(self, error: BaseException) -> None:
        """Show what an error says; one that nobody foresaw is told as a failure of the program."""
        error = refused(error) if isinstance(error, OSError) else error
        if isinstance(error, UnderstudyError):
            self.tell(error.message, " ".join(filter(None, (error.cause, advice_of(error)))))
        else:
            self.tell("That did not work.", f"{type(error).__name__}: {error}. Nothing you made was lost.")

    def add_button(self, label: str, name: str, act: Callable[[], None]) -> QPushButton:
        """Offer something to do about it."""
        button = QPushButton(label)
        button.setObjectName(name)
        button.setAccessibleName(label)
        button.clicked.connect(lambda: act())
        self._buttons.removeWidget(self._dismiss)
        for each in (button, self._dismiss):
            self._buttons.addWidget(each)
        button.show()  # now: left to itself, Qt shows what is laid out only when the loop turns
        return button

    def dismiss(self) -> None:
        """Take the message away."""
        self._clear_buttons()
        self.hide()
        self.dismissed.emit()

    def _clear_buttons(self) -> None:
        for at in reversed(range(self._buttons.count())):
            item = self._buttons.itemAt(at)
            widget = item.widget() if item is not None else None
            if widget is not None and widget is not self._dismiss:
                self._buttons.removeWidget(widget)
                widget.hide()
                widget.deleteLater()


class EmptyPage(QWidget):
    """What stands where there is nothing yet: what will be here, and the button that brings it."""

    def __init__(self, name: str, title: str, text: str, button: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        role(self, "clear")
        self.title = label(title, "title")
        self.title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.text = label(text, "secondary", wrap=True)
        self.text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.text.setMaximumWidth(Size.MEASURE)
        self.button = role(QPushButton(button), "primary")
        self.button.setObjectName(f"{name}_button")
        self.button.setAccessibleName(button)
        if not button:
            self.button.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.XL)
        layout.setSpacing(Space.S)
        layout.addStretch(2)
        layout.addWidget(self.title)
        row = QHBoxLayout()
        row.addStretch()
        row.addWidget(self.text, 4)
        row.addStretch()
        layout.addLayout(row)
        layout.addSpacing(Space.S)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignCenter)
        layout.addStretch(3)


def _wrapped(made: PlainLabel, name: str) -> PlainLabel:
    made.setObjectName(name)
    made.setMinimumWidth(Space.XXL)  # a path that cannot be wrapped must not widen the window
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    return made
