"""What is to be trained as a sentence: words, and between them what can be chosen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QWidget

from gui.kit.flow import Flow
from gui.kit.parts import label, row
from gui.kit.style import role
from gui.kit.theme import Size, Space, current
from gui.train.form import ElidedCombo


class Sentence(QWidget):
    """Words and pickers in a line, or in several where there is no room; a word stays with what follows it."""

    def __init__(self, parts: Sequence[tuple[str, QWidget]], *ends: QWidget) -> None:
        """Take the words, each with what is chosen after it, and the buttons that end the sentence."""
        super().__init__()
        role(self, "clear")
        self._flow = Flow(self, across=Space.S, down=Space.S)
        self._words = [(label(words, "sentence"), picker) for words, picker in parts]
        for words, picker in self._words:
            pair = role(QWidget(), "clear")
            layout = row(words, picker, spacing=Space.S)
            layout.setStretch(1, 1)
            pair.setLayout(layout)
            self._flow.addWidget(pair)
        for end in ends:
            self._flow.addWidget(end)

    def stand(self, *, first: bool) -> None:
        """Stand large and in the middle where it is the first thing to read, else at the left and in ordinary type."""
        self._flow.center(first)
        for words, picker in self._words:
            role(words, "sentence" if first else "")
            role(picker, "sentence" if first else "phrase")


class SentencePicker(ElidedCombo):
    """A pop-up button that is as wide as what is chosen, so that it reads as a word of its sentence."""

    def __init__(self, name: str, says: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        role(self, "sentence")
        self.setObjectName(name)
        self.setAccessibleName(says)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(1)
        self.currentTextChanged.connect(lambda _: self.updateGeometry())

    def sizeHint(self) -> QSize:
        """Return room for what is chosen, if it is not long beyond reading."""
        chosen = self.fontMetrics().horizontalAdvance(self.currentText() or self.placeholderText())
        return self._room_for(min(chosen + Space.S, current().text_px(Size.MEASURE) // 2))

    def minimumSizeHint(self) -> QSize:
        """Return room for the beginning of a word."""
        return self._room_for(4 * self.fontMetrics().averageCharWidth())

    def _room_for(self, width: int) -> QSize:
        """Return the size for words of a width, in pixels."""
        option, room = QStyleOptionComboBox(), QSize(width, self.fontMetrics().height())
        self.initStyleOption(option)
        return self.style().sizeFromContents(QStyle.ContentsType.CT_ComboBox, option, room, self)

    def showPopup(self) -> None:
        """Open the list, wide enough for each of its lines."""
        self.view().setMinimumWidth(min(self.view().sizeHintForColumn(0) + Space.XL, Size.MEASURE))
        super().showPopup()
