"""The four tabs, made when they are first needed, and what leads from one to another."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QTabWidget, QWidget

from engine.core.config import TrainConfig
from gui.first_steps.steps import FirstStep
from gui.kit.engine_thread import EngineThread
from gui.runs.state import unfinished
from gui.train.jobs import JobMaker
from gui.train.tab import TrainTab

if TYPE_CHECKING:
    from gui.data.tab import DataTab
    from gui.generate.tab import GenerateTab
    from gui.runs.tab import RunsTab

W = TypeVar("W", bound=QWidget)
TITLES = ("Train", "Generate", "Data", "Runs")


class Sections(QTabWidget):
    """Train, Generate, Data and Runs. Train is there at once; the window paints before the others are made.

    Signals:
        completed(): every tab is there.
        grown(): something was made that was not there yet.
        compared(): two runs were drawn in one plot.
    """

    completed = Signal()
    grown = Signal()
    compared = Signal()

    def __init__(self, engine: EngineThread, make_job: JobMaker | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("tabs")
        self.setAccessibleName("Sections")
        self.tabBar().setAccessibleName("Sections")
        self.tabBar().setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click on a tab leaves no ring around it
        self._engine = engine
        self._hints: tuple[QSize | bool, ...] = ()
        self.train = TrainTab(engine, make_job)
        self.train.generate_requested.connect(self.generate_from)
        self.train.own_text_asked.connect(self.ask_for_text)
        self.train.comparison.changed.connect(lambda traces: self.compared.emit() if traces else None)
        self.addTab(self.train, TITLES[0])
        for title in TITLES[1:]:
            self.addTab(QWidget(), title)
        self.currentChanged.connect(self._make)

    @cached_property
    def generate(self) -> GenerateTab:
        """The Generate tab."""
        from gui.generate.tab import GenerateTab

        made = GenerateTab(self._engine)
        made.train_requested.connect(self.go_to_train)
        return self._put(made, "Generate")

    @cached_property
    def data(self) -> DataTab:
        """The Data tab."""
        from gui.data.tab import DataTab

        made = DataTab(self._engine)
        made.train_requested.connect(self.train_on)
        made.datasets_changed.connect(self.train.refresh_texts)
        made.added.connect(lambda: self.setCurrentWidget(made))
        self.train.run_changed.connect(made.refresh)
        self._show_view_in(made)
        return self._put(made, "Data")

    @cached_property
    def runs(self) -> RunsTab:
        """The Runs tab."""
        from gui.runs.tab import RunsTab

        made = RunsTab(self._engine)
        made.resume_requested.connect(self.resume)
        made.generate_requested.connect(self.generate_from)
        made.train_requested.connect(self.go_to_train)
        made.settings_requested.connect(self.train_like)
        made.runs_changed.connect(self._runs_changed)
        made.compared.connect(self.compared)
        made.own_text_asked.connect(self.ask_for_text)
        made.listed.connect(lambda: self.train.offer(unfinished(made.all)))
        self.train.run_changed.connect(made.refresh)
        self._show_view_in(made)
        return self._put(made, "Runs")

    def _show_view_in(self, made: DataTab | RunsTab) -> None:
        """Let a tab know, now and later, how the run is."""
        made.show_view(self.train.view)
        self.train.view_changed.connect(made.show_view)

    def complete(self) -> None:
        """Make every part that is not there yet."""
        while self._make_one():
            pass

    def complete_soon(self) -> None:
        """Make one part that is not there yet each time the event loop turns."""
        if self._make_one():
            QTimer.singleShot(0, self, self.complete_soon)
        else:
            self.completed.emit()

    # from tab to tab

    def go_to_train(self) -> None:
        """Show the Train tab."""
        self.setCurrentWidget(self.train)

    def generate_from(self, checkpoint: str) -> None:
        """Write with a checkpoint."""
        self.generate.open_checkpoint(Path(checkpoint))
        self.setCurrentWidget(self.generate)

    def resume(self, run_dir: str) -> None:
        """Go on with a run."""
        self.go_to_train()
        self.train.resume(Path(run_dir))

    def train_like(self, config: TrainConfig) -> None:
        """Set up another run like one that was."""
        self.go_to_train()
        self.train.take_settings(config)

    def train_on(self, dataset: str, changes: Mapping[str, Any]) -> None:
        """Set up a run on a text, with some settings changed."""
        self.go_to_train()
        self.train.choose_text(dataset)
        if changes and not self.train.running:
            self.train.setup.change(changes)

    def show_step(self, step: FirstStep) -> None:
        """Go where a first step is done, with its preset chosen."""
        self.setCurrentIndex([title.lower() for title in TITLES].index(step.tab))
        if step.preset and not self.train.running:
            self.train.setup.choose_preset(step.preset)
            self.train.setup.focus_start()

    def ask_for_text(self) -> None:
        """Ask for files of one's own; where some are chosen, they are set up in the Data tab."""
        self.data.ask_for_files()

    def add_texts(self, paths: list[Path]) -> None:
        """Prepare files and folders in the Data tab."""
        self.setCurrentWidget(self.data)
        self.data.add(paths)

    def event(self, event: QEvent) -> bool:
        """Lay out anew only when a part wants another size: Qt would, at each word that changes, paint everything."""
        if event.type() == QEvent.Type.LayoutRequest:
            corner = self.cornerWidget()
            shown = corner is not None and not corner.isHidden()
            hints = (self.tabBar().sizeHint(), self.minimumSizeHint(), self.sizeHint(), shown)
            if hints == self._hints:
                return True
            self._hints = hints
        return super().event(event)

    def leave(self) -> None:
        """Leave nothing behind that only this window needed."""
        if "data" in self.__dict__:
            self.data.forget_pasted()

    # how they come about

    def _runs_changed(self) -> None:
        self.generate.refresh()

    def _make(self, at: int) -> None:
        """Make the tab at a place, if it is not there yet."""
        getattr(self, TITLES[at].lower(), None)

    def _make_one(self) -> bool:
        """Make one part that is not there yet; return whether there was one."""
        if not self.train.stage.is_complete:
            self.train.stage.complete()
            self.grown.emit()
            return True
        title = next((title for title in TITLES if title.lower() not in self.__dict__), None)
        if title is not None:
            self._make(TITLES.index(title))
        return title is not None

    def _put(self, made: W, title: str) -> W:
        """Put a tab into its place, and return it."""
        at, shown = TITLES.index(title), self.currentIndex()
        stand_in = self.widget(at)
        self.blockSignals(True)
        self.removeTab(at)
        self.insertTab(at, made, title)
        self.setCurrentIndex(shown)
        self.blockSignals(False)
        if stand_in is not None:
            stand_in.deleteLater()
        self.grown.emit()
        return made
