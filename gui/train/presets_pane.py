"""Presets of one's own: saved, renamed and deleted."""

from __future__ import annotations

from collections.abc import Callable, Collection

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QLineEdit, QMessageBox, QPushButton, QWidget

from engine.core.errors import SettingError
from engine.planning.own_presets import AUTOMATIC, LONGEST_NAME, checked_name, delete_preset, rename_preset
from engine.planning.presets import presets
from gui.kit.flow import flow
from gui.kit.parts import button, column, label, row
from gui.kit.sheets import make_sheet
from gui.kit.style import role
from gui.kit.theme import Size, Space
from gui.train.form_state import FormState


class PresetsPane(QWidget):
    """What can be done with the settings as a whole: save them as a preset, and rename or delete one's own.

    Signals:
        chosen(name): a person saved a preset.
        changed(): a preset has another name, or is gone.
    """

    chosen = Signal(str)
    changed = Signal()

    def __init__(self, state: FormState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        role(self, "clear")
        self._state = state
        self._save = button(
            "preset_save", "Save as Preset…", self._ask_to_save, "plain", says="Save these settings as a preset"
        )
        self._rename = button(
            "preset_rename", "Rename Preset…", self._ask_to_rename, "plain", says="Rename this preset"
        )
        self._delete = button(
            "preset_delete", "Delete Preset…", self._ask_to_delete, "plain", says="Delete this preset"
        )
        self.setLayout(flow(self._save, self._rename, self._delete, spacing=Space.M))

    def show_state(self) -> None:
        """Offer what can be done with what is chosen."""
        own = self._is_own(self._state.preset)
        self._rename.setVisible(own)
        self._delete.setVisible(own)
        self._save.setEnabled(not self._state.problems())

    @staticmethod
    def _is_own(name: str) -> bool:
        return bool(name) and name not in (AUTOMATIC, *presets())

    def _ask_to_save(self) -> None:
        now = self._state.preset
        name = now if self._is_own(now) else ""
        own = [name for name in self._state.presets if self._is_own(name)]
        NameSheet("Save these settings as a preset", name, "Save", self._keep, self, replaces=own).open()

    def _keep(self, name: str) -> None:
        made = self._state.keep_as_preset(name)
        self.chosen.emit(made.name)

    def _ask_to_rename(self) -> None:
        now = self._state.preset
        NameSheet(f"Rename the preset “{now}”", now, "Rename", lambda new: self._give_name(now, new), self).open()

    def _give_name(self, now: str, new: str) -> None:
        made = rename_preset(now, new)
        if self._state.preset == now:
            self._state.preset = made.name
        self._state.refresh_presets()
        self.changed.emit()

    def _ask_to_delete(self) -> None:
        name = self._state.preset
        kept = "Runs that were trained with it keep their settings."
        sheet = make_sheet(self.window(), "preset_delete_sheet", f"Delete the preset “{name}”?", kept)
        yes = sheet.addButton("Delete", QMessageBox.ButtonRole.DestructiveRole)
        sheet.setDefaultButton(sheet.addButton(QMessageBox.StandardButton.Cancel))
        yes.clicked.connect(lambda: self._forget(name))
        sheet.open()

    def _forget(self, name: str) -> None:
        delete_preset(name)
        self._state.refresh_presets()
        self.changed.emit()


class NameSheet(QDialog):
    """Asks for the name of a preset; what is wrong with it stands under it, and nothing is lost."""

    def __init__(
        self,
        title: str,
        name: str,
        verb: str,
        act: Callable[[str], None],
        parent: QWidget,
        replaces: Collection[str] = (),
    ) -> None:
        """Ask with a title; `act` is called with the name, and a SettingError that it raises is shown.

        `replaces` are the names of presets that would be replaced.
        """
        super().__init__(parent.window())
        self.setObjectName("preset_sheet")
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self._act = act
        self._replaces = replaces
        self._verb = verb
        self._name = QLineEdit(name)
        self._name.setObjectName("preset_name")
        self._name.setAccessibleName("Name of the preset")
        self._name.setPlaceholderText("Name")
        self._name.setMaxLength(LONGEST_NAME)
        self._name.setMinimumWidth(2 * Size.FIELD)
        self._name.selectAll()
        self._name.textChanged.connect(self._check)
        self._problem = label(kind="error", wrap=True)
        self._yes: QPushButton = button("preset_sheet_yes", verb, self._do, "primary")
        self._yes.setDefault(True)
        no = role(button("preset_sheet_no", "Cancel", self.reject), "tall")
        layout = column(self, margin=Space.XL, spacing=Space.M)
        layout.addWidget(label(title, "headline"))
        layout.addWidget(self._name)
        layout.addWidget(self._problem)
        layout.addLayout(row(None, no, self._yes))
        self._check()

    def _check(self) -> None:
        """Say what is wrong with the name as it is typed; an empty one only keeps the button off."""
        problem, typed = "", " ".join(self._name.text().split())
        try:
            checked_name(typed)
        except SettingError as error:
            problem = error.message
        self._problem.setText(problem if typed else "")
        self._yes.setEnabled(not problem)
        self._yes.setText("Replace" if typed in self._replaces else self._verb)

    def _do(self) -> None:
        try:
            self._act(self._name.text())
        except SettingError as error:
            self._problem.setText(" ".join(filter(None, (error.message, error.cause, error.fix))))
        else:
            self.accept()
