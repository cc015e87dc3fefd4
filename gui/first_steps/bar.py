"""The first steps as they are seen: a line at the foot of the window with the next one, and the list of all."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtWidgets import QWidget

from gui.first_steps.progress import FirstSteps
from gui.first_steps.steps import FirstStep, first_steps
from gui.kit import preferences, theme
from gui.kit.icons import pixmap
from gui.kit.parts import Elided, IconButton, Popover, button, column, hairline, label, row
from gui.kit.sheets import fit_height
from gui.kit.style import role
from gui.kit.theme import Size, Space


class FirstStepsBar(QWidget):
    """The next step and where to do it; gone once it is put away, and back from the Help menu.

    Signals:
        shown_asked(step): the window should go where a step is done.
    """

    shown_asked = Signal(object)

    def __init__(self, steps: FirstSteps, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("first_steps")
        self.setAccessibleName("Getting Started")
        role(self, "page")
        self._steps = steps
        self._count = label(kind="caption")
        self._count.setObjectName("first_steps_count")
        self._title = label(kind="strong")
        self._title.setObjectName("first_steps_title")
        self._text = Elided(kind="secondary")
        self._show = button("first_steps_show", "Show Me", self._ask_to_show, "plain")
        self._all = button("first_steps_all", "All Steps", self.open_list, "plain", says="Show all first steps")
        self._away = IconButton("first_steps_away", "close", "Put the first steps away (they are in the Help menu)")
        self._away.clicked.connect(self._put_away)
        line = row(self._count, self._title, spacing=Space.M)
        line.setContentsMargins(Space.L, Space.XXS, Space.S, Space.XXS)
        line.addWidget(self._text, 1)
        for each in (self._show, self._all, self._away):
            line.addWidget(each)
        page = column(self, spacing=0)
        page.addWidget(hairline())
        page.addLayout(line)
        self.setVisible(preferences.shows_first_steps() and steps.next is not None)
        steps.changed.connect(self._tell)
        self._tell()

    def bring_back(self) -> None:
        """Show the line again, with the list open."""
        preferences.set_flag("first_steps/shown", True)
        self.show()
        self.open_list()

    def open_list(self) -> None:
        """Open the list of all steps, above the line."""
        steps = StepList(self._steps, self.window())
        steps.shown_asked.connect(self.shown_asked)
        steps.open_above(self)

    def _tell(self) -> None:
        step, total = self._steps.next, len(first_steps())
        self._count.setText(f"{len(self._steps.done)} of {total} done")
        self._title.setText(step.title if step else "That is all of it")
        self._text.tell(step.text if step else "What comes next is yours to choose. The help book says more.")
        self._show.setVisible(step is not None)

    def _ask_to_show(self) -> None:
        if self._steps.next is not None:
            self.shown_asked.emit(self._steps.next)

    def _put_away(self) -> None:
        preferences.set_flag("first_steps/shown", False)
        self.hide()


class StepList(Popover):
    """All steps, those that are done ticked; closes at a click beside it or with Escape.

    Signals:
        shown_asked(step): the window should go where a step is done.
    """

    shown_asked = Signal(object)

    def __init__(self, steps: FirstSteps, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("first_steps_list")
        self.setAccessibleName("Getting Started")
        self._steps = steps
        self._rows = [StepRow(step) for step in first_steps()]
        layout = column(self, margin=Space.L, spacing=Space.M)
        layout.addWidget(label("Getting Started", "headline"))
        for each in self._rows:
            each.shown_asked.connect(self._ask_to_show)
            layout.addWidget(each)
        steps.changed.connect(self._tick)
        self._tick()

    def open_above(self, beside: QWidget) -> None:
        """Show it with its lower right corner above the right end of a widget."""
        self.setFixedWidth(theme.current().text_px(Size.MEASURE * 4 // 5))
        fit_height(self)
        corner = beside.mapToGlobal(QPoint(beside.width() - Space.L, -Space.XS))
        self.move(corner - QPoint(self.width(), self.height()))
        self.show()
        next((each for each in self._rows if each.step == self._steps.next), self._rows[0]).setFocus()

    def _tick(self) -> None:
        for each in self._rows:
            each.tick(each.step.key in self._steps.done)

    def _ask_to_show(self, step: FirstStep) -> None:
        self.close()
        self.shown_asked.emit(step)


class StepRow(QWidget):
    """One step: a circle or a tick, what to do, and the button that leads there.

    Signals:
        shown_asked(step): the window should go where it is done.
    """

    shown_asked = Signal(object)

    def __init__(self, step: FirstStep) -> None:
        super().__init__()
        self.setObjectName(f"first_step_{step.key}")
        self.step = step
        self._done = False
        self._mark = label()
        self._mark.setFixedSize(Size.ICON_LARGE // 2, Size.ICON_LARGE // 2)
        self._title = label(step.title, "strong")
        show = button(f"first_step_{step.key}_show", "Show Me", lambda: self.shown_asked.emit(step), "plain")
        show.setAccessibleName(f"Show me: {step.title}")
        self.setFocusProxy(show)
        words = column(spacing=Space.XXS)
        words.addWidget(self._title)
        words.addWidget(label(step.text, "caption", wrap=True))
        words.addStretch()
        line = row(spacing=Space.S)
        line.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(words, 1)
        line.addWidget(show)
        self.setLayout(line)

    def tick(self, done: bool) -> None:
        """Show whether it is done."""
        self._done = done
        self.setAccessibleName(f"{self.step.title}: {'done' if done else 'to do'}")
        role(self._title, "secondary" if done else "strong")
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if theme.restyles(event):
            self._draw()

    def _draw(self) -> None:
        picture = ("done", "positive") if self._done else ("todo", "secondary")
        self._mark.setPixmap(pixmap(*picture, Size.ICON_LARGE // 2, self.devicePixelRatioF()))
