"""What is read off the loss plot at one iteration, in words under its title."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gui.kit import formats
from gui.kit.painted_words import Line, Word
from gui.train.curves import Unit
from gui.train.record import RunTrace


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


def values_at(trace: RunTrace, index: int | None, unit: Unit) -> Values:
    """Return the values at a logged iteration; the validation is the last one up to there.

    Without an iteration these are the newest values of all: the same as in the figures over the plot.
    """
    upto = np.inf if index is None else None
    index = len(trace.curves.steps) - 1 if index is None else index
    steps = trace.curves.steps
    iter_num, lr, norm = (float(steps.column(name)[index]) for name in ("iter_num", "lr", "grad_norm"))
    losses = np.array([steps.column(name)[index] for name in ("loss", "smoothed")])
    loss, smoothed = trace.scale.loss(losses, unit).tolist()
    return Values(int(iter_num), loss, smoothed, validation_at(trace, upto or iter_num, unit), lr, norm)


def validation_at(trace: RunTrace, iter_num: float, unit: Unit) -> float | None:
    """Return the last validation loss up to an iteration, or None before the first."""
    evals = trace.curves.evals
    before = int(np.searchsorted(evals.column("iter_num"), iter_num, side="right")) - 1
    return float(trace.scale.loss(evals.column("val_loss")[[before]], unit)[0]) if before >= 0 else None


class CurveReadout(Line):
    """A line of values with the dots of their curves."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("loss_reading")
        self.show_values(None)

    def show_values(self, values: Values | None) -> None:
        """Show the values at an iteration; without any, what the curves are."""
        if values is None:
            self.tell(Word("train", dot="train"), Word("validation", dot="validation"))
        else:
            self.tell(
                Word(f"iteration {formats.whole(values.iter_num)}"),
                Word(f"train {formats.loss(values.loss)}, smoothed {formats.loss(values.smoothed)}", dot="train"),
                Word(f"validation {formats.loss(values.validation)}", dot="validation"),
                Word(f"lr {formats.power(values.lr)}"),
                Word(f"grad norm {formats.loss(values.grad_norm)}"),
            )
