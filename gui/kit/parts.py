"""Small pieces that every tab is put together from: labels, buttons, sections, cards."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QByteArray, QEvent, QSettings, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLayout,
    QPushButton,
    QSizePolicy,
    QSplitter,
    QStyle,
    QStyleOption,
    QStyleOptionComboBox,
    QStylePainter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.kit.icons import put_on
from gui.kit.plain import PlainLabel, plain_tip
from gui.kit.style import role
from gui.kit.theme import Space, restyles

_GAP = Space.XS - Space.HAIR
"""Between a triangle and its words, beyond Qt's own: they stand in line with those beside a radio button."""


ANY_SIZE = 2**24 - 1
"""Qt's QWIDGETSIZE_MAX, which PySide does not have: no limit to a widget's size."""


def label(text: str = "", kind: str = "", *, wrap: bool = False) -> PlainLabel:
    """Return a label of plain text; `kind` is a role of gui/kit/style.py."""
    made = PlainLabel(text)
    made.setWordWrap(wrap)
    if kind:
        role(made, kind)
    return made


def button(name: str, text: str, act: Callable[[], object], kind: str = "", *, says: str = "") -> QPushButton:
    """Return a button that does something; `says` is its accessible name where the text alone is not enough."""
    made = QPushButton(text)
    made.setObjectName(name)
    made.setAccessibleName(says or text)
    made.setAutoDefault(False)
    made.clicked.connect(lambda: act())
    if kind:
        role(made, kind)
    return made


class IconButton(QToolButton):
    """A small button that is an icon, with its meaning as tooltip and accessible name."""

    def __init__(self, name: str, picture: str, says: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture = picture
        self.setObjectName(name)
        self.setAccessibleName(says)
        self.setToolTip(plain_tip(says))
        put_on(self, picture, "secondary")

    def show_picture(self, picture: str) -> None:
        """Show another icon."""
        self._picture = picture
        put_on(self, picture, "secondary")

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if restyles(event):
            put_on(self, self._picture, "secondary")


class Disclosure(QToolButton):
    """A heading with a triangle that unfolds what stands below it, while it is checked."""

    def __init__(self, name: str, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        role(self, "disclosure")
        self.setObjectName(name)
        self.setText(text)
        self.setAccessibleName(text)
        self.setCheckable(True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.toggled.connect(self._point)
        self._point()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if restyles(event):
            self._point()

    def _point(self) -> None:
        put_on(self, "chevron-open" if self.isChecked() else "chevron-right", "secondary", gap=_GAP)


_BETWEEN_FACTS = "  ·  "
"""What stands between the facts of a line."""


class Elided(PlainLabel):
    """A label that shortens its text to the room there is; the whole of it is in the tooltip.

    Of a line of facts those that do not fit are left out whole, the last first; else the text is cut, at its end, or
    in the middle where that is where it tells least, as in the name of a run, which ends in its day and time.
    """

    def __init__(self, text: str = "", kind: str = "", parent: QWidget | None = None, *, middle: bool = False) -> None:
        super().__init__(parent=parent)
        self._whole = ""
        self._cut = Qt.TextElideMode.ElideMiddle if middle else Qt.TextElideMode.ElideRight
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        if kind:
            role(self, kind)
        self.tell(text)

    def tell(self, text: str) -> None:
        """Show a text."""
        if text != self._whole:
            self._whole = text
            self.setToolTip(plain_tip(text))
            self.setAccessibleName(text)
            self._fit()

    def whole(self) -> str:
        """Return the text unshortened."""
        return self._whole

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten anew."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Shorten anew for letters of another width."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def _fit(self) -> None:
        metrics, room = self.fontMetrics(), max(self.contentsRect().width(), 1)
        words = self._whole
        while metrics.horizontalAdvance(words) > room and _BETWEEN_FACTS in words:
            words = words.rpartition(_BETWEEN_FACTS)[0]
        self.setText(metrics.elidedText(words, self._cut, room))


class ElidedComboBox(QComboBox):
    """A list to choose from that shortens a long name in its middle, where names differ least."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(12)
        self.view().setTextElideMode(Qt.TextElideMode.ElideMiddle)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the closed list."""
        painter, option = QStylePainter(self), QStyleOptionComboBox()
        self.initStyleOption(option)
        room = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, self
        )
        text = self.currentText() or self.placeholderText()
        fitting = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, room.width() - Space.XS)
        option.currentText = fitting
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)


class Wrapped(PlainLabel):
    """A label that wraps its text and is as high as that needs, without making the whole page ask for its height."""

    def __init__(self, text: str = "", kind: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setWordWrap(True)
        if kind:
            role(self, kind)

    def tell(self, text: str) -> None:
        """Show a text."""
        if text != self.text():
            self.setText(text)
            self._fit()

    def hasHeightForWidth(self) -> bool:
        """Let the page lay out by heights alone: `_fit` sees to this one's."""
        return False

    def changeEvent(self, event: QEvent) -> None:
        """Follow the type."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap anew."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.setMinimumHeight(0)  # Qt counts it in: what was high once would stay so
        self.setFixedHeight(max(self.heightForWidth(max(self.width(), 1)), 0))


class Popover(QFrame):
    """What opens over the window and goes at a click beside it or with Escape; its corners are round."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        role(self, "popover")

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint what the style sheet says: Qt leaves that to a window whose ground can be seen through."""
        option = QStyleOption()
        option.initFrom(self)
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_Widget, option, QPainter(self), self)


def card(name: str = "", margin: int = Space.M) -> tuple[QFrame, QVBoxLayout]:
    """Return a card and the layout of what lies on it."""
    frame = role(QFrame(), "card")
    frame.setObjectName(name)
    return frame, column(frame, margin=margin)


def column(parent: QWidget | None = None, *, margin: int = 0, spacing: int = Space.S) -> QVBoxLayout:
    """Return a column; `parent` becomes the widget that it fills."""
    made = QVBoxLayout()
    if parent is not None:
        parent.setLayout(made)
    made.setContentsMargins(margin, margin, margin, margin)
    made.setSpacing(spacing)
    return made


def row(*items: QWidget | QLayout | None, spacing: int = Space.S) -> QHBoxLayout:
    """Return a row of widgets and layouts; None is a stretch."""
    made = QHBoxLayout()
    made.setContentsMargins(0, 0, 0, 0)
    made.setSpacing(spacing)
    for item in items:
        if item is None:
            made.addStretch()
        elif isinstance(item, QLayout):
            made.addLayout(item)
        else:
            made.addWidget(item)
    return made


def beside(words: str, control: QWidget) -> QWidget:
    """Return a control with a few words before it, which are not parted from it."""
    pair = role(QWidget(), "clear")
    pair.setLayout(row(label(words, "caption"), control))
    return pair


def kept(splitter: QSplitter, name: str) -> QSplitter:
    """Let a splitter that has its parts stand as the person left it, also after the next start."""
    splitter.setObjectName(name)
    splitter.splitterMoved.connect(lambda *_: QSettings().setValue(_kept_as(splitter), splitter.saveState()))
    recall(splitter)
    return splitter


def recall(splitter: QSplitter) -> None:
    """Put a splitter that is kept as the person left it when it was last divided along the same direction."""
    before = QSettings().value(_kept_as(splitter))
    if isinstance(before, QByteArray):
        splitter.restoreState(before)


def _kept_as(splitter: QSplitter) -> str:
    across = splitter.orientation() is Qt.Orientation.Horizontal
    return f"window/{splitter.objectName()}_{'across' if across else 'down'}"


def hairline() -> QFrame:
    """Return a line between two parts."""
    return role(QFrame(), "line")


def empty(layout: QLayout) -> None:
    """Take everything out of a layout."""
    while (item := layout.takeAt(0)) is not None:
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        if inner is not None:
            empty(inner)
