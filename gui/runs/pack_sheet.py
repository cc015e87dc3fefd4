"""Taking a run to a bigger machine, and taking it in when it comes back."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QDir, Qt, Signal
from PySide6.QtGui import QTextOption
from PySide6.QtWidgets import QFileDialog, QPlainTextEdit, QWidget

from engine.archives.layout import SUFFIX, safe_name
from engine.core.events import Event, Packed, Unpacked
from engine.runs.run_summary import RunSummary
from gui.kit import formats
from gui.kit.clipboard import copy
from gui.kit.engine_thread import EngineThread
from gui.kit.parts import button, label, row
from gui.kit.scroll_bars import quiet
from gui.kit.sheets import panel_asks_to_replace
from gui.kit.style import role
from gui.kit.theme import Size
from gui.runs.work_sheet import WorkSheet
from gui.train.form import Combo

if TYPE_CHECKING:
    from engine.core.jobs import Control, Job

_GPUS = {"All its GPUs": 0, "1 GPU": 1, "2 GPUs": 2, "4 GPUs": 4, "8 GPUs": 8}


class PackSheet(WorkSheet):
    """Packs a run and its text into one file, and says what to type there.

    Signals:
        reveal_asked(path): what was written should be shown in the file manager.
    """

    reveal_asked = Signal(object)

    def __init__(self, run: RunSummary, engine: EngineThread, parent: QWidget | None = None) -> None:
        words = (
            f"“{run.name}” and its text are packed into one file, with what starts it there. Bring it back the same "
            "way: open the file that comes back, and it is a run here again."
        )
        super().__init__("pack_sheet", "Continue on a Bigger Machine", words, engine, parent)
        self._run = run
        self._written: Path | None = None
        self._gpus = Combo()
        self._gpus.setObjectName("pack_gpus")
        self._gpus.setAccessibleName("GPUs to train on there")
        for text, number in _GPUS.items():
            self._gpus.addItem(text, number)
        self._stamp = label(kind="positive", wrap=True)
        self._stamp.setObjectName("pack_stamp")
        self._lines = role(quiet(QPlainTextEdit()), "mono")
        self._lines.setObjectName("pack_lines")
        self._lines.setAccessibleName("What to type")
        self._lines.setReadOnly(True)
        self._lines.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)  # as a terminal does
        self._copy = button("pack_copy_button", "Copy", self._copy_lines, "tall", says="Copy what to type")
        self._reveal = button("pack_reveal_button", "Show", self._show_written, "tall", says="Show what was written")
        self._pack = button("pack_button", "Pack…", self._ask_where, "primary")
        self._pack.setDefault(True)
        self._choice = label("Train there on")
        self.page.addLayout(row(self._choice, self._gpus, None))
        self.lay_out_work()
        self.page.addWidget(self._stamp)
        self.page.addWidget(self._lines)
        self.page.addLayout(row(None, self._copy, self._reveal, self.close_button, self._pack))
        self.show_state()

    def pack_to(self, place: Path) -> None:
        """Pack the run into a file."""
        path, gpus = self._run.path, int(self._gpus.currentData())

        def make(control: Control) -> Job:
            from engine.archives.pack import pack_job

            return pack_job(path, place, gpus=gpus, overwrite=panel_asks_to_replace(), control=control)

        self._written = None
        self.work(make)

    def take(self, event: Event) -> None:
        """Show where the file is, and what to type."""
        if isinstance(event, Packed):
            self._written = Path(event.path)
            self._stamp.setText(f"Packed: {self._written.name}, {formats.disk(event.bytes)}.")
            self._lines.setPlainText(typed(event))

    @property
    def is_done(self) -> bool:
        """Whether the file is written."""
        return self._written is not None and not self.busy

    def show_state(self) -> None:
        """Offer what can be done now."""
        super().show_state()
        written = self.is_done
        after: list[QWidget] = [self._stamp, self._lines, self._copy, self._reveal]
        before: list[QWidget] = [self._choice, self._gpus, self._pack]
        for part in after:
            part.setVisible(written)
        for part in before:
            part.setVisible(not written)
            part.setEnabled(not self.busy)
        self.fit()

    def fit(self) -> None:
        """Show what is to be typed whole, as long as it is not very long."""
        if self._lines.isVisible():
            bar = Qt.ScrollBarPolicy
            text, block = self._lines, self._lines.document().firstBlock()
            text.setVerticalScrollBarPolicy(bar.ScrollBarAlwaysOff)
            self.page.activate()  # now its lines are broken
            whole = text.height() - text.viewport().height() + 2 * text.document().documentMargin()
            while block.isValid():
                whole += text.blockBoundingRect(block).height()
                block = block.next()
            text.setFixedHeight(min(math.ceil(whole), 2 * Size.TYPED))
            text.setVerticalScrollBarPolicy(bar.ScrollBarAsNeeded if whole > 2 * Size.TYPED else bar.ScrollBarAlwaysOff)
        super().fit()

    def _ask_where(self) -> None:
        dialog = QFileDialog(self, "Pack", QDir.homePath())
        dialog.setObjectName("pack_place_sheet")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)  # where the panel heeds it, nothing is written over
        dialog.selectFile(f"{safe_name(self._run.name)}{SUFFIX}")
        dialog.fileSelected.connect(lambda path: self.pack_to(Path(path)))
        dialog.open()

    def _copy_lines(self) -> None:
        copy(self._lines.toPlainText(), self._copy)

    def _show_written(self) -> None:
        if self._written is not None:
            self.reveal_asked.emit(self._written)


class UnpackSheet(WorkSheet):
    """Makes the run in an archive a run here.

    Signals:
        unpacked(run_dir): it is one now.
    """

    unpacked = Signal(object)

    def __init__(self, archive: Path, engine: EngineThread, parent: QWidget | None = None) -> None:
        words = "Its run becomes one of yours. Files of runs and texts are taken; none is executed."
        super().__init__("unpack_sheet", f"Open “{archive.name}”", words, engine, parent)
        self.lay_out_work()
        self.page.addLayout(row(None, self.close_button))

        def make(control: Control) -> Job:
            from engine.archives.unpack import unpack_job

            return unpack_job(archive, control=control)

        self.work(make)

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to cancel: it began by itself, and goes by itself unless it has something to say."""
        return not self.busy

    def take(self, event: Event) -> None:
        """Tell where the run is."""
        if isinstance(event, Unpacked):
            self.unpacked.emit(Path(event.run_dir))

    def show_state(self) -> None:
        """Go when the work is done; stay when there is something to read."""
        super().show_state()
        if not self.busy and not self.notice.isVisibleTo(self):
            self.accept()


def typed(event: Packed) -> str:
    """Return what to type, with a word on where."""
    parts = (
        ("Here, to send it (MACHINE is the other one’s name):", event.send),
        ("There, to start it:", event.start),
        ("There and then here, to bring it back:", event.back),
    )
    return "\n\n".join("\n".join((f"# {title}", *rows)) for title, rows in parts)
