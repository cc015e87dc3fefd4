"""What is read off the loss plot at one iteration, in words under its title."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from gui import formats, theme
from gui.parts import Steady, row
from gui.theme import Size, Space
from gui.train.curves import Unit
from gui.train.record import Trace


@dataclass(frozen=True, slots=True)
class Values:
    """All values at a logged iteration; None where there is none. Losses in the unit asked for."""

    iter_num: int
    loss: float
    smoothed: float
    validation: float | None
    lr: float
    grad_norm: float

    @property
    def spoken(self) -> str:
        """The values in a sentence."""
        return (
            f"iteration {formats.whole(self.iter_num)}, train {formats.loss(self.loss)}, "
            f"smoothed {formats.loss(self.smoothed)}, validation {formats.loss(self.validation)}, "
            f"learning rate {formats.power(self.lr)}, gradient norm {formats.loss(self.grad_norm)}"
        )


def values_at(trace: Trace, index: int, unit: Unit) -> Values:
    """Give the values at a logged iteration; the validation is the last one up to there."""
    steps = trace.curves.steps
    iter_num, lr, norm = (float(steps.column(name)[index]) for name in ("iter_num", "lr", "grad_norm"))
    told = np.array([steps.column(name)[index] for name in ("loss", "smoothed")])
    loss, smoothed = trace.scale.loss(told, unit).tolist()
    return Values(int(iter_num), loss, smoothed, validation_at(trace, iter_num, unit), lr, norm)


def validation_at(trace: Trace, iter_num: float, unit: Unit) -> float | None:
    """Give the last validation loss up to an iteration, or None before the first."""
    evals = trace.curves.evals
    before = int(np.searchsorted(evals.column("iter_num"), iter_num, side="right")) - 1
    return float(trace.scale.loss(evals.column("val_loss")[[before]], unit)[0]) if before >= 0 else None


class Reading(QWidget):
    """A line of values with the dots of their curves."""

    def __init__(self) -> None:
        super().__init__()
        self.where = Steady(kind="caption")
        self.where.setObjectName("loss_where")
        self._train = Legend("train")
        self._judged = Legend("validation")
        self._more = Steady(kind="caption")
        self.setLayout(row(self.where, self._train, self._judged, self._more, None, spacing=Space.M))
        self.show_values(None)

    def show_values(self, values: Values | None) -> None:
        """Show the values at an iteration; without any, what the curves are."""
        if values is None:
            told = ("", "train", "validation", "")
        else:
            told = (
                f"iteration {formats.whole(values.iter_num)}",
                f"train {formats.loss(values.loss)}, smoothed {formats.loss(values.smoothed)}",
                f"validation {formats.loss(values.validation)}",
                f"lr {formats.power(values.lr)}  ·  grad norm {formats.loss(values.grad_norm)}",
            )
        for each, text in zip((self.where, self._train, self._judged, self._more), told, strict=True):
            each.tell(text)
            each.setVisible(bool(text))


class Legend(Steady):
    """A dot in a curve's color, and what the curve is."""

    def __init__(self, color: str) -> None:
        super().__init__(kind="caption")
        self._color = color
        self.setIndent(Size.DOT + Space.XS)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint dot and words."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.current().color(self._color))
        painter.drawEllipse(QRectF(0, (self.height() - Size.DOT) / 2, Size.DOT, Size.DOT))
