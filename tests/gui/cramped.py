"""What in a window has less room than its words need: cut, elided without a way to read the whole, or overprinted."""

import itertools

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QHeaderView,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QScrollBar,
    QStyle,
    QStyleOptionComboBox,
    QTabBar,
    QToolButton,
    QWidget,
)

from gui.kit.parts import Elided, ElidedComboBox

SLACK = 1  # pixels that rounding may take


def cramped(window):
    """Return a line for each widget that is seen in a window and has too little room, however much is scrolled."""
    seen = [each for each in window.findChildren(QWidget) if each.isVisible() and each.window() is window]
    worded = [each for each in seen if words_of(each)]
    found = [f"{named(each)}: {what}" for each in seen for what in short_of(each)]
    found += [f"{named(each)}: {what}" for each in worded for what in cut_off(each, window)]
    return found + [f"{named(one)} lies over {named(other)}" for one, other in overprinted(worded, window)]


def words_of(widget):
    """Return the words that a widget shows, if it is one of those that are looked at."""
    if isinstance(widget, QLabel | QAbstractButton):
        return widget.text().replace("&", "")
    if isinstance(widget, QComboBox):
        return widget.currentText()
    if isinstance(widget, QTabBar):
        return " ".join(map(widget.tabText, range(widget.count())))
    if isinstance(widget, QPlainTextEdit):
        return widget.toPlainText() or widget.placeholderText()
    return widget.text() if isinstance(widget, QAbstractSpinBox) else ""


def named(widget):
    around = widget.parentWidget()
    name = widget.objectName() or f"{type(widget).__name__} in {around.objectName() or type(around).__name__}"
    return f"{name} “{words_of(widget)[:60]}”"


def short_of(widget):
    """Yield what a widget lacks for its words, whatever is around it."""
    if isinstance(widget, Elided):
        if widget.text() != widget.whole() and widget.whole() not in (widget.toolTip(), widget.accessibleName()):
            yield "shortened, and nothing tells the whole"
        elif widget.whole() and widget.width() < widget.fontMetrics().averageCharWidth() * min(len(widget.whole()), 8):
            yield f"{widget.width()} px are no room for its beginning"
    elif isinstance(widget, QLabel) and widget.text():
        yield from lacking(widget.contentsRect().size(), wrapped(widget) if widget.wordWrap() else lines_of(widget))
    elif isinstance(widget, QPushButton | QToolButton) or (isinstance(widget, QAbstractButton) and widget.text()):
        yield from lacking(widget.size(), widget.minimumSizeHint() if widget.text() else QSize(0, 0))
    elif isinstance(widget, QAbstractSpinBox):
        line = widget.lineEdit()
        margins = line.textMargins()
        room = line.width() - margins.left() - margins.right()
        yield from lacking(QSize(room, line.height()), size_of(line.fontMetrics(), line.text()))
    elif isinstance(widget, QComboBox) and not isinstance(widget, ElidedComboBox):
        option = QStyleOptionComboBox()
        widget.initStyleOption(option)
        part = QStyle.SubControl.SC_ComboBoxEditField
        room = widget.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, widget)
        yield from lacking(room.size(), size_of(widget.fontMetrics(), widget.currentText()))
    elif isinstance(widget, QTabBar):
        yield from lacking(widget.size(), widget.minimumSizeHint() if widget.usesScrollButtons() else widget.sizeHint())
        if widget.usesScrollButtons() and widget.width() < widget.sizeHint().width() - SLACK:
            yield "its tabs have to be scrolled"
    elif isinstance(widget, QHeaderView) and widget.orientation() is Qt.Orientation.Horizontal:
        yield from titles_cut(widget)


def titles_cut(header):
    for at in range(header.count()):
        title = header.model().headerData(at, header.orientation()) or ""
        room, needs = header.sectionSize(at), header.fontMetrics().horizontalAdvance(str(title))
        whole = header.model().headerData(at, header.orientation(), Qt.ItemDataRole.ToolTipRole)
        if not header.isSectionHidden(at) and room < needs and whole != title:
            yield f"{room} px for the title “{title}”, which needs {needs}"


def lines_of(label):
    """Return what the lines of a label need that does not wrap; its picture, where it is one."""
    if not label.pixmap().isNull():
        return QSize(0, 0)
    return size_of(label.fontMetrics(), label.text())


def wrapped(label):
    """Return what a label needs that wraps: the width of its longest word, the height of its lines at its width."""
    longest = max(map(label.fontMetrics().horizontalAdvance, label.text().split()), default=0)
    around = label.size() - label.contentsRect().size()
    width = longest if label.minimumWidth() <= 0 else 0  # one with a least width may break a word, as a path is one
    return QSize(width, label.heightForWidth(label.width()) - around.height())


def size_of(metrics, text):
    return metrics.boundingRect(QRect(0, 0, 9999, 9999), Qt.AlignmentFlag.AlignLeft, text).size()


def lacking(room, need):
    """Yield what is missing between a room and what is needed."""
    for side, has, wants in (("width", room.width(), need.width()), ("height", room.height(), need.height())):
        if has + SLACK < wants:
            yield f"{has} px of {side}, which needs {wants}"


def cut_off(widget, window):
    """Yield how a widget is cut by what is around it; what can be scrolled into sight is not."""
    shown, around = QRect(QPoint(), widget.size()), widget
    while around is not window:
        parent = around.parentWidget()
        area = parent.parentWidget()
        place = QRect(around.mapTo(parent, QPoint()), around.size())
        shown = QRect(widget.mapTo(parent, QPoint()), widget.size())
        scrolls = isinstance(area, QScrollArea) and area.viewport() is parent
        if shown.left() < -SLACK or shown.right() > parent.width() + SLACK:
            yield f"cut at the side by {parent.objectName() or type(parent).__name__} of {parent.width()} px"
            return
        if scrolls:
            if place.height() > parent.height() and not area.verticalScrollBar().maximum():
                yield f"below what {area.objectName()} can show"
            widget, around = area, area
            continue
        if shown.top() < -SLACK or shown.bottom() > parent.height() + SLACK:
            yield f"cut below by {parent.objectName() or type(parent).__name__} of {parent.height()} px"
            return
        around = parent


def overprinted(widgets, window):
    """Yield pairs of widgets that lie over each other in the same window, neither inside the other."""
    places = [(each, QRect(each.mapTo(window, QPoint()), each.size()).adjusted(1, 1, -1, -1)) for each in widgets]
    for (one, here), (other, there) in itertools.combinations(places, 2):
        inside = one.isAncestorOf(other) or other.isAncestorOf(one)
        if here.intersects(there) and not inside and scroller(one) is scroller(other):
            yield one, other


def scroller(widget):
    """Return what scrolls a widget, or None: what is in different ones is cut, and never lies over each other."""
    while widget is not None and not isinstance(widget, QScrollArea | QScrollBar):
        widget = widget.parentWidget()
    return widget
