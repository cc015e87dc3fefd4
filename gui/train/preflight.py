"""What the settings mean on this machine, before the start: memory, time, size, and what the guide says of it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from gui.kit.parts import column, label, row
from gui.kit.plain import plain_tip
from gui.kit.style import role
from gui.kit.theme import Space
from gui.train.memory_bar import MemoryBar
from gui.train.plan import Plan


class Preflight(QWidget):
    """The figures.

    Signals:
        fit_asked(): the batch should be made to fit.
    """

    fit_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        role(self, "clear")
        self._memory = MemoryBar()
        self._memory.fit_asked.connect(self.fit_asked)
        self._time = label(kind="secondary", wrap=True)  # of a slow machine: "8 h 30 min (5 h 24 min to 13 h 23 min)"
        self._time.setObjectName("time_estimate")
        self._parameters = label(kind="caption", wrap=True)
        self._reading = label(kind="caption", wrap=True)
        self._promise = label(kind="secondary", wrap=True)
        self._promise.setObjectName("promise")
        self._guide = label(kind="caption", wrap=True)
        self._guide.setObjectName("guide_says")
        layout = column(self, spacing=Space.S)
        layout.addWidget(self._memory)
        time = row()
        time.addWidget(label("Time", "strong"), 0, Qt.AlignmentFlag.AlignTop)
        time.addWidget(self._time, 1)
        layout.addLayout(time)
        layout.addWidget(self._promise)
        words = column(spacing=0)
        for each in (self._parameters, self._reading, self._guide):
            words.addWidget(each)
        layout.addLayout(words)

    def show_plan(self, plan: Plan, fitting: dict[str, int], guide: str | None) -> None:
        """Show what a configuration means; `fitting` is what "Fit" would set, `guide` what the guide says of it.

        Where that is empty its place is kept: what stands above must not jump as one types. None keeps no place.
        """
        self._memory.show_plan(plan, fitting)
        self._time.setText(plan.time_text)
        self._parameters.setText(plan.parameters_text)
        self._parameters.setToolTip(plain_tip(plan.parameters_sum))
        self._reading.setText(plan.reading_text)
        self._promise.setText(f"{plan.promise.words}." if plan.promise else "")
        self._promise.setVisible(plan.promise is not None)
        self._guide.setText(guide or "")
        policy = self._guide.sizePolicy()
        policy.setRetainSizeWhenHidden(guide is not None)
        self._guide.setSizePolicy(policy)
        self._guide.setVisible(bool(guide))
