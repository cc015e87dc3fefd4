"""The Data tab: texts to train on, one's own among them, and how the model sees each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, assert_never

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QWidget

from engine.core.errors import UnderstudyError
from engine.core.events import Event, Prepared
from engine.datasets.dataset import dataset, prepared
from engine.datasets.folder import order_again, retitle
from engine.datasets.order import Order
from engine.runs.run_summary import RunSummary
from engine.text.catalogue import catalogue
from engine.text.download import is_begun
from gui.data.adding import Adding
from gui.data.detail import TextDetail
from gui.data.draft import Draft, draft_again, draft_of, sources_of
from gui.data.draft_page import DraftPage
from gui.data.gallery import GalleryPage
from gui.data.preparing import Preparations, other_ways, title_of
from gui.data.problems import Trouble
from gui.data.reading import TextOpener
from gui.data.sidebar import DataSidebar
from gui.data.state import TextRow, text_rows
from gui.data.tokens import Scaled
from gui.kit import formats
from gui.kit.background import Background
from gui.kit.drops import paths_in
from gui.kit.engine_thread import EngineThread, JobHandle
from gui.kit.notice import Notice
from gui.kit.parts import column
from gui.kit.style import role
from gui.kit.theme import Space
from gui.kit.trash import Trashed, move_to_trash
from gui.runs.reader import RunReader
from gui.runs.state import STOP_FIRST
from gui.runs.tab import reveal
from gui.train.state import View


class DataTab(QWidget):
    """All texts.

    Signals:
        train_requested(name, changes): train on this dataset, with these settings changed.
        datasets_changed(): one was prepared, renamed, thrown away or put back.
        added(): files came that a text is to be made of.
    """

    train_requested = Signal(str, dict)
    datasets_changed = Signal()
    added = Signal()

    def __init__(self, engine_thread: EngineThread, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("data_tab")
        role(self, "page")
        self.setAcceptDrops(True)
        self._runs = RunReader()
        self._background = Background(self)
        self._shown: tuple[TextRow, bool] | None = None  # with whether it can be prepared again
        self._titles: dict[str, str] = {}  # by the name of what is being prepared
        self._thrown_away: tuple[Trashed, str] | None = None
        self._training = False
        self._pasted: set[Path] = set()  # files of the draft that nothing else needs
        self._preparations = Preparations(engine_thread, self)
        self._reading = TextOpener(engine_thread, self)
        self._adding = Adding(self)
        self._sidebar = DataSidebar(self._preparations)
        self._detail = TextDetail()
        self._gallery = GalleryPage()
        self._draft = DraftPage(engine_thread)
        self._notice = Notice("data_notice")
        self._connect()
        self._lay_out()
        engine_thread.event_arrived.connect(self._take)
        self.refresh()

    def refresh(self, choose: str = "") -> None:
        """Look at all texts anew; `choose` names the one to show."""
        rows = text_rows()
        self._sidebar.show_rows([row for row in rows if row.is_at_hand], choose)
        self._gallery.show_rows(rows, training=self._training)

    def add(self, paths: Sequence[Path]) -> None:
        """Set up a text of files and folders, or add them to the one that is being set up."""
        self._notice.dismiss()
        if not paths:
            return
        if self._draft.draft is not None and not self._draft.draft.built_in:
            self._draft.add(list(map(str, paths)))
        else:
            self._set_up(draft_of(paths))
        self.added.emit()

    def ask_for_files(self) -> None:
        """Let a person choose files to add."""
        self._adding.ask_for_files()

    def paste(self) -> None:
        """Make a text of what is on the clipboard."""
        self._adding.paste()

    def take_text(self, text: str) -> None:
        """Make a text of what another application sends."""
        self._adding.take_text(text)

    def show_view(self, view: View) -> None:
        """Offer to train on a text only while no run is on."""
        if self._training is view.can_start:
            self._training = not view.can_start
            self._train_action.setEnabled(view.can_start)
            self._detail.show_training(self._training)
            self._gallery.show_training(self._training)

    def undo(self) -> None:
        """Put back what went to the Trash last."""
        if self._thrown_away is not None:
            self._put_back(*self._thrown_away)

    # parts

    def _connect(self) -> None:
        self._sidebar.list.chosen.connect(self._choose)
        self._sidebar.list.trash_asked.connect(self._trash)
        self._sidebar.list.opened.connect(self._train)
        self._sidebar.files_asked.connect(self._adding.ask_for_files)
        self._sidebar.folder_asked.connect(self._adding.ask_for_folder)
        self._sidebar.paste_asked.connect(self.paste)
        self._sidebar.gallery_asked.connect(self._show_gallery)
        self._gallery.train_asked.connect(lambda name: self._ask_to_train(name, {}))
        self._gallery.download_asked.connect(lambda name: self._ask_again(Order(target=name)))
        self._gallery.copy_asked.connect(lambda name: self._ask_for_copy(Order(target=name), catalogue()[name].title))
        self._adding.kept.connect(self._pasted.add)
        self._adding.added.connect(self.add)
        self._adding.failed.connect(self._notice.tell_error)
        self._detail.train_asked.connect(self._train)
        self._detail.prepare_asked.connect(self._prepare)
        self._detail.again_asked.connect(self._set_up_again)
        self._detail.reveal_asked.connect(self._reveal)
        self._detail.trash_asked.connect(self._trash)
        self._detail.renamed.connect(self._rename)
        self._detail.mend_asked.connect(self._mend)
        self._draft.prepare_asked.connect(self._prepare_draft)
        self._draft.cancelled.connect(self._leave_draft)
        self._reading.opened.connect(self._detail.show_opened)
        self._reading.scaled.connect(self._show_scaled)
        self._reading.failed.connect(self._notice.tell_error)
        self._preparations.prepared.connect(self._tell_prepared)
        self._preparations.failed.connect(self._tell_failed)
        self._preparations.stopped.connect(self._tell_stopped)
        self._train_action = self._sidebar.list.add_to_menu("text_train_action", "Train on This Text", self._train)
        menu = (
            ("text_rename_action", "Rename", self._detail.rename),
            ("text_again_action", "Other Tokens…", self._set_up_again),
            ("text_reveal_action", "Show the Files", self._reveal),
            ("text_trash_action", "Move to Trash", self._trash),
        )
        for name, text, act in menu:
            self._sidebar.list.add_to_menu(name, text, act)

    def _lay_out(self) -> None:
        self._pages = QStackedWidget()
        for page in (self._detail, self._draft, self._gallery):
            self._pages.addWidget(page)
        right = column(spacing=Space.M)
        right.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        right.addWidget(self._notice)
        right.addWidget(self._pages, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._sidebar)
        layout.addWidget(role(QFrame(), "rule"))
        layout.addLayout(right, 1)

    # the chosen text

    @property
    def _text(self) -> TextRow | None:
        return self._sidebar.list.current()

    def _choose(self, by_hand: bool) -> None:
        """Show the chosen text, unless it is shown; one chosen by hand takes the place of what is being set up."""
        if by_hand and self._draft.draft is not None:
            self._leave_draft()
        elif by_hand:
            self._pages.setCurrentWidget(self._detail)
        text = self._text
        if text is None:
            return
        can_be_again = text.entry is not None or bool(sources_of(text.name))
        if self._shown != (text, can_be_again):
            self._shown = text, can_be_again
            self._detail.show_text(text, has_source=can_be_again)
        if text.dataset is not None and self.isVisible():
            self._reading.open(text.dataset)
        else:
            self._reading.close()

    def _show_gallery(self) -> None:
        """Show the texts to begin with, in the place of what was chosen or set up."""
        self._draft.close_draft()
        self.forget_pasted()
        self._sidebar.list.clearSelection()
        self._pages.setCurrentWidget(self._gallery)

    @property
    def _is_elsewhere(self) -> bool:
        """Whether something else is looked at than the chosen text."""
        return self._pages.currentWidget() is not self._detail

    def _leave_draft(self) -> None:
        """Forget what is being set up, and the files of what was pasted for it."""
        self._draft.close_draft()
        self.forget_pasted()
        self._show_detail()

    def forget_pasted(self) -> None:
        """Take away the files of what was pasted and not prepared."""
        for file in self._pasted:
            file.unlink(missing_ok=True)
        self._pasted.clear()

    def _show_detail(self) -> None:
        self._pages.setCurrentWidget(self._detail)
        self._sidebar.list.setCurrentRow(self._sidebar.list.currentRow())
        self._sidebar.list.setFocus()

    def _show_scaled(self, scaled: Scaled) -> None:
        """Show a scale with the runs on the text, read off this thread."""
        fingerprint, read = scaled.dataset.fingerprint, self._runs.runs
        self._background.do(
            lambda: (read(), {one.name for one in prepared() if one.fingerprint == fingerprint}),
            lambda found: self._show_scale(scaled, *found),
            self._notice.tell_error,
        )

    def _show_scale(self, scaled: Scaled, runs: Sequence[RunSummary], alike: Collection[str]) -> None:
        if self._text is not None and self._text.dataset == scaled.dataset:  # else another was chosen meanwhile
            self._detail.show_scale(scaled, runs, alike)

    def _train(self) -> None:
        if (text := self._text) is not None and text.can_train:
            self._ask_to_train(text.name, {})

    def _ask_to_train(self, name: str, changes: dict[str, Any]) -> None:
        """Have a text trained on; while a run is on, say what comes first."""
        if self._training:
            self._notice.tell(STOP_FIRST, "Then train on another text.", kind="notice", dismiss="OK")
        else:
            self.train_requested.emit(name, changes)

    def _rename(self, title: str) -> None:
        if (text := self._text) is not None and text.dataset is not None:
            one = text.dataset
            self._try(lambda: retitle(one, title), text.name)

    def _reveal(self) -> None:
        if (text := self._text) is not None and text.folder is not None:
            reveal(text.folder)

    def _mend(self, trouble: Trouble) -> None:
        """Do what the button of a trouble says."""
        text = self._text
        if text is None:
            return
        match trouble.action:
            case "train":
                self._ask_to_train(text.name, trouble.changes)
            case "reveal":
                reveal(Path(sources_of(text.name)[0]))
            case "more":
                self._set_up_again()
                self._adding.ask_for_files()
            case "bpe":
                self._set_up_again(tokenizer="bpe")
            case "document":
                self._set_up_again(split="document")
            case None:
                pass  # a trouble without a button
            case _:
                assert_never(trouble.action)

    # the Trash

    def _trash(self) -> None:
        text = self._text
        if text is None or text.folder is None:
            return
        try:
            trashed = move_to_trash([text.folder, *text.vocabularies])
        except UnderstudyError as error:
            self._notice.tell_error(error)
            return
        self._notice.tell(f"“{text.title}” is in the Trash.", kind="notice", dismiss="OK")
        if trashed.can_be_put_back:
            self._thrown_away = trashed, text.name
            self._notice.add_button("Undo", "data_undo_button", self.undo)
        self.refresh()
        self.datasets_changed.emit()

    def _put_back(self, trashed: Trashed, name: str) -> None:
        self._thrown_away = None
        self._notice.dismiss()
        self._try(trashed.put_back, name)

    def _try(self, act: Callable[[], None], name: str) -> None:
        """Do something with a text's files, tell when it fails, and look again."""
        try:
            act()
        except UnderstudyError as error:
            self._notice.tell_error(error)
        self.refresh(name)
        self.datasets_changed.emit()

    # preparing

    def _set_up(self, draft: Draft) -> None:
        self._notice.dismiss()
        self._sidebar.list.clearSelection()
        self._pages.setCurrentWidget(self._draft)
        self._draft.show_draft(draft)

    def _set_up_again(self, **wishes: str) -> None:
        """Set up the chosen text anew, as another dataset of the same files."""
        if (text := self._text) is not None and (draft := draft_again(text.name, **wishes)) is not None:
            self._set_up(draft)

    def _prepare(self) -> None:
        """Make the chosen text ready as the catalogue has it, or one's own that is damaged as it was set up."""
        if (text := self._text) is None:
            return
        if text.entry is not None:
            self._ask_for(order_again(text.name))
        else:
            self._set_up_again()

    def _ask_for_copy(self, order: Order, title: str) -> None:
        """Let a copy be chosen that takes the place of an order's download."""
        self._adding.ask_for_copy(title, lambda file: self._ask_again(replace(order, source=file)))

    def _prepare_draft(self, order: Order, title: str) -> None:
        if order.name and title:
            self._titles[order.name] = title
        self._ask_for(order)

    def _ask_for(self, order: Order) -> None:
        self._notice.dismiss()
        self._pasted.clear()
        self._show_detail()
        self._preparations.ask_for(order)

    def _ask_again(self, order: Order) -> None:
        """Prepare what was asked for before; what is looked at meanwhile stays."""
        if self._is_elsewhere:
            self._notice.dismiss()
            self._preparations.ask_for(order)
        else:
            self._ask_for(order)

    def _tell_prepared(self, event: Prepared) -> None:
        """Show what is ready, unless another text is being set up."""
        if title := self._titles.pop(event.name, ""):
            self._try(lambda: retitle(dataset(event.name), title), event.name)
        self.refresh("" if self._is_elsewhere else event.name)
        tokens = formats.plural(event.train_tokens + event.val_tokens, "token")
        title = next((row.title for row in text_rows() if row.name == event.name), event.name)
        self._notice.tell(f"“{title}” is ready: {tokens}.", " ".join(event.notes), kind="notice", dismiss="OK")
        if self._is_elsewhere:
            self._notice.add_button("Show", "show_prepared_button", lambda: self._show_prepared(event.name))
        self.datasets_changed.emit()

    def _show_prepared(self, name: str) -> None:
        self._notice.dismiss()
        self._leave_draft()
        self.refresh(name)

    def _tell_failed(self, order: Order, error: BaseException) -> None:
        self._notice.tell_error(error)
        for name, words, other in other_ways(order, error):
            self._notice.add_button(words, name, partial(self._ask_again, other))
        if isinstance(error, UnderstudyError) and error.code == "download_failed":
            copy = partial(self._ask_for_copy, order, title_of(replace(order, name=None)))
            self._notice.add_button("Use a Copy You Have…", "use_copy_button", copy)

    def _tell_stopped(self, order: Order) -> None:
        entry = catalogue().get(order.target)
        begun = entry is not None and not order.source and is_begun(entry)
        left = "What has come of it is kept: it goes on from there." if begun else "Nothing is left of it."
        self._notice.tell(f"“{title_of(order)}” was cancelled.", left, kind="notice", dismiss="OK")
        self._notice.add_button("Prepare It After All", "try_again_button", lambda: self._ask_again(order))

    @Slot(int, object)
    def _take(self, _job: JobHandle, event: Event) -> None:
        if isinstance(event, Prepared) and self._preparations.current is None:  # a run prepared its text by itself
            self.refresh()
            self.datasets_changed.emit()

    # Qt

    def showEvent(self, event: QShowEvent) -> None:
        """Look at the texts anew whenever the tab comes to the front."""
        super().showEvent(event)
        self.refresh()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files and folders, and show that they can be dropped."""
        if paths_in(event.mimeData()):
            event.acceptProposedAction()
            self._sidebar.show_drop(over=True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Show the well as before."""
        self._sidebar.show_drop(over=False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Set up a text of what was dropped."""
        self._sidebar.show_drop(over=False)
        if paths := paths_in(event.mimeData()):
            event.acceptProposedAction()
            self.add(paths)
