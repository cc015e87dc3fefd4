"""The left side of the Generate tab: which model writes, and how."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from gui.generate.checkpoints import CheckpointPicker
from gui.generate.controls import DialPanel
from gui.kit.parts import column, label
from gui.kit.scroll_bars import quiet
from gui.kit.style import role, wide
from gui.kit.theme import Size, Space


class GenerateSidebar(QScrollArea):
    """The choice of checkpoints over the dials."""

    def __init__(self, picker: CheckpointPicker, dials: DialPanel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("generate_sidebar")
        quiet(self)
        self.setAccessibleName("Model and settings")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        wide(self, "sidebar")
        inside = role(QWidget(), "clear")
        layout = column(inside, margin=Space.L)
        layout.addWidget(picker)
        layout.addSpacing(Space.M)
        layout.addWidget(label("How It Writes", "headline"))
        layout.addWidget(dials)
        layout.addStretch()
        self.setWidget(inside)
        # what is set keeps its right edge, scroll bar or not
        self.verticalScrollBar().rangeChanged.connect(
            lambda _, last: layout.setContentsMargins(
                Space.L, Space.L, Space.L - (Size.SCROLLBAR if last else 0), Space.L
            )
        )
