"""Who plays: the person’s part and the model’s, of all who speak in the text or new, and whether others may enter."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QCompleter, QWidget

from engine.core.errors import SettingError, UnderstudyError
from engine.datasets.dataset import dataset
from engine.runs.folder import RunFolder
from engine.text.catalogue import catalogue
from engine.text.chats.layout import LONGEST_NAME
from engine.text.script import Scene, scene_of
from engine.text.turns import Turns
from gui.kit import formats
from gui.kit.parts import label, row
from gui.kit.plain import plain_tip
from gui.kit.style import role

_SHOWN = 12
_HOW = "Choose who speaks in the text, type to search, or type a new name"


@dataclass(frozen=True, slots=True)
class Troupe:
    """Who can play in a text: its turns, and whether it is of chats."""

    turns: Turns
    chats: bool


def troupe_of(checkpoint: Path) -> Troupe | None:
    """Return who can play with a model of a run; None where its text has no turns, or is not here."""
    from engine.datasets.turns import turns_of  # numpy, which the window need not wait for

    try:
        data = dataset(RunFolder(checkpoint.parent).read_config().dataset)
        turns = turns_of(data)
    except UnderstudyError:
        return None
    if turns is None:
        return None
    return Troupe(turns, turns.layout != "name_above" and data.name not in catalogue())


class Cast(QObject):
    """The two parts, and the switch that lets others enter.

    Signals:
        recast(): somebody else plays, or others may enter now.

    Attributes:
        parts: what they are chosen with, from left to right.
    """

    recast = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._scene: Scene | None = None
        self._me = _name_picker("scene_me_picker", "You are")
        self._it = _name_picker("scene_it_picker", "It is")
        self._third = QCheckBox("Others May Enter")
        self._third.setObjectName("scene_third_box")
        self._third.setAccessibleName("Others may enter")
        self._third.setToolTip("Whoever else of the text wants to speak does so; else the two of you are alone")
        for picker in (self._me, self._it):
            picker.activated.connect(self._take)
            picker.lineEdit().editingFinished.connect(self._take)  # type: ignore[union-attr]
        self._third.toggled.connect(self._take)
        self.parts: tuple[QWidget, ...] = (_named("You are", self._me), _named("It is", self._it), self._third)

    @property
    def scene(self) -> Scene | None:
        """Who plays; None where nobody can."""
        return self._scene

    def show_turns(self, turns: Turns | None) -> None:
        """Offer who speaks in a text, the most frequent first; who plays goes on playing."""
        before = self._scene
        if turns is None:
            self._scene = None
            return
        if before is not None and before.turns == turns:
            return
        names = [name for name, _ in turns.names]
        for picker in (self._me, self._it):
            with QSignalBlocker(picker):
                picker.clear()
                picker.addItems(names)
                for row, (_, count) in enumerate(turns.names):
                    picker.setItemData(row, formats.plural(count, "turn"), Qt.ItemDataRole.ToolTipRole)
        kept = before is not None and {before.me, before.it} <= set(names)
        me, it = (before.me, before.it) if before is not None and kept else ("", "")
        self._scene = scene_of(turns, me, it, third=self._third.isChecked())
        self._show_names()
        self.recast.emit()

    def explain(self, what: str) -> None:
        """Say at the model's part what it is."""
        self._it.setToolTip(plain_tip(f"{what} {_HOW}"))

    def show_playing(self, playing: bool) -> None:
        """Let nobody else play while a turn is spoken."""
        for part in self.parts:
            part.setEnabled(not playing)

    def _take(self) -> None:
        """Take in who plays; who takes the other's part gives theirs for it."""
        old = self._scene
        if old is None:
            return
        me, it = self._me.currentText(), self._it.currentText()
        if me == old.it and it == old.it:
            it = old.me
        elif it == old.me and me == old.me:
            me = old.it
        try:
            new = scene_of(old.turns, me.strip() or old.me, it.strip() or old.it, third=self._third.isChecked())
        except SettingError:
            new = old
        self._scene = new
        self._show_names()
        if new != old:
            self.recast.emit()

    def _show_names(self) -> None:
        if self._scene is not None:
            for picker, name in ((self._me, self._scene.me), (self._it, self._scene.it)):
                with QSignalBlocker(picker):
                    picker.setCurrentText(name)


def _named(words: str, picker: QComboBox) -> QWidget:
    """Return a picker with its name before it: they stay in one line."""
    made = role(QWidget(), "clear")
    name = label(words)
    name.setBuddy(picker)
    made.setLayout(row(name, picker))
    return made


def _name_picker(name: str, says: str) -> QComboBox:
    """Return a list of names that is searched by typing, and takes new ones."""
    made = QComboBox()
    made.setObjectName(name)
    made.setAccessibleName(says)
    made.setEditable(True)
    made.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    made.setMinimumContentsLength(_SHOWN)
    made.setMaxVisibleItems(_SHOWN)
    made.setToolTip(_HOW)
    field = made.lineEdit()
    assert field is not None, "it can be typed into"
    field.setMaxLength(LONGEST_NAME)
    field.setObjectName(f"{name}_field")
    field.setAccessibleName(says)
    completer = QCompleter(made.model(), made)
    completer.setFilterMode(Qt.MatchFlag.MatchContains)
    completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
    completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
    made.setCompleter(completer)
    return made
