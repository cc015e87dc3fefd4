"""The dials of generation: a slider and a field for each setting, and what it does in plain words."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from engine.config import SampleConfig
from gui.generate.state import DIALS, FIRST_SETTINGS, Dial
from gui.style import role
from gui.theme import Size, Space


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

    def __init__(self, dial: Dial, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.dial = dial
        self.setObjectName(f"{dial.name}_row")
        role(self, "clear")
        self._field = self._make_field()
        self._slider = self._make_slider()
        self._words = role(QLabel(), "caption")
        self._words.setWordWrap(True)
        label = QLabel(dial.label)
        label.setBuddy(self._field)
        top = QHBoxLayout()
        top.addWidget(label, 1)
        top.addWidget(self._field)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.XXS)
        layout.addLayout(top)
        if self._slider is not None:
            layout.addWidget(self._slider)
        layout.addWidget(self._words)
        self._field.valueChanged.connect(self._field_moved)
        self._say()

    def value(self) -> float:
        """Give the value: a whole number unless the setting has decimals."""
        return self._field.value()

    def set_value(self, value: float) -> None:
        """Choose a value."""
        if isinstance(self._field, QDoubleSpinBox):
            self._field.setValue(value)
        else:
            self._field.setValue(int(value))

    def _make_field(self) -> QSpinBox | QDoubleSpinBox:
        low, high = self.dial.limits()
        if self.dial.decimals:
            field: QSpinBox | QDoubleSpinBox = QDoubleSpinBox(
                decimals=self.dial.decimals, minimum=low, maximum=high, singleStep=0.05
            )
        else:
            field = QSpinBox(minimum=int(low), maximum=int(high))
            field.setGroupSeparatorShown(self.dial.grouped)
        field.setObjectName(self.dial.name)
        field.setAccessibleName(self.dial.label)
        field.setFixedWidth(Size.FIELD)
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
        words = self.dial.words(self.value())
        self._words.setText(words)
        self._field.setAccessibleDescription(words)
        if self._slider is not None and self.dial.scale is not None:
            # silent, for following the field must not round what was typed into it
            with QSignalBlocker(self._slider):
                self._slider.setValue(self.dial.scale.position(self.value()))
            self._slider.setAccessibleDescription(words)


class DialPanel(QWidget):
    """All dials, and a button back to the first settings.

    Signals:
        changed(): a setting has another value.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("generate_settings")
        role(self, "clear")
        self._rows = {dial.name: DialRow(dial) for dial in DIALS}
        self._reset = role(QPushButton("Back to the Guide’s Settings"), "plain")
        self._reset.setObjectName("reset_generate_settings")
        self._reset.setAccessibleName("Back to the guide’s settings")
        self._reset.clicked.connect(lambda: self.show_settings(FIRST_SETTINGS))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.M)
        for row in self._rows.values():
            layout.addWidget(row)
            row.changed.connect(self._changed)
        layout.addWidget(self._reset, 0, Qt.AlignmentFlag.AlignLeft)
        self.show_settings(FIRST_SETTINGS)

    def show_settings(self, config: SampleConfig) -> None:
        """Set every dial."""
        for name, row in self._rows.items():
            row.set_value(getattr(config, name))

    def settings(self, prompt: str) -> SampleConfig:
        """Give the settings with a beginning to continue."""
        whole = {name: row.value() if row.dial.decimals else int(row.value()) for name, row in self._rows.items()}
        return SampleConfig.of(whole, {"start": prompt})

    def _changed(self) -> None:
        at_first = self.settings(FIRST_SETTINGS.start) == FIRST_SETTINGS
        self._reset.setEnabled(not at_first)
        self.changed.emit()
