"""What the loss plot is looked at with: its axis, its unit, comparing, sharing, and the way back to the whole."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolButton, QWidget

from gui.kit.parts import IconButton, row
from gui.kit.plain import plain_tip
from gui.kit.theme import Size, Space
from gui.train.curves import Axis, Unit
from gui.train.form import Combo
from gui.train.lens import Lens
from gui.train.plot_export import KINDS

_AHEAD = "Where the run is expected to go"


class LossTools(QWidget):
    """The row of tools over the plot.

    Signals:
        lens_changed(lens): the plot should be looked at otherwise.
        ahead_toggled(shown): what is expected of the run should be drawn, or left out.
        compare_asked(): runs to draw beside this one should be chosen.
        copy_asked(): the picture should go to the clipboard.
        save_asked(ending): the plot should be saved as png, svg or csv.
        whole_asked(): the whole curve should be seen again.
    """

    lens_changed = Signal(object)
    ahead_toggled = Signal(bool)
    compare_asked = Signal()
    copy_asked = Signal()
    save_asked = Signal(str)
    whole_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.compare = _text_button("loss_compare", "Compare", "Draw earlier runs beside this one")
        self.compare.clicked.connect(self.compare_asked)
        self._axis = _choice("loss_axis", "What the curves are drawn along")
        for axis in Axis:
            self._axis.addItem(axis.value, axis)
        self._unit = _choice("loss_unit", "What a loss is told in")
        for unit in Unit:
            self._unit.addItem(unit.value, unit)
        self._unit.setMinimumWidth(Size.AXIS + Space.XL)  # large text may shorten it: the page must not get wider
        self._unit.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._log = _text_button("loss_log", "Log y", "Logarithmic loss axis")
        self._log.setCheckable(True)
        self._ahead = _text_button("loss_ahead", "Forecast", _AHEAD)
        self._ahead.setCheckable(True)
        self._ahead.setChecked(True)
        self._ahead.toggled.connect(self.ahead_toggled)
        self.share = IconButton("loss_share", "share", "Copy or save the plot")
        self.share.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.share.setMenu(self._make_share_menu())
        whole = IconButton("loss_fit", "fit-view", "Show the whole curve")
        whole.clicked.connect(self.whole_asked)
        for choice in (self._axis, self._unit):
            choice.currentIndexChanged.connect(self._tell)
        self._log.toggled.connect(self._tell)
        self.setLayout(
            row(self.compare, self._axis, self._unit, self._log, self._ahead, self.share, whole, spacing=Space.XS)
        )

    @property
    def lens(self) -> Lens:
        """How the plot is looked at."""
        return Lens(self._axis.currentData(), self._unit.currentData(), self._log.isChecked())

    def say_ahead(self, words: str) -> None:
        """Say with the button what is expected of the run."""
        self._ahead.setToolTip(plain_tip(f"{_AHEAD}. {words}." if words else _AHEAD))

    def _tell(self) -> None:
        self.lens_changed.emit(self.lens)

    def _make_share_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.addAction("Copy as Picture", self.copy_asked.emit).setObjectName("loss_copy_action")
        menu.addSeparator()
        for ending in KINDS:
            action = menu.addAction(f"Save as {ending.upper()}…")
            action.setObjectName(f"loss_save_{ending}_action")
            action.triggered.connect(partial(self._ask_to_save, ending))
        return menu

    def _ask_to_save(self, ending: str) -> None:
        self.save_asked.emit(ending)


def _choice(name: str, says: str) -> Combo:
    made = Combo()
    made.setObjectName(name)
    made.setAccessibleName(says)
    made.setToolTip(plain_tip(says))
    made.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    return made


def _text_button(name: str, text: str, says: str) -> QToolButton:
    made = QToolButton()
    made.setObjectName(name)
    made.setText(text)
    made.setAccessibleName(says)
    made.setToolTip(plain_tip(says))
    return made
