"""The name of a run over its stage, which is edited where it stands."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QLineEdit, QStackedWidget, QWidget

from gui.kit.parts import Elided
from gui.kit.plain import plain_tip
from gui.kit.style import role

_LONGEST = 200
_HOW = "Click to rename it"
_BEGIN = (Qt.Key.Key_F2, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class RunTitle(QStackedWidget):
    """A name, or while it is edited a field: a click, F2 or Return begins, Return ends, Escape leaves it as it was.

    Attributes:
        is_edited: whether the field is shown.

    Signals:
        renamed(name): a person gave the run another name; an empty one is that of its folder.
    """

    renamed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("run_title")
        self._folder = ""
        self.is_edited = False
        self._name = Elided("New run", "title", middle=True)
        self._field = _NameField()
        self._field.done.connect(lambda keep: self._end(keep=keep))
        self.addWidget(self._name)
        self.addWidget(self._field)
        self.setFixedHeight(self._field.sizeHint().height())

    def tell(self, name: str, folder: str = "") -> None:
        """Show a name; that of a run in a folder can be edited, and its technical name is told by the tooltip."""
        if (name, folder) == (self._name.whole(), self._folder):
            return
        self._name.tell(name)
        if folder != self._folder:
            self._folder = folder
            self._end(keep=False)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if folder else Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(f"Run: {name}" if folder else name)
        self.setAccessibleDescription(f"{_HOW}, or press F2. In the folder {folder}." if folder else "")
        self._name.setToolTip(plain_tip(name, f"{_HOW}. Its folder is {folder}.") if folder else plain_tip(name))
        self._name.setCursor(Qt.CursorShape.IBeamCursor if folder else Qt.CursorShape.ArrowCursor)

    def begin(self) -> None:
        """Let a person edit the name, all of it selected."""
        if self._folder and not self.is_edited:
            self.is_edited = True
            self._field.setText(self._name.whole())
            self.setCurrentWidget(self._field)
            self._field.setFocus()
            self._field.selectAll()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin with a click."""
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self.begin()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Begin with the keyboard."""
        if event.key() in _BEGIN and self._folder:
            self.begin()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Stay as high as the field: beginning to edit must not move the page."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "_field"):
            self.setFixedHeight(self._field.sizeHint().height())

    def _end(self, *, keep: bool) -> None:
        """Show the name again, and tell it when it is another."""
        if not self.is_edited:
            return
        self.is_edited = False  # first: the field tells once more as it loses the focus
        held = self._field.hasFocus()
        name = self._field.text().strip()
        self.setCurrentWidget(self._name)
        if held:
            self.setFocus()
        if keep and name != self._name.whole():
            self.renamed.emit(name)


class _NameField(QLineEdit):
    """A field for a name.

    Signals:
        done(keep): the person is through with it; what stands there counts, or does not.
    """

    done = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        role(self, "title")
        self.setObjectName("run_name_edit")
        self.setAccessibleName("Name of the run")
        self.setMaxLength(_LONGEST)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keep what stands there with Return, and the name as it was with Escape; neither goes any further."""
        if event.key() == Qt.Key.Key_Escape:
            self.done.emit(False)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.done.emit(True)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Keep what was typed when a person goes elsewhere in the window."""
        super().focusOutEvent(event)
        if event.reason() not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
            self.done.emit(True)
