"""What is known of the chosen text, what can be done with it, and how the model sees it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from gui import formats
from gui.data.preview import TokenView
from gui.data.state import Preview, TextRow, facts, warnings
from gui.parts import Elided, button, column, empty, label, row
from gui.style import role
from gui.theme import Size, Space

_FACTS_IN_A_ROW = 2


class TextDetail(QWidget):
    """The right side of the Data tab.

    Signals:
        train_asked(), prepare_asked(), file_asked(), reveal_asked(), trash_asked(): what the person wants of the text.
    """

    train_asked = Signal()
    prepare_asked = Signal()
    file_asked = Signal()
    reveal_asked = Signal()
    trash_asked = Signal()

    def __init__(self, reveal_words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        role(self, "clear")
        self._title = Elided(kind="title")
        self._description = label(kind="secondary", wrap=True)
        self._facts = QGridLayout()
        self._facts.setHorizontalSpacing(Space.L)
        self._facts.setVerticalSpacing(Space.XS)
        self._facts.setColumnStretch(1, 1)
        self._facts.setColumnStretch(3, 1)
        self._warning = label(wrap=True)
        self._warning.setObjectName("data_warning")
        self._warning_frame = role(QFrame(), "caution")
        column(self._warning_frame, margin=Space.M).addWidget(self._warning)
        self._train = button("train_on_this_button", "Train on This", self.train_asked.emit, "primary")
        self._prepare = button("prepare_button", "Prepare", self.prepare_asked.emit)
        self._file = button("use_file_button", "Use a Copy You Have…", self.file_asked.emit)
        self._reveal = button("data_reveal_button", reveal_words, self.reveal_asked.emit)
        self._trash = button("data_trash_button", "Move to Trash", self.trash_asked.emit)
        self._preview_title = label("As the model sees it", "headline")
        self._preview_detail = label(kind="caption")
        self._preview = TokenView()
        self._nothing = label(kind="secondary", wrap=True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._lay_out()

    def show_text(self, text: TextRow) -> None:
        """Show a text; its preview comes later."""
        self._title.tell(text.title)
        self._description.setText(text.description)
        self._show_facts(facts(text))
        told = warnings(text.dataset) if text.dataset else []
        self._warning.setText("\n".join(told))
        self._warning_frame.setVisible(bool(told))
        to_download = text.entry is not None and text.dataset is None and not text.entry.offline
        self._train.setEnabled(text.can_train)
        self._train.setVisible(not to_download)
        self._prepare.setText(_prepare_words(text))
        self._prepare.setAccessibleName(_prepare_words(text))
        self._prepare.setToolTip(text.entry.url if text.entry and to_download else "")
        role(self._prepare, "" if text.can_train else "primary")
        self._prepare.setVisible(text.entry is not None and text.dataset is None)
        self._file.setVisible(to_download)
        self._reveal.setVisible(text.folder is not None)
        self._trash.setVisible(text.folder is not None)
        self._show_no_preview("" if text.dataset else "Its tokens are shown here once it is prepared.")

    def show_preview(self, preview: Preview) -> None:
        """Show the beginning of the text, token by token."""
        self._preview_detail.setText(f"The first {formats.plural(len(preview.ids), 'token')}, alternately shaded")
        self._preview.show_tokens(preview.tokens, preview.ids)
        self._preview.show()
        self._nothing.hide()

    def _show_no_preview(self, why: str) -> None:
        self._preview_detail.setText("")
        self._preview.hide()
        self._nothing.setText(why)
        self._nothing.show()

    def _show_facts(self, told: list[tuple[str, str]]) -> None:
        empty(self._facts)
        place = 0
        for name, value in told:
            long = len(value) > Size.MEASURE // 20  # a whole line for a path or an address
            place += place % _FACTS_IN_A_ROW if long else 0
            at, side = divmod(place, _FACTS_IN_A_ROW)
            self._facts.addWidget(label(name, "secondary"), at, 2 * side)
            self._facts.addWidget(Elided(value), at, 2 * side + 1, 1, 3 if long else 1)
            place += _FACTS_IN_A_ROW if long else 1

    def _lay_out(self) -> None:
        layout = column(self, spacing=Space.M)
        layout.addWidget(self._title)
        layout.addWidget(self._description)
        layout.addLayout(self._facts)
        layout.addWidget(self._warning_frame)
        layout.addLayout(row(self._train, self._prepare, self._file, None, self._reveal, self._trash))
        layout.addSpacing(Space.S)
        layout.addLayout(row(self._preview_title, None, self._preview_detail))
        layout.addWidget(self._preview, 1)
        layout.addWidget(self._nothing, 1)


def _prepare_words(text: TextRow) -> str:
    if text.entry is not None and not text.entry.offline:
        return f"Download {formats.disk(text.entry.bytes)}"
    return "Prepare Now"
