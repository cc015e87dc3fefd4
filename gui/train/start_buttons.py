"""What begins and ends a run: Train at the end of the sentence, or Pause and Stop while one is under way."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QPushButton, QWidget

from gui.kit.icons import put_on
from gui.kit.parts import button, row
from gui.kit.style import role
from gui.kit.theme import Space, restyles
from gui.train.state import View


class StartButtons(QWidget):
    """Pause and Stop, and Train, which stands elsewhere.

    Attributes:
        start: Train, to be laid out by whoever shows what is to be trained.

    Signals:
        start_requested(), pause_requested(), stop_requested(): a button was pressed.
    """

    start_requested = Signal()
    pause_requested = Signal()
    stop_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        role(self, "clear")
        self._is_next = self._can_work = True
        self.start = button("start_button", "Train", self.start_requested.emit, "primary")
        self._pause = button("pause_button", "Pause", self.pause_requested.emit)
        self._stop = button("stop_button", "Stop", self.stop_requested.emit, says="Stop and save")
        self.setLayout(row(self._pause, self._stop))
        self._show_icons()

    def show_view(self, view: View) -> None:
        """Offer what can be done now; the focus stays on a button that can be pressed."""
        can = {self.start: view.can_start, self._pause: view.can_pause, self._stop: not view.can_start}
        focused = self.window().focusWidget()
        self._show(can, shown=True)
        if isinstance(focused, QPushButton) and not can.get(focused, True):
            # before it goes: Qt would give the focus to whatever comes next
            next((made for made in can if can[made]), self._pause).setFocus()
        self._show(can, shown=False)
        # pressed, it stays: the focus rests on it until the run is saved
        self._stop.setText("Stop" if view.can_stop or view.can_start else "Saving…")
        self._pause.setText(view.pause_label)
        self._pause.setAccessibleName(view.pause_label)
        role(self._pause, "primary" if view.pause_label == "Resume" else "tall")
        role(self._stop, "tall")
        self._is_next = not view.generate_from  # the next step of a finished run is elsewhere
        self._emphasize()

    def show_able(self, can_work: bool) -> None:
        """Make Train the button to press, or leave that to what leads out of a plan that cannot work."""
        if can_work is not self._can_work:
            self._can_work = can_work
            self._emphasize()

    def _emphasize(self) -> None:
        role(self.start, "primary" if self._is_next and self._can_work else "tall")
        self._show_icons()

    def focus_start(self) -> None:
        """Return the focus to the button that begins."""
        self.start.setFocus()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if restyles(event):
            self._show_icons()

    def _show(self, can: dict[QPushButton, bool], *, shown: bool) -> None:
        """Bring the buttons that come, or take away those that go: Train alone, or Pause and Stop."""
        for made, enabled in can.items():
            if (made is self.start) is can[self.start]:
                if shown:
                    made.setVisible(True)
                if shown is enabled:
                    made.setEnabled(enabled)
            elif not shown:
                made.setVisible(False)
                made.setEnabled(False)

    def _show_icons(self) -> None:
        resumes = self._pause.property("role") == "primary"
        for made, picture, color in (
            (self.start, "play", "on_accent" if self.start.property("role") == "primary" else "text"),
            (self._pause, "play" if resumes else "pause", "on_accent" if resumes else "text"),
            (self._stop, "stop", "text"),
        ):
            put_on(made, picture, color, gap=Space.XS)
