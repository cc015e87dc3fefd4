"""The chosen text: what it is, what can be done with it, and the pages that look into it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QTabBar, QWidget

from engine.runs.run_summary import RunSummary
from gui.data.overview import OverviewPage
from gui.data.problems import troubles
from gui.data.scale import ScalePage
from gui.data.state import TextRow, counts_text, facts, notes_of
from gui.data.text_page import TextPage
from gui.data.title import EditableTitle
from gui.data.tokens import Opened, Scaled
from gui.data.vocabulary import VocabularyPage
from gui.kit import formats, theme
from gui.kit.flow import flow
from gui.kit.parts import button, column, label
from gui.kit.plain import plain_tip
from gui.kit.style import role
from gui.kit.theme import Size, Space
from gui.runs.actions import REVEAL_WORDS
from gui.runs.state import STOP_FIRST

PAGES = ("Overview", "Text", "Vocabulary", "Quality")


class TextDetail(QWidget):
    """The right side of the Data tab.

    Signals:
        train_asked(), prepare_asked(), again_asked(), reveal_asked(), trash_asked(): what the person
            wants of the text.
        renamed(title): the person gave it another title.
        mend_asked(trouble): the person wants something mended.
    """

    train_asked = Signal()
    prepare_asked = Signal()
    again_asked = Signal()
    reveal_asked = Signal()
    trash_asked = Signal()
    renamed = Signal(str)
    mend_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        role(self, "clear")
        self._can_train = self._training = False
        self._offered: dict[QWidget, bool] = {}  # what a low window leaves out
        self._name = ""
        self._text_row: TextRow | None = None
        self._opened: Opened | None = None
        self._title = EditableTitle("data_title")
        self._title.renamed.connect(self.renamed)
        self._description = label(kind="secondary", wrap=True)
        self._counts = label(kind="secondary", wrap=True)
        self._counts.setObjectName("data_counts")
        self._train = button("train_on_this_button", "Train on This Text", self.train_asked.emit, "primary")
        self._prepare = button("prepare_button", "Prepare", self.prepare_asked.emit)
        self._again = button(
            "prepare_again_button", "Other Tokens…", self.again_asked.emit, "tall", says="Prepare it again"
        )
        self._again.setToolTip("Prepare the same text with another tokenizer or split, as a text of its own")
        self._reveal = button("data_reveal_button", REVEAL_WORDS, self.reveal_asked.emit, "tall")
        self._trash = button("data_trash_button", "Move to Trash", self.trash_asked.emit, "tall")
        self._bar = QTabBar()
        self._bar.setObjectName("data_pages")
        self._bar.setAccessibleName("Pages of the text")
        self._bar.setExpanding(False)
        self._bar.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._bar.setDrawBase(False)
        self._pages = QStackedWidget()
        self._overview, self._text = OverviewPage(), TextPage()
        self._vocabulary, self._scale = VocabularyPage(), ScalePage()
        for title, page in zip(PAGES, (self._overview, self._text, self._vocabulary, self._scale), strict=True):
            self._bar.addTab(title)
            self._pages.addWidget(page)
        self._pages.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)  # before a button is cut
        self._bar.currentChanged.connect(self._pages.setCurrentIndex)
        self._overview.mend_asked.connect(self.mend_asked)
        layout = column(self, spacing=Space.S)
        layout.addWidget(self._title)
        layout.addWidget(self._description)
        layout.addWidget(self._counts)
        layout.addSpacing(Space.XS)
        layout.addLayout(flow(self._train, self._prepare, None, self._again, self._reveal, self._trash))
        layout.addWidget(self._bar)
        layout.addSpacing(Space.XS)
        layout.addWidget(self._pages, 1)

    def show_text(self, text: TextRow, *, has_source: bool) -> None:
        """Show a text; what its tokens are comes later. `has_source`: it can be prepared again in another way."""
        if text.name != self._name or not self._title.editing:
            self._title.show_title(text.title, can_rename=text.can_rename)
        self._name, self._text_row, self._opened = text.name, text, None
        self._description.setText(text.description)
        self._counts.setText(counts_text(text))
        self._can_train = text.can_train
        self._offer_training()
        self._train.setVisible(not text.to_download)
        words = prepare_words(text)
        self._prepare.setText(words)
        self._prepare.setAccessibleName(words)
        self._prepare.setToolTip(plain_tip(text.entry.url if text.entry and text.to_download else ""))
        role(self._prepare, "tall" if text.can_train else "primary")
        self._prepare.setVisible(text.dataset is None and (text.entry is not None or has_source))
        self._offered = {
            self._description: text.dataset is None or text.entry is not None,
            self._counts: text.dataset is not None,
            self._again: text.dataset is not None and has_source,
            self._reveal: text.folder is not None,
            self._trash: text.folder is not None,
        }
        self._make_room()
        self._overview.show_facts(facts(text))
        self._overview.show_notes(notes_of(text))
        self._overview.show_troubles(troubles(text.dataset, ()) if text.dataset is not None else ())
        self._bar.setVisible(text.dataset is not None)
        if text.dataset is None:
            self._bar.setCurrentIndex(0)
        self._text.clear()
        self._vocabulary.show_waiting()
        self._scale.show_waiting()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the pages room in a low window."""
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """Leave out the description, unless there is nothing else; then the counts and what the list's menu has too."""
        has_pages = self._text_row is not None and self._text_row.dataset is not None
        for part, offered in self._offered.items():
            least = Size.PAIR if part is self._description else Size.SHORT
            roomy = self.height() >= theme.current().text_px(least)
            part.setVisible(offered and (roomy or not has_pages))

    def show_training(self, on: bool) -> None:
        """Offer to train on the text, unless a run is on."""
        self._training = on
        self._offer_training()

    def _offer_training(self) -> None:
        self._train.setEnabled(self._can_train and not self._training)
        self._train.setToolTip(STOP_FIRST if self._training else "")

    def show_opened(self, opened: Opened) -> None:
        """Show what the tokens of the text are, and what is wrong with it; told again, it stays where it is read."""
        if opened is self._opened:
            return
        self._opened = opened
        if opened.turns is not None and self._text_row is not None:
            self._overview.show_facts(facts(self._text_row, opened.turns))
        self._overview.show_troubles(troubles(opened.dataset, opened.look.problems))
        self._text.show_text(opened)
        self._vocabulary.show_look(opened.look, opened.tokenizer)

    def show_scale(self, scaled: Scaled, runs: Sequence[RunSummary], alike: Collection[str]) -> None:
        """Show how good a loss on the text is."""
        self._scale.show_scale(scaled.ladder, runs, alike)

    def show_page(self, name: str) -> None:
        """Turn to one of PAGES."""
        self._bar.setCurrentIndex(PAGES.index(name))

    def rename(self) -> None:
        """Let the title be changed."""
        self._title.edit()


def prepare_words(text: TextRow) -> str:
    """Return the words on the button that makes a text ready."""
    if text.entry is not None and text.to_download:
        return f"Download {formats.disk(text.entry.download_bytes)}"
    return "Prepare Again" if text.problem else "Prepare Now"
