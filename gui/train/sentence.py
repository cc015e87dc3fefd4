"""What is to be trained as a sentence: words, and between them what can be chosen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QMargins, QSize
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QWidget

from gui.kit.flow import Flow
from gui.kit.parts import label, row
from gui.kit.style import role
from gui.kit.theme import Size, Space, current
from gui.train.choice_rows import ChoiceRows
from gui.train.form import ElidedCombo

_MOST_SHORTENED = 0.1  # of a name: "Complete …akespeare" is read at a glance, "Complet…espeare" is not
_SEEN = 30  # choices that are seen without scrolling, where the screen has room


class Sentence(QWidget):
    """Words and pickers in a line, or in several where there is no room; a word stays with what follows it.

    Before the line is broken, what is chosen first is shortened; the buttons stay with the last word.
    """

    def __init__(self, parts: Sequence[tuple[str, SentencePicker]], *ends: QWidget) -> None:
        """Take the words, each with what is chosen after it, and the buttons that end the sentence."""
        super().__init__()
        role(self, "clear")
        self._flow = Flow(self, across=Space.S, down=Space.S)
        self._words = [(label(words, "sentence"), picker) for words, picker in parts]
        self._pairs: list[QWidget] = []
        for words, picker in self._words:
            pair = role(QWidget(), "clear")
            self._pairs.append(pair)
            layout = row(words, picker, *(ends if picker is parts[-1][1] else ()), spacing=Space.S)
            layout.setStretch(1, 1)
            pair.setLayout(layout)
            self._flow.addWidget(pair)

    def stand(self, *, first: bool) -> None:
        """Stand large and in the middle where it is the first thing to read, else at the left and in ordinary type."""
        self._flow.center(first)
        for words, picker in self._words:
            role(words, "sentence" if first else "")
            role(picker, "sentence" if first else "phrase")
        self._fit()

    def event(self, event: QEvent) -> bool:
        """Fit what is chosen into the line when that or the room is another."""
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self._fit()
        return super().event(event)

    def _fit(self) -> None:
        """Shorten what is chosen first by as much as the line is too long, if that leaves most of it to read."""
        words, longest = self._words[0]
        wished = words.sizeHint().width() + Space.S + longest.whole.width()
        wished += sum(Space.S + pair.sizeHint().width() for pair in self._pairs[1:])
        longest.shorten(wished - self.contentsRect().width())


class SentencePicker(ElidedCombo):
    """A pop-up button that is as wide as what is chosen, so that it reads as a word of its sentence."""

    def __init__(self, name: str, says: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        role(self, "sentence")
        self.setObjectName(name)
        self.setAccessibleName(says)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(1)
        self._shortened = 0
        self.setMaxVisibleItems(_SEEN)
        self.setItemDelegate(ChoiceRows(self))
        self.currentTextChanged.connect(lambda _: self.updateGeometry())

    def sizeHint(self) -> QSize:
        """Return room for what is chosen, if it is not long beyond reading."""
        return self.whole.shrunkBy(QMargins(0, 0, self._shortened, 0))

    @property
    def whole(self) -> QSize:
        """The size at which all of what is chosen is read, if it is not long beyond reading."""
        chosen = self.fontMetrics().horizontalAdvance(self.currentText() or self.placeholderText())
        return self._room_for(min(chosen + Space.S, current().text_px(Size.MEASURE) // 2))

    def shorten(self, by: int) -> None:
        """Be so many pixels less wide than what is chosen; not at all where too little of it would be left to read."""
        less = by if 0 < by <= self.whole.width() * _MOST_SHORTENED else 0
        if less != self._shortened:
            self._shortened = less
            self.updateGeometry()

    def minimumSizeHint(self) -> QSize:
        """Return room for the beginning of a word."""
        return self._room_for(4 * self.fontMetrics().averageCharWidth())

    def _room_for(self, width: int) -> QSize:
        """Return the size for words of a width, in pixels."""
        option, room = QStyleOptionComboBox(), QSize(width, self.fontMetrics().height())
        self.initStyleOption(option)
        return self.style().sizeFromContents(QStyle.ContentsType.CT_ComboBox, option, room, self)

    def showPopup(self) -> None:
        """Open the list, wide enough for each of its lines, but inside the window from its left to its right."""
        room = self.window().geometry().marginsRemoved(QMargins(Space.L, 0, Space.L, 0))
        self.view().setMinimumWidth(min(self.view().sizeHintForColumn(0) + Space.XL, room.width()))
        super().showPopup()
        opened = self.view().window()
        opened.move(max(min(opened.x(), room.right() + 1 - opened.width()), room.left()), opened.y())
