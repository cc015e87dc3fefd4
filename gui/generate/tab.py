"""The Generate tab: choose a checkpoint, write a beginning, and watch the model continue it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QSettings, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from engine.core.config import SampleConfig
from engine.core.errors import CheckpointError
from engine.core.events import Alternative, Checkpoint, Event
from engine.generation.model_cache import Shelf
from engine.runs.folder import RunFolder, remember_folder
from gui.generate import errand
from gui.generate.attention_reader import AttentionReader
from gui.generate.beginning import Beginning
from gui.generate.checkpoints import CheckpointPicker, dropped_checkpoint
from gui.generate.choices import CheckpointChoice
from gui.generate.composer import GENERATE_KEYS
from gui.generate.controls import DialPanel
from gui.generate.errand import Errand
from gui.generate.ladder import fits
from gui.generate.page import WritingPage
from gui.generate.passage import Strand, text_of
from gui.generate.reading import ModelReading, Quotations
from gui.generate.record import New, Record
from gui.generate.saving import ask_where_to_save, save
from gui.generate.scene_switch import SceneSwitch
from gui.generate.sidebar import GenerateSidebar
from gui.generate.writing import Writing
from gui.kit.clipboard import copy
from gui.kit.engine_thread import EngineThread, JobHandle
from gui.kit.style import role

_STATUS_MS = 100
_INSIDE = "generate/see_inside"


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
        self._shelf = shelf = Shelf()
        self._engine = engine_thread
        self._record = Record()
        self._writing = Writing(engine_thread, shelf, self)
        self._reading = ModelReading(engine_thread, shelf, self)
        self._quotations = Quotations(engine_thread, shelf, self)
        self._ahead = Errand(engine_thread, self)
        self._picker, self._dials, page = CheckpointPicker(lambda: self._busy), DialPanel(), WritingPage()
        self._page, self._bar, self._transcript = page, page.bar, page.transcript
        self._notice, self._composer = page.notice, page.composer
        self._attention = AttentionReader(engine_thread, shelf, page.attention, page.transcript, self)
        self._stage = SceneSwitch(page, engine_thread, shelf, self._picker, self._dials)
        self._beginning = Beginning(self._composer, self._dials, self)
        self._lay_out()
        self._status_soon = QTimer(self, singleShot=True, interval=_STATUS_MS)
        self._connect()
        self._bar.set_inside(str(QSettings().value(_INSIDE, "false")) == "true")
        self._attention.see_inside(self._bar.inside)
        self.refresh()

    def refresh(self) -> None:
        """Read the list of checkpoints anew."""
        self._picker.refresh()
        self._show_state()

    def open_checkpoint(self, path: Path | str) -> None:
        """Choose a checkpoint of any run or file; a folder stands for its best one."""
        self._notice.dismiss()
        self._picker.open_checkpoint(path)

    # parts

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(GenerateSidebar(self._picker, self._dials))
        layout.addWidget(role(QFrame(), "rule"))
        layout.addWidget(self._stage, 1)

    def _connect(self) -> None:
        keys = QShortcut(GENERATE_KEYS, self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        keys.activated.connect(self._stage.press)
        self._stage.changed.connect(self._show_state)
        self._picker.listed.connect(self._show_state)
        self._picker.failed.connect(self._notice.tell_error)
        self._picker.chosen.connect(self._recall)
        self._picker.climb.connect(self._climb)
        self._picker.missing.connect(self._tell_missing)
        self._page.empty.button.clicked.connect(self.train_requested)
        self._composer.generate.connect(self._generate)
        self._composer.regenerate.connect(self._try_again)
        self._composer.go_on.connect(self._go_on)
        self._composer.edit.connect(self._edit)
        self._composer.stop.connect(self._stop)
        self._beginning.offered.connect(self._composer.offer)
        self._beginning.offered.connect(self._transcript.invitation.offer)
        self._transcript.invitation.begun.connect(self._begin_with)
        self._bar.stepped.connect(lambda by: self._step(self._record.hand[0], by))
        self._bar.inside_toggled.connect(self._see_inside)
        self._bar.side_by_side_toggled.connect(self._show_columns)
        self._bar.read_asked.connect(self._read)
        self._bar.copy_asked.connect(self._copy)
        self._bar.save_asked.connect(lambda: ask_where_to_save(self, self._save))
        self._bar.clear_asked.connect(self._clear)
        self._transcript.branch_asked.connect(self._branch)
        self._transcript.pressed.connect(self._take_in_hand)
        self._transcript.stepped.connect(self._step)
        for work in (self._writing, self._reading):
            work.grew.connect(self._grow)
            work.failed.connect(self._fail)
            work.over.connect(self._rest)
        self._quotations.found.connect(self._mark)
        self._quotations.changed.connect(self._show_status)
        self._status_soon.timeout.connect(self._show_status)
        self._engine.event_arrived.connect(self._look_for_the_first)

    def _tell_missing(self, path: str) -> None:
        self._notice.tell(f"There is no checkpoint at {path}.", "Choose another, or train a model first.")

    def _recall(self) -> None:
        """Bring back the prompt and the settings that this checkpoint was last used with."""
        self._read_ahead()
        self._beginning.recall(self._picker.choice)
        self._show_state()

    def _read_ahead(self) -> None:
        """Have the chosen model at hand by the time the person has written; what is wrong with it is told then."""
        choice, shelf = self._picker.choice, self._shelf
        if choice is not None and self.isVisible() and not self._busy:
            path = choice.path
            self._ahead.start(lambda _control: errand.load(path, shelf))

    # what the person asks for

    @property
    def _busy(self) -> bool:
        return self._writing.under_way or self._reading.under_way or self._stage.under_way

    def _generate(self) -> None:
        """Continue what stands in the field: as a passage of its own, or as a branch of the text that was changed."""
        prompt, choices = self._composer.prompt, self._picker.choices
        if not choices or self._busy:
            return
        if not prompt:
            self._ask_for_a_beginning()
            return
        self._dials.seed.for_a_press()
        config = self._dials.settings(prompt)
        if (edited := self._beginning.edited()) is not None:
            self._write(self._record.edit(edited, prompt, config))
            return
        self._beginning.remember(choices, config)
        self._begin(choices, config)

    def _begin(self, choices: Sequence[CheckpointChoice], config: SampleConfig) -> None:
        made = self._record.begin(choices, config)
        self._transcript.begin(made[0].passage)
        self._write(made, shown=True)

    def _climb(self) -> None:
        """Continue what stands in the field with the run as it was early on, and as it is, with one seed."""
        rungs = self._picker.ladder
        if not self._composer.prompt:
            self._ask_for_a_beginning()
        elif rungs and not self._busy:
            self._leave_editing()
            self._dials.seed.for_a_press()
            self._begin(rungs, replace(self._dials.settings(self._composer.prompt), num_samples=1))
            self._show_columns(fits(len(rungs), self._transcript.width()))

    def _begin_with(self, beginning: str) -> None:
        """Let it continue a beginning that was offered."""
        self._composer.set_prompt(beginning)
        self._generate()

    def _ask_for_a_beginning(self) -> None:
        self._notice.tell(
            "There is no beginning to continue.",
            "The model goes on from what you write. Give it a word or two; a line break will do.",
            kind="caution",
        )
        self._composer.prompt_edit.setFocus()

    def _try_again(self) -> None:
        """Write what is in hand once more, with the next seed."""
        if not self._busy:
            config = replace(self._settings_of_hand(), seed=self._dials.seed.for_another_try())
            self._write(self._record.try_again(config))

    def _go_on(self) -> None:
        """Go on from where the texts in hand ended."""
        if not self._busy:
            self._write(self._record.go_on(self._settings_of_hand()))

    def _branch(self, strand: Strand, piece: int, other: Alternative) -> None:
        """Go on from another token."""
        if not self._busy:
            self._write(self._record.branch(strand, piece, other, self._dials.settings(strand.shown.config.start)))
            self._transcript.focus_token(strand, piece)

    def _edit(self) -> None:
        """Put the text in hand into the field, to be changed and gone on from."""
        self._beginning.edit(self._record.hand[0])
        self._show_state()

    def _leave_editing(self) -> None:
        self._beginning.leave()
        self._show_state()

    def _read(self, what: str) -> None:
        """Let the chosen model read a text."""
        choice = self._picker.choice
        if choice is None or self._busy:
            return
        if what == "own" and not self._composer.prompt:
            self._ask_for_a_beginning()
            return
        self._notice.dismiss()
        self._quotations.forget()
        made = self._record.read(choice, self._reading.title_of(what))[0]
        self._transcript.begin(made.passage)
        self._bar.set_inside(True)
        self._reading.read(made, what, self._composer.prompt)
        self._show_state()

    def _stop(self) -> None:
        self._writing.stop()
        self._reading.stop()
        self._stage.stop()

    def _step(self, strand: Strand, by: int) -> None:
        """Show another branch of a text."""
        passage = self._record.passage_of(strand)
        if passage is not None and not self._busy:
            strand.step(by)
            self._transcript.show_branch(passage, strand)
            self._show_state()

    def _take_in_hand(self, strand: Strand) -> None:
        if not self._busy and self._record.passage_of(strand) is not None:
            self._record.take_in_hand(strand)
            self._show_state()

    def _see_inside(self, inside: bool) -> None:
        QSettings().setValue(_INSIDE, "true" if inside else "false")
        self._transcript.see_inside(inside)
        self._attention.see_inside(inside)

    def _show_columns(self, columns: bool) -> None:
        self._transcript.show_side_by_side(columns, self._record.passage)
        self._transcript.show_heads(self._record.hand, can_step=not self._busy)

    # how it goes

    def _write(self, made: Sequence[New], *, shown: bool = False) -> None:
        self._notice.dismiss()
        self._quotations.forget()
        if not shown:
            for new in made:
                self._transcript.show_branch(new.passage, new.strand)
        self._writing.write(made)
        self._show_state()

    def _settings_of_hand(self) -> SampleConfig:
        start = self._record.takes[0].config.start
        return self._dials.settings(start)

    def _grow(self) -> None:
        self._transcript.grew()
        if not self._status_soon.isActive():
            self._status_soon.start()

    def _fail(self, new: New, error: BaseException | None) -> None:
        """Take back what never began; say why, unless the person stopped it."""
        self._transcript.flush()
        if len(new.take.pieces) == new.take.begun:
            self._record.take_back(new)
            self._transcript.take_back(new)
        if error is not None:
            self._notice.tell_error(error)
            if isinstance(error, CheckpointError):
                self._notice.add_button("Open Another…", "open_another_button", self._picker.ask_for_file)

    def _rest(self) -> None:
        """Nothing is written any more: measure what was."""
        self._transcript.flush()
        takes = [take for take in self._record.takes if not take.reads and take.written()]
        if takes:
            path = takes[0].choice.path
            if path.name in (RunFolder.CHECKPOINT, RunFolder.BEST):
                remember_folder(path.parent)  # it works: the list of runs may have it
            self._quotations.look_for(takes)
        self._show_state()

    def _mark(self) -> None:
        for take in self._record.takes:
            self._transcript.mark_quotations(take)
        self._show_status()

    @Slot(int, object)
    def _look_for_the_first(self, _job: JobHandle, event: Event) -> None:
        if isinstance(event, Checkpoint) and self.isVisible() and self._picker.choice is None:
            self.refresh()

    def _show_state(self) -> None:
        """Offer what can be done now."""
        has_choice = self._picker.choice is not None
        takes = self._record.takes
        written = bool(takes) and not any(take.reads for take in takes)
        self._page.show_model(has_choice or not self._picker.known)
        self._dials.setEnabled(has_choice)
        self._composer.show_state(
            can_generate=has_choice,
            writing=self._busy,
            can_vary=written,
            can_go_on=bool(takes),
            can_edit=len(takes) == 1 and self._beginning.edits is None,
        )
        self._picker.show_ladder(writing=self._busy)
        self._bar.show_record(self._record, writing=self._busy, meter=self._quotations.status)
        self._bar.set_side_by_side(self._transcript.side_by_side)
        self._transcript.show_heads(self._record.hand, can_step=not self._busy)

    def _show_status(self) -> None:
        self._bar.show_status(self._record, self._quotations.status)

    # keeping

    def _copy(self) -> None:
        copy(text_of(self._record.takes), self._bar)

    def _save(self, file: str) -> None:
        if why := save(file, self._record.passages):
            self._notice.tell(f"The transcript could not be saved to {file}.", why)

    def _clear(self) -> None:
        self._leave_editing()
        self._quotations.forget()
        self._record.clear()
        self._transcript.clear_all()
        self._show_state()

    # Qt

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc stops writing, or leaves a text that is being changed."""
        if event.key() == Qt.Key.Key_Escape and self._busy:
            self._stop()
        elif event.key() == Qt.Key.Key_Escape and self._beginning.edits is not None:
            self._leave_editing()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Look for new checkpoints whenever the tab comes to the front."""
        super().showEvent(event)
        self.refresh()
        self._read_ahead()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take checkpoints and run folders."""
        if dropped_checkpoint(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        if (path := dropped_checkpoint(event)) is not None:
            event.acceptProposedAction()
            self.open_checkpoint(path)
