"""Where a run is offered to be shared: at its curtain call, beside its words, and in a menu."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject

from gui.kit.parts import button
from gui.train.stage import Stage
from gui.train.state import RunState


class Sharing(QObject):
    """Opens the sheet for the run that is on the stage."""

    def __init__(self, stage: Stage, state: Callable[[], RunState]) -> None:
        super().__init__(stage)
        self._stage, self._state = stage, state
        stage.curtain.offer(button("share_button", "Share…", self.open))
        stage.live_made.connect(lambda: stage.film.share_asked.connect(self.open))

    @property
    def is_ready(self) -> bool:
        """Whether the run wrote something that others can see."""
        return bool(self._state().run_dir and self._state().samples)

    def open(self) -> None:
        """Open the sheet; of a run that wrote nothing there is none."""
        if self.is_ready:
            from gui.train.share_sheet import open_share_sheet  # what draws and writes pictures is not needed before

            open_share_sheet(self._stage.window(), Path(self._state().run_dir))
