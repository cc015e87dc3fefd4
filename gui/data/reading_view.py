"""What was found in the files that are set up: their beginning as a model will see it, and what became of the rest."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QPlainTextEdit, QWidget

from gui.kit.parts import column, empty, label, row
from gui.kit.scroll_bars import quiet
from gui.kit.style import role
from gui.kit.theme import Size, Space

ENCODINGS = {
    "": "As the files say",
    "utf-8": "Unicode (UTF-8)",
    "utf-16": "Unicode (UTF-16)",
    "cp1252": "Western (Windows 1252)",
    "mac-roman": "Western (Mac OS Roman)",
    "cp437": "Western (DOS 437)",
    "cp850": "Western (DOS 850)",
    "cp1250": "Central European (Windows 1250)",
    "iso8859-2": "Central European (ISO 8859-2)",
    "cp1251": "Cyrillic (Windows 1251)",
    "koi8-r": "Cyrillic (KOI8-R)",
    "cp866": "Cyrillic (DOS 866)",
    "cp1253": "Greek (Windows 1253)",
    "cp1254": "Turkish (Windows 1254)",
    "cp1255": "Hebrew (Windows 1255)",
    "cp1256": "Arabic (Windows 1256)",
    "cp1257": "Baltic (Windows 1257)",
    "cp1258": "Vietnamese (Windows 1258)",
    "cp874": "Thai (Windows 874)",
    "cp932": "Japanese (Shift JIS)",
    "euc_jp": "Japanese (EUC)",
    "gb18030": "Simplified Chinese (GB 18030)",
    "big5hkscs": "Traditional Chinese (Big5)",
    "cp949": "Korean (Windows 949)",
}
"""The encodings that are offered, by Python's name, called as macOS calls them."""


class ReadingView(QWidget):
    """The beginning of a text, what its files were read as, and a choice of encoding that shows its effect at once.

    Signals:
        encoding_chosen(name): files that are plain text should be read in this encoding; empty for what they say.
    """

    encoding_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        role(self, "clear")
        self._notes = column(spacing=Space.XXS)
        self._preview = quiet(QPlainTextEdit())
        self._preview.setObjectName("draft_preview")
        self._preview.setAccessibleName("The beginning of the text, as the model will see it")
        self._preview.setReadOnly(True)
        self._preview.setTabChangesFocus(True)
        self._preview.setFixedHeight(Size.PLOT)
        role(self._preview, "script")
        self._encoding = QComboBox()
        self._encoding.setObjectName("draft_encoding")
        self._encoding.setAccessibleName("Encoding of plain text files")
        for name, words in ENCODINGS.items():
            self._encoding.addItem(words, name)
        self._encoding.activated.connect(lambda _: self.encoding_chosen.emit(self._encoding.currentData()))
        page = column(self, spacing=Space.S)
        page.addLayout(
            row(label("As the Model Will See It", "strong"), None, label("Encoding", "caption"), self._encoding)
        )
        page.addWidget(self._preview)
        page.addLayout(self._notes)

    def show_waiting(self, encoding: str) -> None:
        """Show that the text is being looked at; the choice of encoding stays where it can be changed."""
        self._encoding.setCurrentIndex(max(0, self._encoding.findData(encoding)))
        self._preview.setPlainText("")
        empty(self._notes)

    def show_found(self, beginning: str, sentences: Sequence[str]) -> None:
        """Show the beginning of the text, and what became of its files, in a sentence each."""
        self._preview.setPlainText(beginning)
        empty(self._notes)
        for number, sentence in enumerate(sentences):
            made = label(f"•  {sentence}", "secondary", wrap=True)
            made.setObjectName(f"draft_note_{number}")
            self._notes.addWidget(made)
