"""The sheet that takes a model elsewhere: a format is chosen, the file is written, and read back to be compared."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QDir, Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QDialog, QFileDialog, QRadioButton, QWidget

from engine.core.events import Event, Exported, Progress
from engine.exports.formats import FORMATS, OUTTYPES, ExportFormat, suggested_name
from engine.runs.folder import RunFolder
from engine.runs.run_summary import RunSummary
from gui.kit import formats
from gui.kit.engine_thread import EngineThread, JobHandle
from gui.kit.notice import Notice
from gui.kit.parts import Elided, button, column, label, row
from gui.kit.plain import plain_tip
from gui.kit.progress_line import ProgressLine
from gui.kit.sheets import fit_height, panel_asks_to_replace, sheet_width
from gui.kit.style import role
from gui.kit.theme import Space

if TYPE_CHECKING:
    from engine.core.jobs import Control, Job

_OUTTYPES = {"f16": "16-bit, half the size", "f32": "32-bit, exact", "q8_0": "8-bit, a quarter of the size"}


class ExportSheet(QDialog):
    """Exports a checkpoint of a run: its best where there is one, unless its latest is asked for.

    Signals:
        reveal_asked(path): what was written should be shown in the file manager.
    """

    reveal_asked = Signal(object)

    def __init__(self, run: RunSummary, engine: EngineThread, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("export_sheet")
        self.setWindowTitle("Export")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._run = run
        self._engine = engine
        self._job: JobHandle | None = None
        self._written: Path | None = None
        self._make_parts()
        self._lay_out()
        self._show_state()

    def _make_parts(self) -> None:
        self._outtype = QComboBox()
        self._outtype.setObjectName("export_outtype")
        self._outtype.setAccessibleName("Numbers in the file")
        for name in OUTTYPES:
            self._outtype.addItem(_OUTTYPES.get(name, name), name)
        self._outtype.setEnabled(False)
        folder = RunFolder(self._run.path)
        self._checkpoint = QComboBox()
        self._checkpoint.setObjectName("export_checkpoint")
        self._checkpoint.setAccessibleName("Checkpoint to export")
        for text, path in (("Best validation loss", folder.best), ("Latest", folder.checkpoint)):
            if os.path.exists(path):
                self._checkpoint.addItem(text, path)
        self._formats = [self._format(form) for form in FORMATS]
        self._formats[0].setChecked(True)
        self._progress = ProgressLine("export_progress", "Progress of the export")
        self._doing = Elided(kind="caption")
        self._stamp = label(kind="positive", wrap=True)
        self._stamp.setObjectName("export_stamp")
        self._notice = Notice("export_notice", stays=True)
        self._export = button("export_button", "Export…", self._ask_where, "primary")
        self._reveal = button("export_reveal_button", "Show", self._show_written, "tall", says="Show what was written")
        self._close = button("export_close_button", "Cancel", self.reject, "tall")
        self._export.setDefault(True)

    def _format(self, form: ExportFormat) -> QRadioButton:
        made = QRadioButton(f"{form.title}, for {form.opens_in}")
        made.setObjectName(f"export_{form.name}")
        made.setAccessibleName(made.text())
        made.toggled.connect(lambda on: self._outtype.setEnabled(on and form.name == "gguf"))
        return made

    def _lay_out(self) -> None:
        page = column(self, margin=Space.XL, spacing=Space.M)
        page.addWidget(Elided(f"Export “{self._run.name}”", "headline"))
        words = "The model is written with its tokens, then read back and compared with the one that was trained."
        page.addWidget(label(words, "secondary", wrap=True))
        page.addLayout(row(label("Checkpoint"), self._checkpoint, None))
        for choice in self._formats:
            page.addWidget(choice)
        page.addLayout(row(label("Numbers in a GGUF file"), self._outtype, None))
        page.addWidget(self._progress)
        page.addWidget(self._doing)
        page.addWidget(self._stamp)
        page.addWidget(self._notice)
        self._buttons = row(None, self._reveal, self._close, self._export)
        page.addLayout(self._buttons)
        self.setFixedWidth(sheet_width(self.parentWidget()))

    # what a person asks for

    @property
    def _chosen(self) -> ExportFormat:
        return next(form for form, choice in zip(FORMATS, self._formats, strict=True) if choice.isChecked())

    def _ask_where(self) -> None:
        """Ask for the place; a folder of that name is made by the export itself."""
        outtype = str(self._outtype.currentData())
        name = suggested_name(self._run.name, self._chosen.name, outtype)
        dialog = QFileDialog(self, "Export", QDir.homePath())
        dialog.setObjectName("export_place_sheet")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)  # where the panel heeds it, nothing is written over
        dialog.selectFile(name)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.export_to(Path(path)))
        dialog.open()

    def export_to(self, place: Path) -> None:
        """Write the chosen format to a place."""
        source: Path = self._checkpoint.currentData()
        form, outtype = self._chosen.name, str(self._outtype.currentData())

        def make(control: Control) -> Job:
            from engine.exports.job import export_job

            replaces = panel_asks_to_replace()
            return export_job(source, form, place, outtype=outtype, overwrite=replaces, control=control)

        self._written = None
        self._notice.dismiss()
        self._stamp.clear()
        self._job = self._engine.submit(make)
        self._job.told.connect(self._take)
        self._job.ended.connect(self._ended)
        self._show_state()

    @property
    def is_done(self) -> bool:
        """Whether the model is written and compared."""
        return self._written is not None and self._job is None

    def reject(self) -> None:
        """Stop an export that is under way; nothing is left behind. Else close."""
        if self._job is not None:
            self._job.stop()
        else:
            super().reject()

    def _show_written(self) -> None:
        if self._written is not None:
            self.reveal_asked.emit(self._written)

    # how it goes

    @Slot(object)
    def _take(self, event: Event) -> None:
        if isinstance(event, Progress):
            self._doing.tell(event.what)
            self._progress.show_share(event.done / event.total if event.total else None)
        elif isinstance(event, Exported):
            self._written = Path(event.path)
            self._stamp.setText(stamp(event))
            self._stamp.setToolTip(plain_tip(measures(event)))

    @Slot(object)
    def _ended(self, error: BaseException | None) -> None:
        self._job = None
        if error is not None:
            self._notice.tell_error(error)
        self._show_state()

    def _show_state(self) -> None:
        busy, written = self._job is not None, self._written is not None
        for control in (*self._formats, self._export):
            control.setEnabled(not busy)
        self._checkpoint.setEnabled(not busy and self._checkpoint.count() > 1)
        self._outtype.setEnabled(not busy and self._chosen.name == "gguf")
        self._close.setText("Stop" if busy else "Close" if written else "Cancel")
        self._close.setAccessibleName(self._close.text())
        last = self._close if self.is_done else self._export  # where the eye ends
        self._buttons.removeWidget(last)
        self._buttons.addWidget(last)
        role(self._close, "primary" if self.is_done else "tall")
        role(self._export, "tall" if self.is_done else "primary")
        last.setDefault(True)
        for part, seen in (
            (self._progress, busy),
            (self._doing, busy),
            (self._stamp, written),
            (self._reveal, written),
        ):
            part.setVisible(seen)
        fit_height(self)


def stamp(event: Exported) -> str:
    """Return what the comparison of an export with its model came to, in words."""
    written = f"“{Path(event.path).name}” is written and checked: {formats.disk(event.bytes)}."
    if event.tokens_equal == event.tokens:
        same = "Read back, it predicts the same as the model that was trained."
    else:
        same = f"Read back, it predicts the same at {event.tokens_equal} of {event.tokens} places."
    texts = f"It cuts {formats.plural(event.texts, 'text')} into the same tokens." if event.texts else ""
    return " ".join(filter(None, (written, same, texts, *event.notes)))


def measures(event: Exported) -> str:
    """Return what was measured in the comparison, in the words of the field."""
    return (
        f"Logits within {event.logits_difference:.1e} (allowed {event.tolerance:.1e}); the likeliest token is the same "
        f"at {event.tokens_equal} of {event.tokens} places"
    )
