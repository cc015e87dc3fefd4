"""The Train tab: brings together what is to be trained, the run under way, and the engine's thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, assert_never

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from engine.core.config import TrainConfig
from engine.core.errors import Fix, SettingError, UnderstudyError
from engine.core.events import Event, Finished, Progress
from engine.core.jobs import Control
from engine.planning.choices import guessed_device
from engine.runs.folder import RunFolder
from engine.runs.longer import minutes_longer, second_model
from engine.runs.run_summary import RunSummary
from engine.runs.verdict import MORE_MINUTES
from gui.kit.background import Background
from gui.kit.calm import DrawingCost
from gui.kit.clipboard import say
from gui.kit.engine_thread import EngineThread
from gui.kit.lost_text import require_text
from gui.kit.parts import column
from gui.kit.style import role
from gui.train.command_copy import copy_command
from gui.train.comparison import ComparedRuns
from gui.train.jobs import JobMaker, Pieces, prepare_job, train_job
from gui.train.judge import Judge
from gui.train.model_reader import ModelReader
from gui.train.notes import note_of
from gui.train.record import RunRecord, read_record
from gui.train.refusal import refusal
from gui.train.run_names import name_new_run, rename_run
from gui.train.setup_pane import SetupPane
from gui.train.sharing import Sharing
from gui.train.stage import Stage
from gui.train.state import Phase, RunState, View
from gui.train.warm_up import WarmUp

_SHOW_MS = 500  # a calm rate: each drawing takes time from the training


class TrainTab(QWidget):
    """Choose, train, watch, steer.

    Signals:
        generate_requested(checkpoint_path): the finished model should write.
        run_changed(): a run began or ended: the list of runs is another.
        view_changed(view): what the window shows of the run is another.
        help_asked(key): the help book should say more.
        own_text_asked(): a person wants to bring a text to learn from.
    """

    generate_requested = Signal(str)
    run_changed = Signal()
    view_changed = Signal(object)
    help_asked = Signal(str)
    own_text_asked = Signal()

    def __init__(self, engine: EngineThread, make_job: JobMaker | None = None) -> None:
        super().__init__()
        self.setObjectName("train_tab")
        role(self, "page")
        self._engine = engine
        self._make_job = make_job or train_job
        self._control: Control | None = None
        self._config: TrainConfig | None = None
        self._after_end: Callable[[], None] | None = None
        self._background = Background(self)
        self.comparison = ComparedRuns(self._background, self)
        self.comparison.failed.connect(self._tell)
        self._judge = Judge(self._background, self)
        self._judge.judged.connect(self._show)
        self._judge.failed.connect(self._tell)
        self.state = RunState()
        self._view = self.state.view()
        self.setup = SetupPane(guessed_device())
        self._warm_up = WarmUp(engine, self.setup, self)
        self.stage = Stage()
        self.sharing = Sharing(self.stage, lambda: self.state)
        self.setup.start_requested.connect(self.start)
        self.setup.pause_requested.connect(self.toggle_pause)
        self.setup.stop_requested.connect(self.stop)
        self.setup.config_changed.connect(self._show)
        self.setup.help_asked.connect(self.help_asked)
        self.setup.own_text_asked.connect(self.own_text_asked)
        models = ModelReader(engine, self)
        self.setup.start_from.read_asked.connect(models.ask)
        models.read.connect(self.setup.start_from.take_shape)
        models.failed.connect(self.setup.start_from.tell_unread)
        self.stage.help_asked.connect(self.help_asked)
        self.stage.fix_chosen.connect(self.apply_fix)
        curtain = self.stage.curtain
        curtain.generate_requested.connect(self._generate)
        curtain.resume_requested.connect(lambda: self.resume(Path(self.state.run_dir)))
        curtain.more_asked.connect(lambda: self._train_on(partial(minutes_longer, minutes=MORE_MINUTES)))
        curtain.pupil_asked.connect(lambda: self._train_on(second_model))
        self.stage.renamed.connect(self._rename)
        self.stage.offer_taken.connect(self.setup.focus_start)  # then to Pause: the button that was pressed will go
        self.stage.offer_taken.connect(self.resume)
        self.stage.moment_asked.connect(self._generate_moment)
        self.stage.live_made.connect(lambda: self.stage.loss.serve(self.comparison))
        self.stage.live_made.connect(lambda: self.stage.loss.compare_asked.connect(self.compare))
        self._soon = QTimer(self, singleShot=True, interval=_SHOW_MS)
        self._soon.timeout.connect(self._show)
        self._cost = DrawingCost()
        self.setup.stand_over(self.stage)
        column(self, spacing=0).addWidget(self.setup)
        self._show()

    @property
    def view(self) -> View:
        """What the window shows of the run now."""
        return self._view

    @property
    def running(self) -> bool:
        """Whether a run is under way."""
        return self.state.running

    # what a person asks for

    def start(self, *, anyway: bool = False) -> None:
        """Train what is set up; a wrong setting is shown at its field instead. While a run is on, nothing.

        What will not fit is told by the coach instead, unless it is to begin `anyway`.
        """
        if self.running:
            return
        if self.setup.start_from.is_reading:
            say("The model to start from is still being read", self.setup.head)
            return
        try:
            config = self.setup.config()
        except SettingError:
            return
        if not anyway and (refused := refusal(config)) is not None:
            self.show_run(RunState())
            self._fail(refused)
            return
        self._begin(config, RunState())

    def resume(self, run_dir: Path) -> None:
        """Go on with a run that was stopped; what cannot be read is told by the coach."""
        self._resume(run_dir, lambda _: {})

    def toggle_pause(self) -> None:
        """Pause, or go on."""
        if self._control is None or not self._view.can_pause:
            return
        if self.state.phase in (Phase.STARTING, Phase.TRAINING):
            self.state.pause()
            self._control.pause()
        else:
            self.state.resume()
            self._control.resume()
        self._show()

    def stop(self) -> None:
        """Save and end the run; what was to follow on its end does not."""
        self._after_end = None
        if self._control is not None and self._view.can_stop:
            self.state.stop()
            self._control.stop()
            self._show()

    def take_settings(self, config: TrainConfig) -> None:
        """Set up a new run with another's settings; not while a run is on."""
        if not self.running:
            self.setup.show_config(config)
            self._clear_for(config.dataset)

    def save_now(self) -> None:
        """Save a checkpoint after the iteration under way."""
        if self._control is not None:
            self._control.save_now()

    def copy_command(self, *, for_nanogpt: bool = False) -> None:
        """Put the command that trains this on the clipboard: ours, or nanoGPT’s with remarks."""
        try:
            config = self._config if self.running and self._config else self.setup.config()
        except SettingError:
            say("Correct the settings first", self.setup.head)
        else:
            copy_command(config, self.setup.head, for_nanogpt=for_nanogpt)

    def offer(self, run: RunSummary | None) -> None:
        """Offer on the empty page to go on with a run that was stopped; None offers nothing."""
        self.stage.offer(run)

    def choose_text(self, name: str) -> None:
        """Set up training on a text, and say so on a stage that is empty again; not while a run is on."""
        if self.running:
            say("A run is on: stop it, or wait for its end, to train on another text", self.setup.head)
            return
        self.setup.choose_text(name)
        self._clear_for(name)

    def _clear_for(self, text: str) -> None:
        """Show an empty stage that says which text is to be learned from."""
        self.show_run(RunState())
        self.stage.announce(text)
        self.setup.focus_start()

    def refresh_texts(self) -> None:
        """Look anew which texts there are."""
        self.setup.refresh_texts()

    def apply_fix(self, fix: Fix) -> None:
        """Do what a button of the coach says."""
        match fix.action:
            case "stop":
                self.stop()
            case "continue":
                self._continue()
            case "restart":
                self._restart(fix)
            case "resume":
                self._after_stop(partial(self._resume, self._run_of(fix), lambda _: fix.changes))
            case "prepare":
                self._prepare(str(fix.changes.get("dataset") or self.setup.state.dataset))
            case "none":
                pass  # only a person can do it
            case _:
                assert_never(fix.action)

    def _rename(self, name: str) -> None:
        """Give the run another name; its folder stays what it is called."""
        try:
            rename_run(self.state.run_dir, name)
        except UnderstudyError as error:
            self._tell(error)
        else:
            self.state.name = name
            self._show()
            self.run_changed.emit()

    def find_device(self) -> None:
        """Make ready what a first run needs; the window is up by then."""
        self._warm_up.begin()

    def show_run(self, state: RunState) -> None:
        """Show a run without driving it; not while one is on."""
        self.state = state
        self.stage.new_run()
        self._judge.look_back(state)
        self._show()

    def compare(self, beside: QWidget) -> None:
        """Let runs be chosen that are drawn beside this one; the list opens under a button."""
        self.comparison.ask(beside, Path(self.state.run_dir) if self.state.run_dir else None)

    # how it goes

    def _begin(self, config: TrainConfig, state: RunState) -> None:
        self._train(config, self._claim(state))

    def _claim(self, state: RunState) -> Control:
        """Show that something was asked for, and return the control that it will heed."""
        self.state = state
        self.stage.new_run()
        state.start()
        control = self._control = self._engine.control()
        self._show()
        return control

    def _train(self, config: TrainConfig, control: Control) -> None:
        self._config = config
        self.state.dataset = config.dataset
        job = self._engine.submit(partial(self._warm_up.before(self._make_job), config), control)
        job.told.connect(self._take)
        job.ended.connect(self._end_training)

    def _resume(self, run_dir: Path, change: Callable[[TrainConfig], Mapping[str, Any]]) -> None:
        if self.running:
            return
        run = RunFolder(run_dir)
        try:
            saved = run.read_config()
            require_text(saved.dataset)
            changes = change(saved)
            shown, config = saved.changed(changes), saved.going_on(str(run_dir), changes)
        except UnderstudyError as error:
            self._tell(error)
            return
        state = RunState(run_dir=str(run_dir), preparing=Progress(what="Reading the run", done=0, total=0, unit=""))
        self.setup.show_resumed(shown)
        control = self._claim(state)
        self._background.do(
            lambda: read_record(run_dir), lambda record: self._go_on(config, control, record), self._fail
        )

    def _go_on(self, config: TrainConfig, control: Control, record: RunRecord) -> None:
        """Train on from what was read, unless it was stopped meanwhile."""
        if control.stopping:
            self._fail(None)
        else:
            self.state.load(record)
            self._train(config, control)

    def _fail(self, error: Exception | None) -> None:
        """End what was asked for before its job began."""
        self._control = None
        self.state.end(error)
        self._show()

    def _train_on(self, change: Callable[[TrainConfig, Finished], Mapping[str, Any]]) -> None:
        """Go on with a run that ended, with what is to change."""
        if (ended := self.state.finished) is not None:
            self._resume(Path(self.state.run_dir), lambda config: change(config, ended))

    def _run_of(self, fix: Fix) -> Path:
        return Path(str(fix.changes.get("out_dir") or self.state.run_dir))

    def _restart(self, fix: Fix) -> None:
        """Start anew with changed settings."""
        self.setup.change(fix.changes)
        self._after_stop(self.start)

    def _after_stop(self, act: Callable[[], None]) -> None:
        """Do something once the run that is on has been saved and ended; at once when none is."""
        if self.running:
            self.stop()
            self._after_end = act
        else:
            act()

    def _continue(self) -> None:
        if self.state.phase in (Phase.PAUSED, Phase.PAUSING):
            self.toggle_pause()
        elif self.state.phase is Phase.FAILED:
            self.start(anyway=True)

    def _prepare(self, name: str) -> None:
        if self.running:
            return
        control = self._claim(RunState(prepares=True))
        job = self._engine.submit(partial(prepare_job, name), control)
        job.told.connect(self._take)
        job.ended.connect(self._end_preparing)

    @Slot(object)
    def _take(self, event: Event) -> None:
        """Take what the run, or the preparation before it, tells."""
        if isinstance(event, Pieces):
            self.stage.show_pieces(event.pieces)
            return
        began = self.state.started is None
        self.state.take(event, time.monotonic())
        if began and self.state.started is not None:
            if self._config is not None and not self.state.name:
                place = Path(self.state.started.run_dir)
                self.state.name = name_new_run(place, self._config.dataset, datetime.now())
            self.setup.refresh_texts()
            self.run_changed.emit()
            self._judge.measure_text(self.state, self.state.dataset)
        if not self._soon.isActive():
            self._soon.start(self._cost.rest(_SHOW_MS))

    @Slot(object)
    def _end_training(self, error: BaseException | None) -> None:
        if error is None:
            self._warm_up.look_how_fast()
        self._end(error)

    @Slot(object)
    def _end_preparing(self, error: BaseException | None) -> None:
        stopped = self._control is not None and self._control.stopping
        if not self._end(error) and error is None and not stopped:
            self.start()

    def _end(self, error: BaseException | None) -> bool:
        """Show that what was asked for is over; return whether something waited for that, and has begun."""
        self._control = None
        self.state.end(error)
        self._judge.look_back(self.state)
        self.setup.refresh_texts()
        self._show()
        self.run_changed.emit()
        then, self._after_end = self._after_end, None
        if then is None or error is not None:
            return False
        then()
        return True

    def _tell(self, error: BaseException) -> None:
        self.state.notes.insert(0, note_of(error))
        self.state.revision += 1
        self._show()

    def _generate(self) -> None:
        if self._view.generate_from:
            self.generate_requested.emit(self._view.generate_from)

    def _generate_moment(self, iter_num: int) -> None:
        if checkpoint := self.state.checkpoint_at(iter_num):
            self.generate_requested.emit(checkpoint)

    # what is shown

    def showEvent(self, event: QShowEvent) -> None:
        """Show what came while the tab was out of sight, and heed when the window comes back from the Dock."""
        super().showEvent(event)
        self._show()
        if (window := self.window().windowHandle()) is not None:
            window.windowStateChanged.connect(self._come_back, Qt.ConnectionType.UniqueConnection)

    @Slot(Qt.WindowState)
    def _come_back(self, _: Qt.WindowState) -> None:
        self._soon.start(_SHOW_MS)

    def _show(self) -> None:
        """Copy the view to the screen; a stage out of sight is left alone."""
        self._soon.stop()
        self._cost.measure()
        view = self.state.view()
        self.setup.show_view(view)
        if self.isVisible() and not self.window().isMinimized():
            self.stage.show_run(self.state, view)
        if view != self._view:
            self._view = view
            self.view_changed.emit(view)
