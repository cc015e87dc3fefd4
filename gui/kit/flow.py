"""A row that goes on in a second line where the window is narrow or the text large, so that nothing in it is cut."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QSizePolicy, QWidget

from gui.kit.theme import Size, Space

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
        heights = [_height(line, widths) for line, widths in lines]
        return sum(heights) + self._down * max(len(lines) - 1, 0) + around.top() + around.bottom()

    def sizeHint(self) -> QSize:
        """Return the size of a single line."""
        shown = self._shown()
        return self._with_margins(self._width(shown), _height(shown, list(map(_wished, shown))))

    def minimumSize(self) -> QSize:
        """Return the width of the widest item."""
        shown = self._shown()
        return self._with_margins(max(map(_narrowest, shown), default=0), max(map(_lowest, shown), default=0))

    def setGeometry(self, rect: QRect) -> None:
        """Lay the items out."""
        super().setGeometry(rect)
        rect = rect.marginsRemoved(self.contentsMargins())
        top = rect.top()
        for line, widths in self._lines(rect.width()):
            height = _height(line, widths)
            self._lay_out(line, widths, QRect(rect.left(), top, rect.width(), height))
            top += height + self._down

    def _with_margins(self, width: int, height: int) -> QSize:
        return QSize(width, height).grownBy(self.contentsMargins())

    def _shown(self) -> _Line:
        return [item for item in self._items if not item.isEmpty()]

    def _width(self, line: _Line) -> int:
        return sum(map(_wished, line)) + self._across * max(len(line) - 1, 0)

    def _lines(self, width: int) -> list[tuple[_Line, list[int]]]:
        """Return the items of each line, and their widths; what gives way is narrow before a line is broken."""
        lines: list[_Line] = []
        for item in self._shown():
            if lines and sum(map(_least, lines[-1])) + _least(item) + self._across * len(lines[-1]) <= width:
                lines[-1].append(item)
            else:
                lines.append([item])
        return [(line, self._widths(line, width)) for line in lines]

    def _widths(self, line: _Line, width: int) -> list[int]:
        """Return the widths of the items of a line; what is left of it goes to what can take it."""
        widths = [min(_least(item), max(width, _narrowest(item))) for item in line]
        taking = [at for at, item in enumerate(line) if _gives_way(item)]
        for at in taking:
            widths[at] += (width - sum(widths) - self._across * (len(line) - 1)) // len(taking)
        return widths

    def _lay_out(self, line: _Line, widths: list[int], place: QRect) -> None:
        """Lay a line out; what is left of its width stands before what is pushed."""
        left = place.width() - sum(widths) - self._across * (len(line) - 1)
        x = place.left() + (max(left, 0) // 2 if self._centered else 0)
        pushed = self._pushed_in(line)
        for item, width in zip(line, widths, strict=True):
            if item is pushed:
                x += max(left, 0)
            height = _height([item], [width])
            item.setGeometry(QRect(QPoint(x, place.top() + (place.height() - height) // 2), QSize(width, height)))
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


def with_buttons(frame: QWidget, words: QWidget, buttons: QWidget) -> None:
    """Lay words out in a frame with buttons at their right, or below them where that leaves the words no room."""
    words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    words.setMinimumWidth(2 * Size.FIELD)
    made = Flow(frame, across=Space.M)
    made.setContentsMargins(Space.M, Space.M, Space.M, Space.M)
    made.addWidget(words)
    made.push()
    made.addWidget(buttons)


def _wished(item: QLayoutItem) -> int:
    return item.sizeHint().width()


def _narrowest(item: QLayoutItem) -> int:
    """Return the width below which an item is cut: what wraps can be narrower than it likes."""
    wraps = _gives_way(item) or item.hasHeightForWidth()
    return item.minimumSize().width() if wraps else max(_wished(item), item.minimumSize().width())


def _least(item: QLayoutItem) -> int:
    """Return the width below which a line is broken rather than an item narrowed."""
    return item.minimumSize().width() if _gives_way(item) else max(_wished(item), item.minimumSize().width())


def _lowest(item: QLayoutItem) -> int:
    return max(item.sizeHint().height(), item.minimumSize().height())


def _height(line: _Line, widths: list[int]) -> int:
    """Return the height of a line whose items have these widths."""
    heights = (
        item.heightForWidth(width) if item.hasHeightForWidth() else _lowest(item)
        for item, width in zip(line, widths, strict=True)
    )
    return max(heights, default=0)


def _gives_way(item: QLayoutItem) -> bool:
    """Return whether an item can be narrower than it likes, and takes more than it needs."""
    widget = item.widget()
    if widget is None:
        return False
    policy = widget.sizePolicy().horizontalPolicy()
    return policy in (QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
