"""The text as the model sees it, with what is known of the token that is looked at."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QWidget

from gui.data.token_view import TokenView
from gui.data.tokens import Opened, TokenWords
from gui.kit import formats
from gui.kit.parts import Elided, column, label, row
from gui.kit.style import role
from gui.kit.theme import Space

_PARTS = {"Training part": "train_path", "Validation part": "val_path"}


class TextPage(QWidget):
    """The tokens of either part of a text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        role(self, "clear")
        self._opened: Opened | None = None
        self._part = QComboBox()
        self._part.setObjectName("text_part")
        self._part.setAccessibleName("Part of the text")
        for words, path in _PARTS.items():
            self._part.addItem(words, path)
        self._part.currentIndexChanged.connect(lambda _: self._show())
        self._place = label(kind="caption")
        self._place.setObjectName("token_place")
        self._view = TokenView()
        self._view.current_changed.connect(self._tell)
        self._token = Elided(kind="caption")
        self._token.setObjectName("token_words")
        layout = column(self, spacing=Space.S)
        layout.addLayout(row(self._part, None, self._place))
        layout.addWidget(self._view, 1)
        layout.addLayout(row(self._token))

    def show_text(self, opened: Opened) -> None:
        """Show a text from its beginning."""
        self._opened = opened
        self._show()

    def clear(self) -> None:
        """Show nothing."""
        self._opened = None
        self._view.clear()
        self._place.setText("Opening…")
        self._token.tell("")

    def _show(self) -> None:
        opened = self._opened
        if opened is None:
            return
        from engine.datasets.report import RARE

        whole = opened.look.counted >= opened.look.train_tokens
        self._words = TokenWords(opened.tokenizer, opened.counts, RARE, whole)
        self._view.show_tokens(getattr(opened.dataset, self._part.currentData()), opened.tokenizer, self._words)
        self._tell(0)

    def _tell(self, place: int) -> None:
        token = self._view.token_at(place)
        if token is not None:
            self._place.setText(f"Token {formats.whole(place + 1)} of {formats.whole(self._view.length)}")
            self._token.tell(f"{self._words.of(token)}{self._words.warning(token)}")
