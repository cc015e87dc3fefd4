"""The sentence that sets a run up, what will come of it in a line, and the buttons: all that is always in sight."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from gui.kit import preferences
from gui.kit.parts import Disclosure, Elided, button, column, row
from gui.kit.style import role
from gui.kit.theme import Space
from gui.train.preset_picker import PresetPicker
from gui.train.sentence import Sentence
from gui.train.start_buttons import StartButtons
from gui.train.state import Phase, View
from gui.train.text_picker import TextPicker
from gui.train.time_picker import TimePicker
from gui.train.way_out import WayOut


class SetupHead(QWidget):
    """A sentence with Train at its end, and a line below it; while a run is on, one line with Pause and Stop.

    Attributes:
        text, preset, time: what is chosen in the sentence.
        buttons: Train, Pause and Stop.
        can_start: whether a run can be set up and started now.

    Signals:
        details_asked(shown): the details should be shown, or be put away.
        way_out_taken(): a person wants out of a plan that cannot work.
    """

    details_asked = Signal(bool)
    way_out_taken = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        role(self, "page")
        self.can_start = True
        self.text = TextPicker()
        self.preset = PresetPicker(self)
        self.time = TimePicker()
        self.buttons = StartButtons()
        self.buttons.hide()
        pickers = (("Learn from", self.text), ("with", self.preset), ("for", self.time))
        self._way_out = button("way_out_button", "", self.way_out_taken.emit, "primary", says="What leads out")
        self._way_out.hide()
        self._sentence = Sentence(pickers, self.buttons.start, self._way_out)
        self._line = Elided(kind="secondary")
        self._line.setObjectName("setup_line")
        self._details = Disclosure("setup_details", "Details")
        self._details.setChecked(preferences.shows_details())
        self._details.toggled.connect(self.details_asked)
        self._details.clicked.connect(self._keep)
        self._balance = QWidget()
        foot = row(self._balance, self._line, self._details, self.buttons, spacing=Space.M)
        foot.setStretch(1, 1)
        self._layout = column(self, spacing=Space.S)
        self._layout.addWidget(self._sentence)
        self._layout.addLayout(foot)
        self._stand(first=True)

    @property
    def shows_details(self) -> bool:
        """Whether the details are asked for."""
        return self._details.isChecked()

    def open_details(self) -> None:
        """Ask for the details."""
        self._details.setChecked(True)

    def show_view(self, view: View) -> None:
        """Offer what can be done now; give way to a run while it is on, the details put away until asked for again."""
        for part in (self._sentence, self.buttons):
            part.setVisible(True)  # the focus goes from Train to Pause and back, and nowhere between
        self.buttons.show_view(view)
        self._sentence.setVisible(view.can_start)
        self.buttons.setVisible(not view.can_start)
        if view.can_start is not self.can_start:
            self.can_start = view.can_start
            self._details.setChecked(view.can_start and preferences.shows_details())
        self._stand(first=view.phase is Phase.EMPTY)

    def show_words(self, words: str, way_out: WayOut | None = None) -> None:
        """Say what will come of it, or what is being trained; or what stands in the way, and what leads out."""
        self.buttons.show_able(way_out is None)
        self._way_out.setVisible(way_out is not None)
        if way_out is not None:
            self._way_out.setText(way_out.label)
            self._way_out.setAccessibleName(way_out.label)
        role(self._line, "warning" if way_out else "secondary" if self.can_start else "strong")
        self._line.tell(way_out.what if way_out else words)

    def _stand(self, *, first: bool) -> None:
        """Stand in the middle with room around before there is a run, else at the left and close."""
        above, below = (Space.XXL, Space.M) if first else (Space.S, Space.S if not self.can_start else Space.XS)
        self._layout.setContentsMargins(Space.L, above, Space.L, below)
        self._layout.setSpacing(Space.S if first else Space.XS)
        self._sentence.stand(first=first)
        self._balance.setFixedWidth(self._details.sizeHint().width())  # as wide as what stands at the right
        self._balance.setVisible(first)
        left, middle = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter
        self._line.setAlignment((middle if first else left) | Qt.AlignmentFlag.AlignVCenter)

    def _keep(self, shown: bool) -> None:
        """Remember whether a person wants the details of a plan; those of a run are only looked at."""
        if self.can_start:
            preferences.set_flag("train/details", shown)
