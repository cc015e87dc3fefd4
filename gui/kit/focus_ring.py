"""The ring around what has the focus, as macOS draws it: outside the control, in the accent, and at once.

Nothing moves: the ring is there or not, whatever the system says of motion.
"""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt, Slot
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent, QPen, QRegion
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QLineEdit,
    QPlainTextEdit,
    QRadioButton,
    QScrollArea,
    QSlider,
    QStyle,
    QStyleOptionButton,
    QStyleOptionSlider,
    QTabBar,
    QTextEdit,
    QToolButton,
    QWidget,
)
from shiboken6 import isValid

from gui.kit import theme
from gui.kit.theme import Radius, Size, Space

_BY_KEYBOARD = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)


_MOVES = (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show)
_BAND = Size.RING + Space.HAIR
"""How thick the ring is: it covers the edge of the control too."""

T = TypeVar("T", int, float)


class FocusRing(QObject):
    """Shows a ring around what gets the focus, or none: what moved the focus last decides.

    Fields to write in have theirs always. What the program itself focuses is shown as before: a press of Space that
    leads from Train to Pause keeps the ring, and the first button of a new window has none.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._by_keyboard = False
        self._before: QWidget | None = None
        self._ring: Ring | None = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Heed how the focus came, and that it went."""
        if isinstance(event, QFocusEvent):
            if event.gotFocus():
                if event.reason() is Qt.FocusReason.MouseFocusReason:
                    self._by_keyboard = False
                elif event.reason() in _BY_KEYBOARD and self._could_stay():
                    self._by_keyboard = True
                self._before = QApplication.focusWidget()
            self._surround(QApplication.focusWidget() if event.gotFocus() else None)
        return False

    def _could_stay(self) -> bool:
        """Return whether a person moved the focus: Qt moves it on as Tab does when what has it goes."""
        before = self._before
        return before is None or (isValid(before) and before.isVisible() and before.isEnabled())

    def _surround(self, widget: QWidget | None) -> None:
        if self._ring is not None and isValid(self._ring):
            self._ring.setParent(None)  # with this it is Python's, and goes at once
        self._ring = None
        if widget is None or widget.isWindow():
            return
        if self._by_keyboard:
            bring_into_view(widget)
        if self._by_keyboard or is_written_in(widget):
            self._ring = Ring(widget)


def bring_into_view(widget: QWidget) -> None:
    """Scroll a widget into view: Qt does so only where the focus comes from the same pane."""
    above = widget.parentWidget()
    while above is not None:
        if isinstance(above, QScrollArea):
            above.ensureWidgetVisible(widget)
        above = above.parentWidget()


def is_written_in(widget: QWidget) -> bool:
    """Return whether a widget is a field that a person writes in now."""
    if isinstance(widget, QLineEdit | QPlainTextEdit | QTextEdit):
        return not widget.isReadOnly()
    return isinstance(widget, QAbstractSpinBox)


class Ring(QWidget):
    """Follows one control and is painted around it, over what is beside it, and within its pane.

    It is no QFocusFrame: PySide takes the control for a child of that, and drops it with the frame.
    """

    def __init__(self, control: QWidget) -> None:
        chain = _up_to_its_pane(control)
        self._pane = chain[-1]
        super().__init__(self._pane)
        self.control = control
        self._corner = 0.0
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        for each in chain:
            each.installEventFilter(self)
        if isinstance(control, QSlider):  # its knob moves, and so does the tab that is chosen
            control.valueChanged.connect(self.follow)
        elif isinstance(control, QTabBar):
            control.currentChanged.connect(self.follow)
        self.follow()
        self.show()
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the control, and all that moves it."""
        if event.type() in _MOVES:
            self.follow()
        return False

    @Slot()
    def follow(self) -> None:
        """Go where the control is now."""
        area, radius = outline(self.control)
        area.translate(self.control.mapTo(self._pane, QPoint()))
        place = area.adjusted(*_all_round(Size.RING)) & self._pane.rect()
        self._corner = radius + Size.RING - _BAND / 2
        self.setGeometry(place)
        # what is inside is left alone, so that it scrolls as fast as without a ring
        inner = QRect(QPoint(), place.size()).adjusted(*_all_round(-_BAND))
        wide, tall = inner.adjusted(0, radius, 0, -radius), inner.adjusted(radius, 0, -radius, 0)
        self.setMask(QRegion(self.rect()) - QRegion(wide) - QRegion(tall))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the ring: over the edge of the control and beyond it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.current().color("ring"), _BAND))
        middle = QRectF(self.rect()).adjusted(*_all_round(-_BAND / 2))
        painter.drawRoundedRect(middle, self._corner, self._corner)


def _up_to_its_pane(control: QWidget) -> list[QWidget]:
    """Return a control, what it stands in, and last what cuts it off: the view that scrolls it, or the window."""
    chain = [control]
    while (above := chain[-1].parentWidget()) is not None:
        chain.append(above)
        if above.isWindow() or isinstance(above.parentWidget(), QAbstractScrollArea):
            break
    return chain


def outline(widget: QWidget) -> tuple[QRect, int]:
    """Return what of a widget its ring goes around, in its own coordinates, and the radius of the corners there."""
    if isinstance(widget, QCheckBox | QRadioButton):
        return _indicator(widget)
    if isinstance(widget, QSlider):
        return _knob(widget)
    if isinstance(widget, QTabBar):
        tab = widget.tabRect(widget.currentIndex())
        wide, tall = (0, 0) if widget.property("role") == "compact" else (Space.XXS, Space.S)
        return tab.adjusted(wide, tall, -wide, -tall), Radius.CONTROL
    return widget.rect(), Radius.SMALL if isinstance(widget, QToolButton) else Radius.CONTROL


def _indicator(widget: QCheckBox | QRadioButton) -> tuple[QRect, int]:
    is_box, option, element = isinstance(widget, QCheckBox), QStyleOptionButton(), QStyle.SubElement
    widget.initStyleOption(option)
    kind = element.SE_CheckBoxIndicator if is_box else element.SE_RadioButtonIndicator
    place = widget.style().subElementRect(kind, option, widget)
    return place, Radius.SMALL if is_box else place.height() // 2


def _knob(widget: QSlider) -> tuple[QRect, int]:
    option, control = QStyleOptionSlider(), QStyle.ComplexControl.CC_Slider
    widget.initStyleOption(option)
    place = widget.style().subControlRect(control, option, QStyle.SubControl.SC_SliderHandle, widget)
    return place, place.height() // 2


def _all_round(distance: T) -> tuple[T, T, T, T]:
    """Return what makes a rectangle larger by a distance on each side."""
    return -distance, -distance, distance, distance
