"""A row that goes on in a second line where the window is narrow or the text large, so that nothing in it is cut."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QSizePolicy, QWidget

from gui.kit.theme import Space

_Line = list[QLayoutItem]


class Flow(QLayout):
    """Widgets beside each other, each as wide as it likes to be, in as many lines as that takes.

    A line stands left, or in the middle. What is added after `push` stands at the right end of its line. A widget that
    can be any width gets what is left of its line.
    """

    def __init__(self, parent: QWidget | None = None, *, across: int = Space.S, down: int = Space.S) -> None:
        """Take the distances between neighbours and between lines, in pixels."""
        super().__init__(parent)
        self._items: _Line = []
        self._pushed: QLayoutItem | None = None
        self._push_next = False
        self._centered = False
        self._across, self._down = across, down
        self.setContentsMargins(0, 0, 0, 0)

    def center(self, wanted: bool) -> None:
        """Let lines stand in the middle, or begin at the left."""
        if wanted is not self._centered:
            self._centered = wanted
            self.invalidate()

    def push(self) -> None:
        """Let what is added from now on stand to the right."""
        self._push_next = True

    def addItem(self, item: QLayoutItem, /) -> None:
        """Take an item in."""
        self._items.append(item)
        if self._push_next:
            self._push_next, self._pushed = False, item

    def count(self) -> int:
        """Return how many items there are."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """Return an item, or None where there is none."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Take an item out and return it, or None where there is none."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        """Take the width there is, and no more height than the lines need."""
        return Qt.Orientation.Horizontal

    def hasHeightForWidth(self) -> bool:
        """Be higher where it is narrower."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of the lines at a width."""
        around = self.contentsMargins()
        lines = self._lines(width - around.left() - around.right())
        return sum(map(_height, lines)) + self._down * max(len(lines) - 1, 0) + around.top() + around.bottom()

    def sizeHint(self) -> QSize:
        """Return the size of a single line."""
        shown = self._shown()
        return self._with_margins(self._width(shown), _height(shown))

    def minimumSize(self) -> QSize:
        """Return the width of the widest item."""
        shown = self._shown()
        return self._with_margins(max(map(_least, shown), default=0), _height(shown))

    def setGeometry(self, rect: QRect) -> None:
        """Lay the items out."""
        super().setGeometry(rect)
        rect = rect.marginsRemoved(self.contentsMargins())
        top = rect.top()
        for line in self._lines(rect.width()):
            self._lay_out(line, QRect(rect.left(), top, rect.width(), _height(line)))
            top += _height(line) + self._down

    def _with_margins(self, width: int, height: int) -> QSize:
        return QSize(width, height).grownBy(self.contentsMargins())

    def _shown(self) -> _Line:
        return [item for item in self._items if not item.isEmpty()]

    def _width(self, line: _Line) -> int:
        return sum(map(_wished, line)) + self._across * max(len(line) - 1, 0)

    def _lines(self, width: int) -> list[_Line]:
        """Return the items that stand in each line; what gives way is as narrow as can be before a line is broken."""
        lines: list[_Line] = []
        for item in self._shown():
            if lines and sum(map(_least, lines[-1])) + _least(item) + self._across * len(lines[-1]) <= width:
                lines[-1].append(item)
            else:
                lines.append([item])
        return lines

    def _lay_out(self, line: _Line, place: QRect) -> None:
        """Lay a line out; what is left of its width goes to what can take it, else before what is pushed."""
        widths = [_least(item) for item in line]
        left = place.width() - sum(widths) - self._across * (len(line) - 1)
        taking = [at for at, item in enumerate(line) if _gives_way(item)]
        for at in taking:
            widths[at] += left // len(taking)
        x = place.left() + (max(left, 0) // 2 if self._centered and not taking else 0)
        for item, width in zip(line, widths, strict=True):
            if not taking and item is self._pushed_in(line):
                x += left
            size = QSize(min(width, place.width()), min(_height([item]), place.height()))
            item.setGeometry(QRect(QPoint(x, place.top() + (place.height() - size.height()) // 2), size))
            x += width + self._across

    def _pushed_in(self, line: _Line) -> QLayoutItem | None:
        """Return the first item of a line that stands to the right, or None."""
        if self._pushed is None or self._pushed not in self._items:
            return None
        pushed = self._items[self._items.index(self._pushed) :]
        return next((item for item in line if item in pushed), None)


def flow(*items: QWidget | None, spacing: int = Space.S) -> Flow:
    """Return a row of widgets that wraps; what stands after a None is at the right end."""
    made = Flow(across=spacing, down=spacing)
    for item in items:
        if item is None:
            made.push()
        else:
            made.addWidget(item)
    return made


def _wished(item: QLayoutItem) -> int:
    return item.sizeHint().width()


def _least(item: QLayoutItem) -> int:
    return item.minimumSize().width() if _gives_way(item) else max(item.sizeHint().width(), item.minimumSize().width())


def _height(line: _Line) -> int:
    return max((max(item.sizeHint().height(), item.minimumSize().height()) for item in line), default=0)


def _gives_way(item: QLayoutItem) -> bool:
    """Return whether an item can be narrower than it likes, and takes more than it needs."""
    widget = item.widget()
    if widget is None:
        return False
    policy = widget.sizePolicy().horizontalPolicy()
    return policy in (QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
