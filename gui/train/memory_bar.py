"""The memory a run will need, by part, against what this machine can give."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.kit import formats, theme
from gui.kit.flow import Flow, flow
from gui.kit.parts import button, column, label, row
from gui.kit.plain import plain_tip
from gui.kit.style import role
from gui.kit.theme import Size, Space
from gui.train.plan import PARTS, MemoryFit, Plan

_VERDICTS = {MemoryFit.FITS: "positive", MemoryFit.TIGHT: "caution", MemoryFit.WILL_NOT: "error"}
_WHY = {
    MemoryFit.FITS: "There is room for this run and for other programs.",
    MemoryFit.TIGHT: "It should fit, with little room left: close large programs first.",
    MemoryFit.WILL_NOT: "It needs more than training can have here. A smaller batch or model helps; you can start "
    "anyway.",
}
_WHICH = "Foretold from the model’s parts. While a run is on, the memory of the whole process is measured."
_LEGIBLE = 0.1
"""The share of the bar from which its parts can be told apart."""


class MemoryBar(QWidget):
    """A bar of the memory's parts with the verdict above; where they can be told apart, their names and amounts below.

    Signals:
        fit_asked(): the batch should be made to fit.
    """

    fit_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("memory_bar")
        self._amount = label(kind="secondary")
        self._verdict = label(kind="positive")
        self._bar = _Bar()
        self._names = {part: _Legend(part) for part in PARTS}
        self._legend = role(QWidget(), "clear")
        parts = Flow(self._legend, across=Space.M, down=Space.XXS)
        for part in PARTS:
            parts.addWidget(self._names[part])
        layout = column(self, spacing=Space.XS)
        self._fit = button("fit_button", "Fit", self.fit_asked.emit, "plain", says="Make the batch fit")
        layout.addLayout(flow(label("Memory Needed", "strong"), self._amount, None, self._verdict, self._fit))
        layout.addWidget(self._bar)
        layout.addWidget(self._legend)
        layout.addWidget(label(_WHICH, "caption", wrap=True))

    def show_plan(self, plan: Plan, fitting: dict[str, int]) -> None:
        """Show what a configuration will need; `fitting` is the batch that "Fit" would set, empty when none."""
        self._fit.setVisible(bool(fitting))
        words = ", ".join(f"{name} {value}" for name, value in fitting.items())
        self._fit.setToolTip(plain_tip(f"Set {words}: the same tokens per update, in the largest batch that fits well"))
        self._amount.setText(plan.memory_text)
        self._verdict.setText(plan.fit.value)
        role(self._verdict, _VERDICTS[plan.fit])
        self._bar.show_parts(plan.parts, plan.limit)
        for part, size in plan.parts:
            self._names[part].show_size(size)
            self._names[part].setVisible(size > 0)
        self._legend.setVisible(plan.memory.total > _LEGIBLE * plan.limit)
        words = ", ".join(f"{part} {formats.memory(size)}" for part, size in plan.parts)
        self.setToolTip(_WHY[plan.fit])
        self.setAccessibleName(f"Memory needed {plan.memory_text}: {plan.fit.value}")
        self.setAccessibleDescription(f"{words}. {_WHY[plan.fit]}")


class _Bar(QWidget):
    """The bar itself."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: tuple[tuple[str, int], ...] = ()
        self._limit = 1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_parts(self, parts: tuple[tuple[str, int], ...], limit: int) -> None:
        self._parts, self._limit = parts, max(limit, 1)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(Size.FIELD, Size.BAR)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect())
        shape = QPainterPath()
        shape.addRoundedRect(area, area.height() / 2, area.height() / 2)
        painter.setClipPath(shape)
        painter.fillRect(area, look.color("line"))
        total = sum(size for _, size in self._parts)
        whole = max(self._limit, total)
        left = 0.0
        for part, size in self._parts:
            width = area.width() * size / whole
            # a hair of ground between parts keeps them apart without their colors
            painter.fillRect(QRectF(left, 0, max(width - 1, 0.5), area.height()), look.color(part))
            left += width
        if total > self._limit:
            limit = area.width() * self._limit / whole
            painter.fillRect(QRectF(limit - 1, 0, Space.XXS, area.height()), look.color("text"))


class _Legend(QWidget):
    """A part's color, name and amount."""

    def __init__(self, part: str) -> None:
        super().__init__()
        self._part = part
        self._text = label(kind="caption")
        layout = row(spacing=0)
        layout.addSpacing(Size.DOT + Space.XS)
        layout.addWidget(self._text)
        self.setLayout(layout)

    def show_size(self, size: int) -> None:
        self._text.setText(f"{self._part.capitalize()} {formats.memory(size)}")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.current().color(self._part))
        painter.drawEllipse(QRectF(0, (self.height() - Size.DOT) / 2, Size.DOT, Size.DOT))
