"""A sheet over one piece of the engine's work: how far it is, a way to stop it, and what went wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from engine.core.events import Event, Progress
from gui.kit.engine_thread import EngineThread, JobHandle
from gui.kit.notice import Notice
from gui.kit.parts import Elided, button, column, label
from gui.kit.progress_line import ProgressLine
from gui.kit.sheets import fit_height, sheet_width
from gui.kit.style import role
from gui.kit.theme import Space

if TYPE_CHECKING:
    from engine.core.jobs import Control, Job


class WorkSheet(QDialog):
    """Runs one job at a time for a sheet that says what it is; what the job tells beside its progress is `take`n."""

    def __init__(self, name: str, title: str, words: str, engine: EngineThread, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setWindowTitle(title)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._engine = engine
        self._job: JobHandle | None = None
        self.notice = Notice(f"{name}_notice", stays=True)
        self._progress = ProgressLine(f"{name}_progress", title)
        self._doing = Elided(kind="caption")
        self.close_button = button(f"{name}_close_button", "Cancel", self.reject, "tall")
        self.page: QVBoxLayout = column(self, margin=Space.XL, spacing=Space.M)
        self.page.addWidget(Elided(title, "headline"))
        self.page.addWidget(label(words, "secondary", wrap=True))
        self.setFixedWidth(sheet_width(self.parentWidget()))

    def lay_out_work(self) -> None:
        """Add the lines that tell of the work."""
        for part in (self._progress, self._doing, self.notice):
            self.page.addWidget(part)

    @property
    def busy(self) -> bool:
        """Whether the work is under way."""
        return self._job is not None

    @property
    def is_done(self) -> bool:
        """Whether the work came to its end, so that nothing is left to cancel."""
        return False

    def work(self, make: Callable[[Control], Job]) -> None:
        """Begin a job that is made on the engine's thread."""
        self.notice.dismiss()
        self._job = self._engine.submit(make)
        self._job.told.connect(self._take)
        self._job.ended.connect(self._ended)
        self.show_state()

    def take(self, event: Event) -> None:
        """Take what the job tells beside its progress."""

    def show_state(self) -> None:
        """Show what can be done now."""
        self._progress.setVisible(self.busy)
        self._doing.setVisible(self.busy)
        self.close_button.setText("Stop" if self.busy else "Close" if self.is_done else "Cancel")
        self.close_button.setAccessibleName(self.close_button.text())
        role(self.close_button, "primary" if self.is_done else "tall")
        self.close_button.setDefault(self.is_done)
        self.fit()

    def fit(self) -> None:
        """Be as high as what is shown needs."""
        fit_height(self)

    def reject(self) -> None:
        """Stop what is under way; nothing is left behind. Else close."""
        if self._job is not None:
            self._job.stop()
        else:
            super().reject()

    @Slot(object)
    def _take(self, event: Event) -> None:
        if isinstance(event, Progress):
            self._doing.tell(event.what)
            self._progress.show_share(event.done / event.total if event.total else None)
        else:
            self.take(event)

    @Slot(object)
    def _ended(self, error: BaseException | None) -> None:
        self._job = None
        if error is not None:
            self.notice.tell_error(error)
        self.show_state()
