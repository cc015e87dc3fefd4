"""A title that can be changed where it stands."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from gui.kit.parts import Elided, button, row
from gui.kit.style import role

LONGEST = 100


class EditableTitle(QWidget):
    """A title; Rename makes it a field, in which Return keeps what was typed and Escape does not.

    Signals:
        renamed(title): a person gave another title.
    """

    renamed = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        role(self, "clear")
        self._title = Elided(kind="title")
        self._title.setObjectName(name)
        self._field = QLineEdit()
        self._field.setObjectName(f"{name}_field")
        self._field.setAccessibleName("New name")
        self._field.setMaxLength(LONGEST)
        self._field.editingFinished.connect(self._keep)
        self._field.installEventFilter(self)
        self._field.hide()
        self._rename = button(f"{name}_rename", "Rename", self.edit, "plain")
        layout = row(self._title, self._field, self._rename)
        layout.setStretch(0, 1)
        layout.setStretch(1, 1)
        self.setLayout(layout)

    @property
    def editing(self) -> bool:
        """Whether the field is open."""
        return not self._field.isHidden()

    def show_title(self, title: str, *, can_rename: bool) -> None:
        """Show a title."""
        self._field.hide()
        self._title.show()
        self._title.tell(title)
        self._rename.setVisible(can_rename)

    def edit(self) -> None:
        """Let the title be changed."""
        if self._rename.isVisibleTo(self):
            self._field.setText(self._title.whole())
            self._title.hide()
            self._rename.hide()
            self._field.show()
            self._field.selectAll()
            self._field.setFocus(Qt.FocusReason.OtherFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave the title as it was at Escape."""
        escaped = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if watched is self._field and event.type() == QEvent.Type.KeyPress and escaped:
            self.show_title(self._title.whole(), can_rename=True)
            return True
        return super().eventFilter(watched, event)

    def _keep(self) -> None:
        if self.editing:
            before, title = self._title.whole(), self._field.text().strip()
            self.show_title(before, can_rename=True)  # whoever hears of another shows it, if the text can have it
            if title and title != before:
                self.renamed.emit(title)
