"""The texts to learn from, in a word of the sentence, and below them the way to a text of one's own."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from gui.kit.plain import plain_tip
from gui.train.choice_rows import DETAIL
from gui.train.plan import TextChoice
from gui.train.sentence import SentencePicker

OWN_TEXT = "Your Own Text…"


class TextPicker(SentencePicker):
    """The name of the chosen text; its list tells what each text is.

    Signals:
        chosen(name): a person chose a text.
        own_text_asked(): a person wants to bring a text.
    """

    chosen = Signal(str)
    own_text_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("dataset_picker", "Text to learn from", parent)
        self._name = ""
        self.activated.connect(self._take)

    def show_texts(self, texts: Sequence[TextChoice], name: str) -> None:
        """Offer these texts, with one of them chosen."""
        self.clear()
        for at, one in enumerate(texts):
            self.addItem(one.title, one.name)
            told = {
                DETAIL: one.about,
                Qt.ItemDataRole.ToolTipRole: plain_tip(one.name),
                Qt.ItemDataRole.AccessibleTextRole: ", ".join(filter(None, (one.title, one.about))),
            }
            for role, words in told.items():
                self.setItemData(at, words, role)
        self.insertSeparator(self.count())
        self.addItem(OWN_TEXT)
        self._choose(name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from text to text with the arrow keys, and not past the last."""
        last = self.count() - 3  # before the line and what stands below it
        if event.key() == Qt.Key.Key_Down and self.currentIndex() >= last:
            return
        super().keyPressEvent(event)

    def _choose(self, name: str) -> None:
        self._name = name
        self.setCurrentIndex(self.findData(name))
        self.setToolTip(plain_tip(name))

    def _take(self, at: int) -> None:
        name = self.itemData(at)
        if name is None:
            self._choose(self._name)
            self.own_text_asked.emit()
        else:
            self._choose(name)
            self.chosen.emit(name)
