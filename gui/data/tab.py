"""The Data tab: texts to train on, one's own among them, and how the model sees each."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QProgressBar, QWidget

from engine.errors import UnderstudyError
from engine.events import Event, Prepared, Progress
from engine.jobs import Control, Job
from engine.texts import READABLE
from engine.tokenizer import TOKENIZERS
from gui import formats
from gui.data.detail import TextDetail
from gui.data.state import TOKENIZER_WORDS, Order, Preview, free_name, orders, preview_job, progress_text, text_rows
from gui.data.text_list import TextList
from gui.engine_thread import EngineThread
from gui.generate.checkpoints import ElidedComboBox
from gui.notice import Notice
from gui.parts import Elided, button, column, label, row
from gui.runs.tab import REVEAL_WORDS, reveal
from gui.style import role
from gui.theme import Size, Space
from gui.trash import Trashed, move_to_trash

_STEPS = 100


class DataTab(QWidget):
    """All texts.

    Signals:
        train_requested(name): train on this dataset.
        datasets_changed(): one was prepared, thrown away or put back.
    """

    train_requested = Signal(str)
    datasets_changed = Signal()

    def __init__(self, engine_thread: EngineThread, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("data_tab")
        role(self, "page")
        self.setAcceptDrops(True)
        self._engine = engine_thread
        self._waiting: deque[Order] = deque()
        self._order: Order | None = None
        self._control: Control | None = None
        self._job_id: int | None = None
        self._preview_id: int | None = None
        self._make_parts()
        self._lay_out()
        engine_thread.event_arrived.connect(self._take)
        engine_thread.ended.connect(self._ended)
        self.refresh()

    def refresh(self, choose: str = "") -> None:
        """Look at all texts anew; `choose` names the one to show."""
        self._list.show_rows(text_rows(), choose)

    def add(self, paths: Sequence[Path]) -> None:
        """Prepare files and folders, one after the other."""
        self._notice.dismiss()
        self._waiting.extend(orders(paths, self._tokenizer.currentData()))
        self._next()

    # parts

    def _make_parts(self) -> None:
        self._list = TextList()
        self._list.chosen.connect(self._show_chosen)
        self._detail = TextDetail(REVEAL_WORDS)
        self._detail.train_asked.connect(self._train)
        self._detail.prepare_asked.connect(self._prepare)
        self._detail.file_asked.connect(self._ask_for_copy)
        self._detail.reveal_asked.connect(self._reveal)
        self._detail.trash_asked.connect(self._trash)
        self._notice = Notice("data_notice")
        self._tokenizer = ElidedComboBox()
        self._tokenizer.setObjectName("data_tokenizer")
        self._tokenizer.setAccessibleName("Tokens of texts that are added")
        for kind in TOKENIZERS:
            words, told = TOKENIZER_WORDS.get(kind, (kind, ""))
            self._tokenizer.addItem(words, kind)
            self._tokenizer.setItemData(self._tokenizer.count() - 1, told, Qt.ItemDataRole.ToolTipRole)
        self._add_file = button("add_file_button", "Add Files…", self.ask_for_files)
        self._add_folder = button("add_folder_button", "Add Folder…", self._ask_for_folder)
        self._progress = QProgressBar()
        self._progress.setObjectName("data_progress")
        self._progress.setAccessibleName("Preparation")
        self._progress.setTextVisible(False)
        self._progress_words = Elided(kind="caption")
        self._cancel = button("cancel_prepare_button", "Cancel", self._stop, "plain")

    def _make_drop_well(self) -> QFrame:
        """Make the place where files can be dropped, and where it is seen how far they are."""
        self._well = role(QFrame(), "card")
        self._well.setObjectName("drop_well")
        inside = column(self._well, margin=Space.M, spacing=Space.S)
        inside.addWidget(label("Your Own Text", "strong"))
        inside.addWidget(
            label("Drop texts, documents, e-books or chats, or a folder of them, anywhere here.", "caption", wrap=True)
        )
        inside.addLayout(row(self._add_file, self._add_folder, None))
        inside.addWidget(label("Cut it into", "caption"))
        inside.addWidget(self._tokenizer)
        self._working = role(QWidget(), "clear")
        working = column(self._working, spacing=Space.XS)
        words = row(self._progress_words, self._cancel)
        words.setStretch(0, 1)
        working.addLayout(words)
        working.addWidget(self._progress)
        inside.addWidget(self._working)
        self._working.hide()
        return self._well

    def _lay_out(self) -> None:
        left = role(QWidget(), "clear")
        left.setFixedWidth(Size.SIDEBAR)
        side = column(left, spacing=Space.M)
        side.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        side.addWidget(self._list, 1)
        side.addWidget(self._make_drop_well())
        right = column(spacing=Space.M)
        right.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        right.addWidget(self._notice)
        right.addWidget(self._detail, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(left)
        layout.addWidget(role(QFrame(), "rule"))
        layout.addLayout(right, 1)

    # the chosen text

    def _show_chosen(self) -> None:
        text = self._list.current()
        if text is None:
            return
        self._detail.show_text(text)
        if text.dataset is not None and self.isVisible():
            dataset = text.dataset
            self._preview_id = self._engine.submit(lambda: preview_job(dataset))

    def _train(self) -> None:
        if (text := self._list.current()) is not None and text.can_train:
            self.train_requested.emit(text.name)

    def _prepare(self) -> None:
        if (text := self._list.current()) is not None:
            self._ask_for(Order(text.name))

    def _reveal(self) -> None:
        text = self._list.current()
        if text is not None and text.folder is not None:
            reveal(text.folder)

    def _trash(self) -> None:
        text = self._list.current()
        if text is None or text.folder is None:
            return
        try:
            trashed = move_to_trash([text.folder])
        except UnderstudyError as error:
            self._notice.tell_error(error)
            return
        self._notice.tell(f"“{text.title}” is in the Trash.", kind="notice", dismiss="OK")
        if trashed.can_be_put_back:
            self._notice.add_button("Undo", "data_undo_button", lambda: self._put_back(trashed, text.name))
        self.refresh()
        self.datasets_changed.emit()

    def _put_back(self, trashed: Trashed, name: str) -> None:
        self._notice.dismiss()
        try:
            trashed.put_back()
        except UnderstudyError as error:
            self._notice.tell_error(error)
        self.refresh(name)
        self.datasets_changed.emit()

    # preparing

    def _next(self) -> None:
        """Begin with the next text that waits, unless one is being prepared."""
        if self._job_id is None and self._waiting:
            self._order = order = self._waiting.popleft()
            self._control = control = self._engine.control()
            self._job_id = self._engine.submit(lambda: _prepare_job(order, control))
            self._progress.setRange(0, 0)
            self._progress_words.tell(progress_text(order, "Getting ready…", 0, 0))
        self._working.setVisible(self._job_id is not None)

    def _stop(self) -> None:
        self._waiting.clear()
        if self._control is not None:
            self._control.stop()

    @Slot(int, object)
    def _take(self, job_id: int, event: Event) -> None:
        if job_id == self._preview_id and isinstance(event, Preview):
            self._detail.show_preview(event)
        elif job_id == self._job_id and isinstance(event, Progress) and self._order is not None:
            self._tell_progress(self._order, event)
        elif job_id == self._job_id and isinstance(event, Prepared):
            self._tell_prepared(event)
        elif isinstance(event, Prepared):  # a run prepared its text by itself
            self.refresh()
            self.datasets_changed.emit()

    def _tell_progress(self, order: Order, event: Progress) -> None:
        words = progress_text(order, event.what, event.done, event.total)
        if words != self._progress_words.whole():
            self._progress.setRange(0, _STEPS if event.total else 0)
            self._progress.setValue(round(_STEPS * event.done / event.total) if event.total else 0)
            self._progress_words.tell(words)

    def _tell_prepared(self, event: Prepared) -> None:
        self.refresh(event.name)
        tokens = formats.plural(event.train_tokens + event.val_tokens, "token")
        text = self._list.current()
        title = text.title if text is not None else event.name
        self._notice.tell(f"“{title}” is ready: {tokens}.", " ".join(event.notes), kind="notice", dismiss="OK")
        self._notice.add_button("Train on This", "train_prepared_button", lambda: self.train_requested.emit(event.name))
        self.datasets_changed.emit()

    @Slot(int, object)
    def _ended(self, job_id: int, error: BaseException | None) -> None:
        if job_id == self._preview_id:
            self._preview_id = None
            if error is not None:
                self._notice.tell_error(error)
        if job_id != self._job_id:
            return
        order, self._order, self._job_id, self._control = self._order, None, None, None
        if error is not None and order is not None:
            self._tell_failed(order, error)
        self._next()

    def _tell_failed(self, order: Order, error: BaseException) -> None:
        self._notice.tell_error(error)
        if isinstance(error, UnderstudyError) and error.code == "name_taken":
            name = free_name(order.name or Path(order.target).stem)
            again = Order(order.target, order.source, name, order.tokenizer)
            self._notice.add_button(f"Call It {name}", "other_name_button", lambda: self._ask_for(again))

    def _ask_for(self, order: Order) -> None:
        """Prepare this text next, unless it is being prepared already."""
        self._notice.dismiss()
        if order != self._order and order not in self._waiting:
            self._waiting.appendleft(order)
        self._next()

    # choosing files

    def ask_for_files(self) -> None:
        """Let a person choose files to add."""
        dialog = self._sheet("Add Files", "add_files_sheet", QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilters([f"Texts ({' '.join(f'*{suffix}' for suffix in READABLE)})", "All Files (*)"])
        dialog.filesSelected.connect(lambda files: self.add([Path(file) for file in files]))
        dialog.open()

    def _ask_for_folder(self) -> None:
        dialog = self._sheet("Add a Folder", "add_folder_sheet", QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(lambda folder: self.add([Path(folder)]))
        dialog.open()

    def _ask_for_copy(self) -> None:
        text = self._list.current()
        if text is not None:
            dialog = self._sheet(f"A Copy of {text.title}", "use_file_sheet", QFileDialog.FileMode.ExistingFile)
            dialog.fileSelected.connect(lambda file: self._ask_for(Order(text.name, source=file)))
            dialog.open()

    def _sheet(self, title: str, name: str, mode: QFileDialog.FileMode) -> QFileDialog:
        dialog = QFileDialog(self, title)
        dialog.setObjectName(name)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowModality(Qt.WindowModality.WindowModal)
        dialog.setFileMode(mode)
        return dialog

    # Qt

    def showEvent(self, event: QShowEvent) -> None:
        """Look at the texts anew whenever the tab comes to the front."""
        super().showEvent(event)
        self.refresh()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files and folders, and show that they can be dropped."""
        if _dropped(event):
            event.acceptProposedAction()
            role(self._well, "notice")

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Show the well as before."""
        role(self._well, "card")

    def dropEvent(self, event: QDropEvent) -> None:
        """Prepare what was dropped."""
        role(self._well, "card")
        if paths := _dropped(event):
            event.acceptProposedAction()
            self.add(paths)


def _prepare_job(order: Order, control: Control) -> Job:
    """Make the job; called on the engine's thread."""
    from engine.prepare import prepare_job

    return prepare_job(order.target, source=order.source, name=order.name, tokenizer=order.tokenizer, control=control)


def _dropped(event: QDropEvent) -> list[Path]:
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
