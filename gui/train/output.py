"""What a run puts out in words: what it writes, and its log; one of them at a time, for both need the width."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QStackedWidget, QTabBar, QWidget

from gui.kit.parts import column, row
from gui.kit.style import role
from gui.kit.theme import Size, Space
from gui.train.film_strip import FilmStrip
from gui.train.log_pane import LogPane


class Output(QFrame):
    """A card with a tab for each of the two, and the tools of the one in front beside the tabs."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        role(self, "card")
        self.setObjectName("output_card")
        self.film, self.log = FilmStrip(), LogPane()
        self._bar = role(QTabBar(), "compact")
        self._bar.setObjectName("output_pages")
        self._bar.setAccessibleName("Samples or log")
        self._bar.setExpanding(False)
        self._bar.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._bar.setDrawBase(False)
        self.setMinimumWidth(Size.TYPED)  # what is too much for one row goes into two
        tools, pages = QStackedWidget(), QStackedWidget()
        self._tools = tools
        for title, page in (("What It Writes", self.film), ("Log", self.log)):
            self._bar.addTab(title)
            tools.addWidget(page.tools)
            pages.addWidget(page)
        for stack in (tools, pages):
            self._bar.currentChanged.connect(stack.setCurrentIndex)
        layout = column(self, margin=Space.S, spacing=Space.XS)
        self._head = row(self._bar, spacing=Space.L)
        self._head.addWidget(tools, 1)
        layout.addLayout(self._head)
        layout.addWidget(pages, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the tools beneath the tabs where both would be cramped."""
        super().resizeEvent(event)
        wanted = self._bar.sizeHint().width() + Space.L + self._tools.minimumSizeHint().width() + Size.ROOMY
        narrow = self.width() < wanted
        self._head.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)
        self._head.setSpacing(Space.XS if narrow else Space.L)
