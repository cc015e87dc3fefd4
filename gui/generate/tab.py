"""The Generate tab: choose a checkpoint, write a beginning, and watch the model continue it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QSettings, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.config import SampleConfig
from engine.errors import CheckpointError
from engine.events import Checkpoint, Event
from engine.jobs import Control, Job
from engine.runs import RunFolder, remember_folder, write_text
from gui.engine_thread import EngineThread
from gui.generate.checkpoints import CheckpointPicker, dropped_checkpoint
from gui.generate.composer import Composer
from gui.generate.controls import DialPanel
from gui.generate.state import (
    FIRST_SETTINGS,
    Passage,
    from_memory,
    memory_key,
    to_memory,
    transcript_text,
    varied,
)
from gui.generate.transcript import Transcript
from gui.notice import EmptyPage, Notice
from gui.style import role
from gui.theme import Size, Space

_LONGEST_REMEMBERED = 20_000  # characters of a beginning
_STATUS_MS = 100


class GenerateTab(QWidget):
    """Generation from any checkpoint, also while training goes on.

    Signals:
        train_requested(): there is no checkpoint yet, and the person wants one.
    """

    train_requested = Signal()

    def __init__(self, engine_thread: EngineThread, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("generate_tab")
        role(self, "page")
        self.setAcceptDrops(True)
        self._engine = engine_thread
        self._passages: list[Passage] = []
        self._job_id: int | None = None
        self._control: Control | None = None
        self._make_parts()
        self._lay_out()
        self._status_soon = QTimer(self, singleShot=True, interval=_STATUS_MS)
        self._connect()
        self._composer.set_prompt(FIRST_SETTINGS.start)
        self.refresh()

    def refresh(self) -> None:
        """Read the list of checkpoints anew."""
        self._picker.refresh(keep=self._writing)
        self._show_state()

    def open_checkpoint(self, path: Path | str) -> None:
        """Choose a checkpoint of any run or file; a folder stands for its best one."""
        self._notice.dismiss()
        self._picker.open_checkpoint(path)

    # parts

    def _make_parts(self) -> None:
        self._picker = CheckpointPicker()
        self._dials = DialPanel()
        self._transcript = Transcript()
        self._transcript.setPlaceholderText("What the model writes appears here.")
        self._status = role(QLabel(), "secondary")
        self._status.setObjectName("generate_status")
        self._copy_button = role(_button("Copy", "copy_button", "Copy the last text"), "plain")
        self._save_button = role(_button("Save…", "save_transcript_button", "Save the transcript"), "plain")
        self._clear_button = role(_button("Clear", "clear_transcript_button", "Clear the transcript"), "plain")
        self._notice = Notice("generate_notice")
        self._composer = Composer()
        self._empty = EmptyPage(
            "generate_empty",
            "No model to write with yet",
            "Train one first, in a minute or a night. Then write a beginning here, and it continues your text. "
            "You can also open a checkpoint that nanoGPT or Understudy made elsewhere.",
            "Train a Model",
        )

    def _lay_out(self) -> None:
        writing = QWidget()
        role(writing, "clear")
        column = QVBoxLayout(writing)
        column.setContentsMargins(Space.L, Space.S, Space.L, Space.L)
        column.setSpacing(Space.S)
        bar = QHBoxLayout()
        bar.addWidget(self._status, 1)
        for button in (self._copy_button, self._save_button, self._clear_button):
            bar.addWidget(button)
        column.addLayout(bar)
        column.addWidget(self._transcript, 1)
        column.addWidget(self._composer)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._empty)
        self._pages.addWidget(writing)
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        notice_place = QVBoxLayout()
        notice_place.setContentsMargins(Space.L, Space.M, Space.L, 0)
        notice_place.addWidget(self._notice)
        right.addLayout(notice_place)
        right.addWidget(self._pages, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._make_sidebar())
        layout.addWidget(role(QFrame(), "rule"))
        layout.addLayout(right, 1)

    def _make_sidebar(self) -> QScrollArea:
        inside = QWidget()
        role(inside, "clear")
        column = QVBoxLayout(inside)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        column.setSpacing(Space.S)
        column.addWidget(self._picker)
        column.addSpacing(Space.L)
        column.addWidget(role(QLabel("How It Writes"), "headline"))
        column.addSpacing(Space.XS)
        column.addWidget(self._dials)
        column.addStretch()
        area = QScrollArea()
        area.setObjectName("generate_sidebar")
        area.setWidget(inside)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFixedWidth(Size.SIDEBAR)
        return area

    def _connect(self) -> None:
        self._picker.chosen.connect(self._recall)
        self._picker.missing.connect(self._tell_missing)
        self._empty.button.clicked.connect(self.train_requested)
        self._composer.generate.connect(self._generate)
        self._composer.regenerate.connect(self._regenerate)
        self._composer.go_on.connect(self._go_on)
        self._composer.stop.connect(self._stop)
        self._copy_button.clicked.connect(self._copy)
        self._save_button.clicked.connect(self._ask_where_to_save)
        self._clear_button.clicked.connect(self._clear)
        self._status_soon.timeout.connect(self._show_status)
        self._engine.event_arrived.connect(self._take)
        self._engine.ended.connect(self._ended)

    def _tell_missing(self, path: str) -> None:
        self._notice.tell(f"There is no checkpoint at {path}.", "Choose another, or train a model first.")

    def _recall(self) -> None:
        """Bring back the prompt and the settings that this checkpoint was last used with."""
        choice = self._picker.choice
        kept = from_memory(QSettings().value(memory_key(choice.path))) if choice else None
        if kept is not None:
            self._dials.show_settings(kept)
            self._composer.set_prompt(kept.start)
        self._show_state()

    # writing

    @property
    def _writing(self) -> bool:
        return self._job_id is not None

    def _generate(self) -> None:
        """Continue what stands in the field."""
        self._start(self._composer.prompt)

    def _regenerate(self) -> None:
        """Continue the last beginning once more, with the next seed."""
        if self._passages:
            self._dials.show_settings(varied(self._dials.settings(" ")))
            self._start(self._passages[-1].config.start)

    def _go_on(self) -> None:
        """Go on from where the last text ended."""
        if self._passages and self._passages[-1].continues:
            self._start(self._passages[-1].text(), after=self._passages[-1])

    def _start(self, prompt: str, *, after: Passage | None = None) -> None:
        choice = self._picker.choice
        if choice is None or self._writing:
            return
        if not prompt:
            self._notice.tell(
                "There is no beginning to continue.",
                "The model goes on from what you write. Give it a word or two; a line break will do.",
                kind="caution",
            )
            self._composer.prompt_edit.setFocus()
            return
        self._notice.dismiss()
        config = self._dials.settings(prompt)
        if after is not None:
            config = replace(config, num_samples=1)
        self._remember(choice.path, self._dials.settings(self._composer.prompt or prompt))
        passage = Passage(choice, config, after=after)
        if after is None:
            self._passages.append(passage)
            self._transcript.begin(passage.heading())
        else:
            self._passages[-1] = passage
        self._control = control = self._engine.control()
        self._job_id = self._engine.submit(lambda: _sample_job(choice.path, config, control))
        self._show_state()

    def _stop(self) -> None:
        if self._control is not None:
            self._control.stop()

    @Slot(int, object)
    def _take(self, job_id: int, event: Event) -> None:
        if isinstance(event, Checkpoint) and self.isVisible() and self._picker.choice is None:
            self.refresh()  # the first one there is
        if job_id != self._job_id:
            return
        passage = self._passages[-1]
        begun = passage.samples
        added = passage.take(event)
        for sample in range(begun, passage.samples):
            if passage.after is None:
                self._transcript.begin_sample(passage.config.start, passage.title_of(sample))
        if added is not None:
            self._transcript.write(added[1])
            if not self._status_soon.isActive():
                self._status_soon.start()

    @Slot(int, object)
    def _ended(self, job_id: int, error: BaseException | None) -> None:
        if job_id != self._job_id:
            return
        self._job_id = self._control = None
        passage = self._passages[-1]
        passage.end(failed=error is not None)
        self._transcript.flush()
        if error is not None:
            if not passage.samples:
                self._take_back(self._passages.pop())
            self._notice.tell_error(error)
            if isinstance(error, CheckpointError):
                self._notice.add_button("Open Another…", "open_another_button", self._picker.ask_for_file)
        elif passage.checkpoint.path.name in (RunFolder.CHECKPOINT, RunFolder.BEST):
            remember_folder(passage.checkpoint.path.parent)  # it works: the list of runs may have it
        self._show_state()

    def _take_back(self, passage: Passage) -> None:
        """Leave no trace of a passage that never began."""
        if passage.after is None:
            self._transcript.take_back()
        else:
            self._passages.append(passage.after)

    def _remember(self, checkpoint: Path, config: SampleConfig) -> None:
        if len(config.start) <= _LONGEST_REMEMBERED:
            QSettings().setValue(memory_key(checkpoint), to_memory(config))

    def _show_state(self) -> None:
        """Offer what can be done now."""
        last = self._passages[-1] if self._passages else None
        has_choice = self._picker.choice is not None
        self._pages.setCurrentIndex(1 if has_choice else 0)
        self._dials.setEnabled(has_choice)
        self._composer.show_state(
            can_generate=has_choice,
            writing=self._writing,
            can_vary=last is not None,
            can_go_on=last is not None and last.continues,
        )
        for button in (self._copy_button, self._save_button, self._clear_button):
            button.setEnabled(last is not None)
        self._clear_button.setEnabled(last is not None and not self._writing)
        self._show_status()

    def _show_status(self) -> None:
        self._status.setText(self._passages[-1].status() if self._passages else "")

    # keeping

    def _copy(self) -> None:
        if self._passages:
            QGuiApplication.clipboard().setText(self._passages[-1].text())

    def _ask_where_to_save(self) -> None:
        dialog = QFileDialog(self, "Save the Transcript", "Transcript.txt", "Text (*.txt)")
        dialog.setObjectName("save_transcript_sheet")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowModality(Qt.WindowModality.WindowModal)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("txt")
        dialog.fileSelected.connect(self._save)
        dialog.open()

    def _save(self, file: str) -> None:
        try:
            write_text(Path(file), transcript_text(self._passages))
        except OSError as error:
            self._notice.tell(
                f"The transcript could not be saved to {file}.",
                f"{error.strerror or error}. Save it in another folder; nothing was lost.",
            )

    def _clear(self) -> None:
        self._passages.clear()
        self._transcript.clear_all()
        self._show_state()

    # Qt

    def showEvent(self, event: QShowEvent) -> None:
        """Look for new checkpoints whenever the tab comes to the front."""
        super().showEvent(event)
        self.refresh()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take checkpoints and run folders."""
        if dropped_checkpoint(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        if (path := dropped_checkpoint(event)) is not None:
            event.acceptProposedAction()
            self.open_checkpoint(path)


def _sample_job(checkpoint: Path, config: SampleConfig, control: Control) -> Job:
    """Make the job; called on the engine's thread, where torch may be imported."""
    from engine.sampler import sample_job

    return sample_job(checkpoint, config, control)


def _button(label: str, name: str, told: str) -> QPushButton:
    button = QPushButton(label)
    button.setObjectName(name)
    button.setAccessibleName(told)
    button.setToolTip(told)
    return button
