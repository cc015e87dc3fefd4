"""The left side of the Data tab: the texts, and the place where one's own are added."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QWidget

from gui.data.preparing import Preparations, ProgressStrip
from gui.data.state import TextRow, total_text
from gui.data.text_list import TextList
from gui.kit.flow import flow
from gui.kit.parts import button, column, label
from gui.kit.style import role, wide
from gui.kit.theme import Space

_INVITATION = "Drop texts, documents, e-books or chats, or a folder of them, anywhere in this window. Or paste a text."


class DataSidebar(QWidget):
    """The list of texts over the well for new ones.

    Signals:
        files_asked(), folder_asked(), paste_asked(): a button to add something was pressed.
        gallery_asked(): the person wants to see the texts to begin with.
    """

    files_asked = Signal()
    folder_asked = Signal()
    paste_asked = Signal()
    gallery_asked = Signal()

    def __init__(self, preparations: Preparations, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        role(self, "clear")
        wide(self, "sidebar")
        self.list = TextList()
        self._total = label(kind="caption")
        self._total.setObjectName("texts_total")
        self._well = role(QFrame(), "card")
        self._well.setObjectName("drop_well")
        self._heading = label("Your Own Text", "strong")
        inside = column(self._well, margin=Space.M, spacing=Space.S)
        inside.addWidget(self._heading)
        inside.addWidget(label(_INVITATION, "caption", wrap=True))
        inside.addLayout(
            flow(
                button("add_file_button", "Add Files…", self.files_asked.emit),
                button("add_folder_button", "Add Folder…", self.folder_asked.emit),
                button("paste_text_button", "Paste", self.paste_asked.emit, says="Paste a text"),
            )
        )
        inside.addWidget(ProgressStrip(preparations))
        side = column(self, spacing=Space.S)
        side.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        side.addWidget(button("gallery_button", "Texts to Begin With…", self.gallery_asked.emit, "tall"))
        side.addWidget(self.list, 1)
        side.addWidget(self._total)
        side.addWidget(self._well)

    def show_rows(self, rows: Sequence[TextRow], choose: str) -> None:
        """Show these texts; `choose` names the one to choose, else the choice stays."""
        self._total.setText(total_text(rows))
        self.list.show_rows(rows, choose)

    def show_drop(self, *, over: bool) -> None:
        """Show that what is dragged can be dropped, or no longer."""
        role(self._well, "notice" if over else "card")
        self._heading.setText("Drop to Add" if over else "Your Own Text")
