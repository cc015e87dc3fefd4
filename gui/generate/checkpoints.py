"""The choice of a checkpoint: every run's, and any file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QPushButton,
    QWidget,
)

from engine.runs.folder import SUFFIXES, RunFolder
from engine.runs.same_weights import WeightMarks
from gui.generate.choice_model import ChoiceModel
from gui.generate.choices import CheckpointChoice, checkpoint_choices, opened_choice, others_than
from gui.generate.ladder import ladder_of, what_it_climbs
from gui.kit.background import Background
from gui.kit.parts import ElidedComboBox, Wrapped, button, column, label, row
from gui.kit.plain import plain_tip
from gui.kit.style import role
from gui.kit.theme import Space
from gui.runs.reader import RunReader


class CheckpointPicker(QWidget):
    """The list of checkpoints, a way to open others, and where the chosen one is.

    Signals:
        listed(): the list was read anew.
        failed(error): the list could not be read.
        chosen(): another checkpoint is chosen; `choice` tells which.
        missing(path): a checkpoint was to be opened that is not there.
        climb(): the beginning is to be written on by the run through time, `ladder`.
        compared(): another one is to be written with beside it, or none any more; `choices` tells.

    Attributes:
        known: whether the list was read at all.
        reading: whether it is being read.
    """

    listed = Signal()
    failed = Signal(object)
    chosen = Signal()
    missing = Signal(str)
    climb = Signal()
    compared = Signal()

    def __init__(self, is_writing: Callable[[], bool], parent: QWidget | None = None) -> None:
        """Take `is_writing`: while something is written, the choice stays."""
        super().__init__(parent)
        role(self, "clear")
        self._is_writing = is_writing
        self._of_runs: list[CheckpointChoice] = []
        self._choices: list[CheckpointChoice] = []
        self._opened: list[CheckpointChoice] = []
        self._reader, self._marks = RunReader(), WeightMarks()
        self._background = Background(self)
        self.known = self.reading = self._again = False
        self._by_hand = False
        self._list, self._rows = ElidedComboBox(), ChoiceModel()
        self._list.setModel(self._rows)
        self._list.setObjectName("checkpoint_picker")
        self._list.setAccessibleName("Checkpoint")
        self._list.setPlaceholderText("No checkpoint yet")
        self._list.activated.connect(self._picked)
        self._list.currentIndexChanged.connect(self._tell)
        self._open = role(QPushButton("Open…"), "plain")
        self._open.setObjectName("open_checkpoint_button")
        self._open.setAccessibleName("Open a checkpoint file")
        self._open.clicked.connect(self.ask_for_file)
        self._detail = Wrapped(kind="caption")
        self._detail.setObjectName("checkpoint_detail")
        self._other, self._other_rows = ElidedComboBox(), ChoiceModel()
        self._other.setModel(self._other_rows)
        self._other.setObjectName("compare_picker")
        self._other.setAccessibleName("Compare with")
        self._other.setToolTip("Write with a second checkpoint beside this one, with the same beginning and seed")
        self._other.currentIndexChanged.connect(self.compared)
        self._other_label = label("Compare with", "caption")
        self._other_label.setBuddy(self._other)
        self._ladder = button("ladder_button", "Write Through Time", self.climb.emit, "plain")
        layout = column(self)
        layout.addLayout(row(label("Model", "headline"), None, self._open))
        layout.addWidget(self._list)
        layout.addWidget(self._detail)
        second = column(spacing=Space.XS)
        second.addWidget(self._other_label)
        second.addWidget(self._other)
        second.addLayout(row(self._ladder, None))
        layout.addLayout(second)

    @property
    def choice(self) -> CheckpointChoice | None:
        """The checkpoint that is chosen."""
        at = self._list.currentIndex()
        return self._choices[at] if 0 <= at < len(self._choices) else None

    @property
    def ladder(self) -> list[CheckpointChoice]:
        """The run of the chosen checkpoint through time; empty where it has no snapshots."""
        return ladder_of(self.choice, self._choices)

    def show_ladder(self, *, writing: bool) -> None:
        """Offer to write with the run through time, where it has snapshots and nothing else is written."""
        rungs = self.ladder
        self._ladder.setToolTip(plain_tip(what_it_climbs(rungs)))
        self._ladder.setVisible(bool(rungs))
        self._ladder.setEnabled(not writing)

    @property
    def choices(self) -> list[CheckpointChoice]:
        """What is to be written with: the chosen checkpoint, and the one that it is compared with."""
        return [each for each in (self.choice, self._compared) if each is not None]

    @property
    def _compared(self) -> CheckpointChoice | None:
        """The checkpoint that the chosen one is compared with."""
        at = self._other.currentIndex()
        return self._other_rows.rows[at] if at >= 0 else None

    def refresh(self) -> None:
        """Read the list anew, off this thread; asked for meanwhile, once more after it."""
        if self.reading:
            self._again = True
            return
        self.reading = True
        read, marks = self._reader.runs, self._marks
        self._background.do(lambda: checkpoint_choices(read(), marks), self._take, self._not_read)

    def _not_read(self, error: Exception) -> None:
        """Leave the list as it was, and tell why."""
        self._take(self._of_runs)
        self.failed.emit(error)

    def _take(self, of_runs: list[CheckpointChoice]) -> None:
        self.known, self.reading = True, False
        if self._again:
            self._again = False
            self.refresh()
        paths = {choice.path for choice in of_runs}
        self._of_runs, self._opened = of_runs, [each for each in self._opened if each.path not in paths]
        self._show_choices()
        self.listed.emit()

    def _show_choices(self) -> None:
        """Show what there is now; the newest is chosen unless the choice was made by hand, or is written with."""
        before = self.choice
        self._choices = [*self._opened, *self._of_runs]
        paths = [choice.path for choice in self._choices]
        kept = before is not None and before.path in paths and (self._by_hand or self._is_writing())
        with QSignalBlocker(self._list):
            self._rows.show_rows(self._choices)
            at = paths.index(before.path) if before and kept else 0
            self._list.setCurrentIndex(at if self._choices else -1)
        self._list.view().setMinimumWidth(self._rows.width(self._list.fontMetrics()) + 2 * Space.XL)
        self._list.setEnabled(bool(self._choices))
        self._refresh_other()
        if before is None or self.choice is None or self.choice.path != before.path:
            self._tell()
        else:
            self._describe()

    def _refresh_other(self) -> None:
        """List those that write differently; what was compared with stays if it is still there."""
        before = self._compared
        others = others_than(self.choice, self._choices)
        paths = [each.path for each in others]
        with QSignalBlocker(self._other):
            self._other_rows.show_rows([None, *others])
            self._other.setCurrentIndex(1 + paths.index(before.path) if before and before.path in paths else 0)
        self._other.view().setMinimumWidth(self._other_rows.width(self._other.fontMetrics()) + 2 * Space.XL)
        for part in (self._other_label, self._other):
            part.setVisible(bool(others))

    def open_checkpoint(self, path: Path | str) -> None:
        """Choose a checkpoint of any run or file; a folder stands for its best one."""
        path = Path(path)
        if os.path.isdir(path):
            folder = RunFolder(path)
            path = folder.best if os.path.exists(folder.best) else folder.checkpoint
        if not os.path.exists(path):
            self.missing.emit(str(path))
            return
        if path not in [choice.path for choice in self._choices]:
            self._opened.insert(0, opened_choice(path))
        self._by_hand = True
        self._show_choices()
        self._list.setCurrentIndex([choice.path for choice in self._choices].index(path))
        self.refresh()

    def ask_for_file(self) -> None:
        """Let the person choose a file."""
        dialog = QFileDialog(self.window(), "Open a Checkpoint", "", "Checkpoints (*.pt *.safetensors);;All Files (*)")
        dialog.setObjectName("open_checkpoint_sheet")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowModality(Qt.WindowModality.WindowModal)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.open_checkpoint)
        dialog.open()

    def _picked(self) -> None:
        self._by_hand = True

    def _tell(self) -> None:
        self._refresh_other()
        self._describe()
        self.chosen.emit()

    def _describe(self) -> None:
        choice = self.choice
        self._detail.tell(choice.about if choice else "")
        self._detail.setVisible(choice is not None)
        self._list.setToolTip(plain_tip(str(choice.path) if choice else ""))


def dropped_checkpoint(event: QDropEvent) -> Path | None:
    """Return the checkpoint or run folder in a drop, if there is one."""
    paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    fitting = [p for p in paths if p.suffix in SUFFIXES or (os.path.isdir(p) and RunFolder(p).has_checkpoint)]
    return fitting[0] if fitting else None
