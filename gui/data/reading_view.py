"""What was found in the files that are set up: their beginning as a model will see it, and what became of the rest."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from engine.text.wishes import ReadingWishes
from gui.data.draft import DraftMeasured
from gui.data.speakers import SpeakerFields
from gui.kit.flow import flow
from gui.kit.parts import ElidedComboBox, beside, column, empty, label
from gui.kit.scroll_bars import quiet
from gui.kit.style import role, wide
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

_KEY_WORDS = {"text_key": "Words from", "speaker_key": "Names from"}


class ReadingView(QWidget):
    """The beginning of a text, what its files were read as, and a choice of encoding that shows its effect at once.

    Where words stand under a key or in a column, that can be chosen too, and in a chat what its speakers are called.

    Signals:
        wished(wish, value): the files should be read otherwise: a field of ReadingWishes, and its value.
    """

    wished = Signal(str, object)

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
        self._encoding = ElidedComboBox()
        self._encoding.setObjectName("draft_encoding")
        self._encoding.setAccessibleName("Encoding of plain text files")
        for name, words in ENCODINGS.items():
            self._encoding.addItem(words, name)
        self._encoding.activated.connect(lambda _: self.wished.emit("encoding", self._encoding.currentData()))
        self._encoding_row = beside("Encoding", self._encoding)
        self._keys = {wish: self._key_picker(wish, words) for wish, words in _KEY_WORDS.items()}
        self._key_row = role(QWidget(), "clear")
        self._key_row.setLayout(flow(*(beside(words, self._keys[wish]) for wish, words in _KEY_WORDS.items())))
        self._key_row.hide()
        self._speakers = SpeakerFields()
        self._speakers.renamed.connect(lambda names: self.wished.emit("names", names))
        self._speakers.hide()
        page = column(self, spacing=Space.S)
        page.addLayout(flow(label("As the Model Will See It", "strong"), None, self._encoding_row))
        page.addWidget(self._key_row)
        page.addWidget(self._preview)
        page.addLayout(self._notes)
        page.addWidget(self._speakers)

    def show_another(self) -> None:
        """Forget what was found of another text."""
        self._key_row.hide()
        self._speakers.hide()

    def show_waiting(self, wishes: ReadingWishes, *, of_files: bool) -> None:
        """Show that the text is being looked at; what can be chosen of files stays where it is."""
        self._encoding_row.setVisible(of_files)
        self._encoding.setCurrentIndex(max(0, self._encoding.findData(wishes.encoding)))
        self._preview.setPlainText("")
        empty(self._notes)

    def show_keys(self, keys: Sequence[str], wishes: ReadingWishes) -> None:
        """Offer the keys or columns that the files have."""
        self._key_row.show()
        for wish, picker in self._keys.items():
            picker.clear()
            picker.addItem("By custom", "")
            for key in keys:
                picker.addItem(key, key)
            picker.setCurrentIndex(max(0, picker.findData(getattr(wishes, wish))))

    def show_found(self, found: DraftMeasured, wishes: ReadingWishes) -> None:
        """Show the beginning of the text, what became of its files, and who writes in it."""
        self._preview.setPlainText(found.beginning)
        self._speakers.show_speakers(found.speakers, wishes.names)
        empty(self._notes)
        for number, sentence in enumerate(found.sentences):
            made = label(f"•  {sentence}", "secondary", wrap=True)
            made.setObjectName(f"draft_note_{number}")
            self._notes.addWidget(made)

    def _key_picker(self, wish: str, words: str) -> ElidedComboBox:
        made = ElidedComboBox()
        made.setObjectName(f"draft_{wish}")
        made.setAccessibleName(words)
        wide(made, "field")
        made.activated.connect(lambda _: self.wished.emit(wish, made.currentData()))
        return made
