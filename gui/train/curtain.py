"""The curtain call of a run that has ended: what it learned, in plain words, and what to do with it now."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QPushButton, QWidget

from engine.runs.verdict import MORE_MINUTES, Skill
from gui.kit import theme
from gui.kit.parts import Wrapped, button, column, row
from gui.kit.style import role
from gui.kit.theme import Size, Space
from gui.train.entrance import Entrance
from gui.train.state import RUNNING, Phase, View

_LOOKING = "Looking at what it has learned…"


class Curtain(QWidget):
    """The verdict, and what to do now: write with it, train on, teach a second model, share.

    Signals:
        generate_requested(): the finished model should write.
        resume_requested(): the stopped run should go on.
        more_asked(): the ended run should go on for some minutes more.
        pupil_asked(): the ended run should train a second model, taught by its own.
    """

    generate_requested = Signal()
    resume_requested = Signal()
    more_asked = Signal()
    pupil_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("curtain")
        role(self, "clear")
        self._phase = Phase.EMPTY
        self._verdict = Wrapped(kind="headline")
        self._verdict.setObjectName("verdict")
        self._generate = button("finish_generate", "Write with It", self.generate_requested.emit)
        self._resume = button("stage_resume", "Resume", self.resume_requested.emit)
        self._more = button("more_minutes_button", f"{MORE_MINUTES} More Minutes", self.more_asked.emit)
        self._teach = button("second_model_button", "Train a Second Model", self.pupil_asked.emit, "tall")
        self._actions = row(self._generate, self._resume, self._more, self._teach, None)
        self._layout = column(self, spacing=Space.M)
        self._layout.addWidget(self._verdict)
        self._layout.addLayout(self._actions)
        self._entrance = Entrance(self._verdict)
        self.hide()

    def offer(self, action: QPushButton) -> None:
        """Offer one more thing to do, after the others."""
        role(action, "tall")
        self._actions.insertWidget(self._actions.count() - 1, action)

    def show_close(self, close: bool) -> None:
        """Keep what to do closer to what is said."""
        self._layout.setSpacing(Space.S if close else Space.M)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put what to do beside what is said where it is wide."""
        super().resizeEvent(event)
        beside = self.width() >= theme.current().text_px(Size.PAGE)
        self._layout.setStretch(0, int(beside))
        self._layout.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)

    def show_view(self, view: View) -> None:
        """Show what is to be said of a run that has ended; before, nothing."""
        was, self._phase = self._phase, view.phase
        ended = view.phase is Phase.FINISHED
        if ended:
            self._generate.setVisible(bool(view.generate_from))
            self._resume.setVisible(view.can_resume)
            self._more.setVisible(bool(view.generate_from) and _may_go_on(view))
            self._teach.setVisible(view.verdict is not None and view.verdict.teaches)
            role(self._generate, "primary" if view.verdict and not _leads_on(view) else "tall")
            for made in (self._resume, self._more):
                role(made, "primary" if view.verdict and _leads_on(view) else "tall")
            self._layout.activate()  # what may be done leaves what is said its width, and so its lines
            self._verdict.tell(view.verdict.words if view.verdict else _LOOKING)
        self.setVisible(ended)
        if ended and was in RUNNING:
            self._entrance.begin()


def _may_go_on(view: View) -> bool:
    """Return whether more minutes are offered: one that was stopped has time left, and is resumed."""
    return not view.can_resume and (view.verdict is None or view.verdict.goes_on)


def _leads_on(view: View) -> bool:
    """Return whether training on comes first: the model has hardly any words to write with yet, and more would help.

    One that was stopped was to learn more than its first words.
    """
    verdict = view.verdict
    may_go_on = view.can_resume or _may_go_on(view)
    few = Skill.FIRST_WORDS if view.can_resume else Skill.LETTERS
    return verdict is not None and verdict.goes_on and verdict.skill <= few and may_go_on
