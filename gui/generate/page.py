"""The right side of the Generate tab: what is written, and where more is asked for; or the page before any model."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from gui.generate.attention_bar import AttentionBar
from gui.generate.bar import TranscriptBar
from gui.generate.composer import Composer
from gui.generate.transcript import Transcript
from gui.kit.notice import EmptyPage, Notice
from gui.kit.parts import column
from gui.kit.style import role
from gui.kit.theme import Size, Space


class WritingPage(QWidget):
    """A notice over the bar, the transcript and the composer.

    Attributes:
        notice, bar, attention, transcript, composer: its parts, from top to bottom.
        empty: what stands there while there is no model.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        role(self, "clear")
        self.notice = Notice("generate_notice")
        self.bar = TranscriptBar()
        self.attention = AttentionBar()
        self.transcript = Transcript()
        self.composer = Composer()
        self.empty = EmptyPage(
            "generate_empty",
            "No model to write with yet",
            "Train one first, in a minute or a night. Then write a beginning here, and it continues your text. "
            "You can also open a checkpoint that nanoGPT or Understudy made elsewhere.",
            "Train a Model",
        )
        self._lay_out()

    def show_model(self, there: bool) -> None:
        """Show what is written, or that there is no model to write with."""
        self._pages.setCurrentIndex(1 if there else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make room for what is told."""
        super().resizeEvent(event)
        self._make_room()

    def event(self, event: QEvent) -> bool:
        """Make room for what is told, as soon as it is."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._make_room()
        return super().event(event)

    def _make_room(self) -> None:
        """Let a notice have the room of the texts, then of their bar, then of the field, where there is too little."""
        width = self.width() - 2 * Space.L
        around = sum(_height(each, width) + Space.S for each in (self.notice, self.attention) if not each.isHidden())
        room = self.height() - around - Space.L - Space.S
        bar, told = _height(self.bar, width) + Space.S, not self.notice.isHidden()
        left = room - bar - self.composer.wished_height(width)
        self.transcript.setVisible(not told or left >= Size.SCRIPT)
        self.bar.setVisible(not told or left >= 0)
        for shown, height in ((self.bar, bar), (self.transcript, Size.SCRIPT + Space.S)):
            room -= 0 if shown.isHidden() else height
        self.composer.fit_into(width, room)

    def _lay_out(self) -> None:
        page = role(QWidget(), "clear")
        inside = column(page)
        inside.setContentsMargins(Space.L, 0, Space.L, Space.L)
        inside.addWidget(self.bar)
        inside.addWidget(self.attention)
        inside.addWidget(self.transcript, 1)
        inside.addWidget(self.composer)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.empty)
        self._pages.addWidget(page)
        notice_place = column()
        notice_place.setContentsMargins(Space.L, 0, Space.L, 0)
        notice_place.addWidget(self.notice)
        layout = column(self, spacing=Space.S)
        layout.setContentsMargins(0, Space.S, 0, 0)
        layout.addLayout(notice_place)
        layout.addWidget(self._pages, 1)


def _height(part: QWidget, width: int) -> int:
    """Return the height that a part needs at a width, in pixels."""
    return part.heightForWidth(width) if part.hasHeightForWidth() else part.sizeHint().height()
