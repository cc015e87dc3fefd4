"""The line over the texts that shows where the model looked: which layer, which head, and what is to be said of it."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QSizePolicy, QSlider, QWidget

from engine.core.events import Attended
from gui.generate.attention import HOW_MEASURED, Looked, head_names
from gui.kit.flow import flow
from gui.kit.parts import Elided, ElidedComboBox, column, label
from gui.kit.plain import plain_tip
from gui.kit.style import role
from gui.kit.theme import Size, Space

_HOW = "Point at a token, or go to one with the arrow keys, to see where the model looked when it wrote it."
_HEAD_LETTERS = 8
_NOTHING = "Nothing stands before the first token."


class AttentionBar(QWidget):
    """A switch, a layer to scrub, a head to choose.

    Signals:
        wanted(bool): where the model looked is to be seen, or no more.
        chosen(): another layer or head is to be seen; `looked` tells.
    """

    wanted = Signal(bool)
    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        role(self, "clear")
        self.setObjectName("attention_bar")
        self._answer: Attended | None = None
        self._switch = QCheckBox("Attention")
        self._switch.setObjectName("attention_switch")
        self._switch.setAccessibleName("Attention")
        self._switch.setToolTip(plain_tip("Shade the text before a token by where the model looked when it wrote it"))
        self._switch.toggled.connect(self._turn)
        self._layer = QSlider(Qt.Orientation.Horizontal)
        self._layer.setObjectName("attention_layer")
        self._layer.setAccessibleName("Layer")
        self._layer.setPageStep(1)
        self._layer.setRange(1, 1)
        self._layer.setFixedWidth(Size.SCRUBBER)
        self._layer.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._layer.valueChanged.connect(self._show_layer)
        self._layer_name = label(kind="caption")
        self._heads = ElidedComboBox()
        self._heads.setObjectName("attention_head")
        self._heads.setAccessibleName("Head")
        self._heads.setMinimumContentsLength(_HEAD_LETTERS)
        self._heads.setToolTip(plain_tip(HOW_MEASURED))
        self._heads.currentIndexChanged.connect(self._tell)
        self._words = Elided(kind="caption")
        self._words.setObjectName("attention_words")
        self._words.setMinimumWidth(3 * Size.SCRUBBER)  # else it has a line of its own
        line = flow(self._switch, self._layer_name, self._layer, self._heads, self._words)
        column(self).addLayout(line)
        self._turn(False)

    @property
    def on(self) -> bool:
        """Whether where the model looked is to be seen."""
        return self._switch.isChecked()

    def set_on(self, on: bool) -> None:
        """Switch it on or off."""
        self._switch.setChecked(on)

    @property
    def looked(self) -> Looked | None:
        """What is to be seen, None while no token is pointed at."""
        if self._answer is None or not self.on:
            return None
        head = self._heads.currentIndex() - 1
        return Looked(self._answer, self._layer.value() - 1, None if head < 0 else head)

    def show_answer(self, answer: Attended | None, words: str = "") -> None:
        """Show where the model looked, or in words why that is not known; the layer and the head stay."""
        former, self._answer = self._answer, answer
        if answer is not None:
            layers, first = len(answer.weights), former is None and self._layer.maximum() <= 1
            with QSignalBlocker(self._layer):
                self._layer.setRange(1, layers)
                self._layer.setValue(layers if first else self._layer.value())
        self._show_parts()
        self._show_layer()
        if answer is None:
            self._words.tell(words or _HOW)

    def say_nothing_is_there(self) -> None:
        """Say that a token has nothing before it."""
        self.show_answer(None, _NOTHING)

    def _turn(self, on: bool) -> None:
        self._answer = None if not on else self._answer
        self._show_parts()
        self._words.tell(_HOW)
        self.wanted.emit(on)

    def _show_parts(self) -> None:
        there = self._answer is not None
        for part in (self._layer, self._layer_name, self._heads):
            part.setVisible(self.on)
            part.setEnabled(there)
        self._words.setVisible(self.on)

    def _show_layer(self) -> None:
        answer, at = self._answer, self._layer.value()
        self._layer_name.setText(f"Layer {at} of {self._layer.maximum()}" if answer is not None else "Layer")
        self._layer.setAccessibleDescription(self._layer_name.text())
        names = head_names(answer, at - 1)
        if answer is not None or not self._heads.count():
            with QSignalBlocker(self._heads):
                head = max(0, self._heads.currentIndex())
                self._heads.clear()
                self._heads.addItems(names)
                self._heads.setCurrentIndex(head if head < len(names) else 0)
            widest = max(map(self._heads.fontMetrics().horizontalAdvance, names))
            self._heads.view().setMinimumWidth(widest + 2 * Space.XL)
        self._tell()

    def _tell(self) -> None:
        looked = self.looked
        if looked is not None:
            self._words.tell(looked.words())
        self.chosen.emit()
