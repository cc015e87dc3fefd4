"""The rows of the dials: a slider and a field for each setting, what it does in plain words, and the way back."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QLineEdit, QSlider, QWidget

from gui.generate.dials import FIRST_SETTINGS, Dial, stop_words
from gui.kit.flow import flow
from gui.kit.number_fields import DecimalField, WholeField
from gui.kit.parts import IconButton, column, label, row
from gui.kit.style import role, wide
from gui.kit.theme import Space


class _WheelGuard(QObject):
    """Lets the wheel scroll the page instead of turning a dial that is merely under the pointer."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)


class DialRow(QWidget):
    """One setting.

    Signals:
        changed(): the person or the program chose another value.
    """

    changed = Signal()

    def __init__(self, dial: Dial, parent: QWidget | None = None, *, before_field: Sequence[QWidget] = ()) -> None:
        super().__init__(parent)
        self.dial = dial
        self.setObjectName(f"{dial.name}_row")
        role(self, "clear")
        self._field = self._make_field()
        self._slider = self._make_slider()
        self._words = label(kind="caption", wrap=True)
        name = label(dial.label)
        name.setBuddy(self._field)
        self._reset = reset_button(dial.name, dial.label)
        self._reset.clicked.connect(lambda: self.set_value(getattr(FIRST_SETTINGS, dial.name)))
        layout = column(self, spacing=Space.XXS)
        layout.addLayout(flow(name, None, *before_field, self._reset, self._field, spacing=Space.XS))
        if self._slider is not None:
            ends = [label(words, "caption") if words else None for words in dial.ends]
            line = row(spacing=Space.S)
            for part in (ends[0], self._slider, ends[1]):
                if part is not None:
                    line.addWidget(part, 1 if part is self._slider else 0)
            layout.addLayout(line)
        layout.addWidget(self._words)
        self._field.valueChanged.connect(self._field_moved)
        self._say()

    def value(self) -> float:
        """Return the value: a whole number unless the setting has decimals."""
        return self._field.value()

    def set_value(self, value: float) -> None:
        """Choose a value."""
        if isinstance(self._field, DecimalField):
            self._field.setValue(value)
        else:
            self._field.setValue(int(value))

    def words(self) -> str:
        """Return what the value does."""
        return self.dial.words(self.value())

    def _make_field(self) -> WholeField | DecimalField:
        low, high = self.dial.limits()
        if self.dial.decimals:
            decimals = DecimalField()
            decimals.setDecimals(self.dial.decimals)
            decimals.setRange(low, high)
            decimals.setSingleStep(0.05)
            field: WholeField | DecimalField = decimals
        else:
            field = wholes = WholeField()
            wholes.setRange(int(low), int(high))
            wholes.setGroupSeparatorShown(self.dial.grouped)
        field.setObjectName(self.dial.name)
        field.setAccessibleName(self.dial.label)
        wide(field, "field")
        field.setAlignment(Qt.AlignmentFlag.AlignRight)
        field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        field.installEventFilter(_WheelGuard(field))
        if self.dial.at_zero:
            field.setSpecialValueText(self.dial.at_zero)
        return field

    def _make_slider(self) -> QSlider | None:
        if self.dial.scale is None:
            return None
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(0, self.dial.scale.steps)
        slider.setObjectName(f"{self.dial.name}_slider")
        slider.setAccessibleName(f"{self.dial.label} slider")
        slider.setPageStep(max(1, self.dial.scale.steps // 10))
        slider.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        slider.installEventFilter(_WheelGuard(slider))
        slider.valueChanged.connect(self._slider_moved)
        return slider

    def _slider_moved(self, position: int) -> None:
        if self.dial.scale is not None:
            self.set_value(round(self.dial.scale.value(position), self.dial.decimals))

    def _field_moved(self) -> None:
        self._say()
        self.changed.emit()

    def _say(self) -> None:
        words = self.words()
        self._words.setText(words)
        show_reset(self._reset, self.value() != getattr(FIRST_SETTINGS, self.dial.name))
        self._field.setAccessibleDescription(words)
        if self._slider is not None and self.dial.scale is not None:
            # silent, for following the field must not round what was typed into it
            with QSignalBlocker(self._slider):
                self._slider.setValue(self.dial.scale.position(self.value()))
            self._slider.setAccessibleDescription(words)


class StopRow(QWidget):
    """The text at which writing ends; a backslash and an n stand for a line break.

    Signals:
        changed(): the text is another.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        role(self, "clear")
        self._field = QLineEdit()
        self._field.setObjectName("stop")
        self._field.setAccessibleName("Stop at")
        self._field.setPlaceholderText("Nothing")
        wide(self._field, "field")
        self._words = label(kind="caption", wrap=True)
        name = label("Stop at")
        name.setBuddy(self._field)
        self._reset = reset_button("stop", "Stop at")
        self._reset.clicked.connect(self._field.clear)
        layout = column(self, spacing=Space.XXS)
        layout.addLayout(row(name, None, self._reset, self._field, spacing=Space.XS))
        layout.addWidget(self._words)
        self._field.textChanged.connect(self._say)
        self._say()

    def value(self) -> str:
        """Return the text."""
        return self._field.text().replace("\\n", "\n")

    def set_value(self, text: str) -> None:
        """Choose a text."""
        self._field.setText(text.replace("\n", "\\n"))

    def _say(self) -> None:
        self._words.setText(stop_words(self._field.text()))
        self._field.setAccessibleDescription(self._words.text())
        show_reset(self._reset, bool(self._field.text()))
        self.changed.emit()


def reset_button(name: str, what: str) -> IconButton:
    """Return a button that brings one setting back."""
    made = IconButton(f"reset_writing_{name}", "reset", f"{what}: back to the guide’s setting")
    kept = made.sizePolicy()
    kept.setRetainSizeWhenHidden(True)
    made.setSizePolicy(kept)
    return made


def show_reset(reset: IconButton, changed: bool) -> None:
    """Offer the way back only from a setting that was changed."""
    reset.setVisible(changed)
