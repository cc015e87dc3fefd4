"""The settings of the application itself: what a person chooses once. Each takes effect at once and is remembered."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QKeySequence, QShortcut
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QGridLayout, QWidget

from engine.core.config import explanations
from engine.core.paths import home, usual_folder
from gui.kit import formats, preferences, theme
from gui.kit.flow import flow
from gui.kit.number_fields import DecimalField, WholeField
from gui.kit.parts import Elided, button, column, hairline, label
from gui.kit.plain import PlainLabel
from gui.kit.sheets import fit_height
from gui.kit.style import role, wide
from gui.kit.theme import Size, Space

_LARGEST_MINUTES = 120.0


class SettingsWindow(QWidget):
    """The settings window.

    Signals:
        text_scale_wanted(scale): text should be larger or smaller.
        run_settings_changed(): what runs to come begin with is another.
    """

    text_scale_wanted = Signal(float)
    run_settings_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setObjectName("settings_window")
        self.setWindowTitle("Settings")
        role(self, "page")
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(Space.L)
        self._grid.setVerticalSpacing(Space.XS)
        self._grid.setColumnMinimumWidth(0, Size.LABEL)
        self._grid.setColumnStretch(1, 1)
        self._add_look()
        self._rule()
        self._add_training()
        self._rule()
        self._add_folder()
        column(self, margin=Space.XL).addLayout(self._grid)
        for keys in (QKeySequence.StandardKey.Close, QKeySequence("Esc")):
            QShortcut(keys, self).activated.connect(self.close)

    def come_forward(self) -> None:
        """Show the window before the others."""
        self._show_kept()
        self.show()
        self.raise_()
        self.activateWindow()

    def event(self, event: QEvent) -> bool:
        """Be as wide as the present text size wants, and as high as what is shown needs."""
        done = super().event(event)
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Polish, QEvent.Type.StyleChange):
            self.setFixedWidth(theme.current().text_px(Size.MEASURE))
            fit_height(self)
        return done

    # what is seen

    def _add_look(self) -> None:
        self._appearance = self._choice("settings_appearance", "Appearance")
        for name, (words, _) in preferences.APPEARANCES.items():
            self._appearance.addItem(words, name)
        self._appearance.activated.connect(lambda: preferences.set_appearance(self._appearance.currentData()))
        self._add("Appearance", self._appearance)
        self._scale = self._choice("settings_text_size", "Text size")
        for scale in preferences.TEXT_SCALES:
            self._scale.addItem(formats.percent(scale), scale)
        self._scale.activated.connect(lambda: self.text_scale_wanted.emit(self._scale.currentData()))
        self._add("Text size", self._scale)
        self._motion = self._choice("settings_motion", "Motion")
        self._motion.addItem("Match System", False)
        self._motion.addItem("Reduced", True)
        self._motion.activated.connect(lambda: preferences.set_flag("reduce_motion", self._motion.currentData()))
        self._add("Motion", self._motion)
        if sys.platform == "darwin":
            self._dock = self._choice("settings_dock", "Dock icon")
            self._dock.addItem("Always", True)
            self._dock.addItem("While the window is open; then the menu bar only", False)
            self._dock.activated.connect(lambda: preferences.set_flag("stay_in_dock", self._dock.currentData()))
            self._add("Dock icon", self._dock)
        self._notify = self._flag("settings_notify", "Tell me when a run ends", "notify")
        self._add("Notifications", self._notify)

    def _add_training(self) -> None:
        self._awake = self._flag("settings_keep_awake", "Keep the computer awake; the display may sleep", "keep_awake")
        self._add("While training", self._awake)
        self._battery = WholeField()
        self._battery.setSuffix("%")
        self._battery.setRange(0, 100)
        self._battery.valueChanged.connect(lambda value: self._keep_run("low_battery_percent", value))
        self._add(
            "Rest on battery below",
            self._named(self._battery, "settings_battery", "Rest on battery below"),
            "The run is saved, and goes on by itself on mains power. 0% is never.",
        )
        self._minutes = DecimalField()
        self._minutes.setDecimals(0)
        self._minutes.setSuffix(" min")
        self._minutes.setRange(0, _LARGEST_MINUTES)
        self._minutes.setSpecialValueText("Only at evaluations")
        self._minutes.valueChanged.connect(lambda value: self._keep_run("checkpoint_minutes", value))
        self._add("Save a checkpoint every", self._named(self._minutes, "settings_checkpoint", "Minutes between saves"))
        self._early = QCheckBox("Stop when it no longer gets better")
        self._early.toggled.connect(lambda on: self._keep_run("early_stop", on))
        self._add("", self._named(self._early, "settings_early_stop", explanations()["early_stop"]["label"]))
        self._note("New runs begin with these; the Train tab changes them for one.")

    def _add_folder(self) -> None:
        self._folder = Elided(middle=True)
        self._folder.setObjectName("settings_folder")
        self._choose_folder = button("settings_choose_folder", "Choose…", self._ask_for_folder, says="Choose a folder")
        self._usual_folder = button("settings_usual_folder", "Use the Default Folder", lambda: self._move_to(None))
        show = button("settings_show_folder", "Show", self._show_folder, says="Show the folder of runs and texts")
        self._add("Runs and texts", self._folder)
        self._grid.addLayout(
            flow(self._choose_folder, self._usual_folder, show),
            self._new_row(),
            1,
        )
        self._moved = self._note("")
        self._moved.setObjectName("settings_folder_note")

    def _add(self, words: str, control: QWidget, why: str = "") -> None:
        at = self._new_row()
        name = label(words)
        name.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._grid.addWidget(name, at, 0)
        if isinstance(control, (QCheckBox, Elided)):
            self._grid.addWidget(control, at, 1)
        else:
            self._grid.addWidget(control, at, 1, Qt.AlignmentFlag.AlignLeft)
        if why:
            self._note(why)

    def _note(self, words: str) -> PlainLabel:
        note = label(words, "caption", wrap=True)
        self._grid.addWidget(note, self._grid.rowCount(), 1)
        return note

    def _rule(self) -> None:
        self._grid.addWidget(hairline(), self._new_row(Space.S), 0, 1, 2)
        self._new_row()

    def _new_row(self, gap: int = Space.XS) -> int:
        """Return the next row, set off from the one above it; a note stands closer."""
        if not self._grid.count():
            return 0
        at = self._grid.rowCount()
        self._grid.setRowMinimumHeight(at, gap)
        return at + 1

    def _choice(self, name: str, says: str) -> QComboBox:
        made = QComboBox()
        self._named(made, name, says)
        return made

    def _flag(self, name: str, words: str, key: str) -> QCheckBox:
        made = QCheckBox(words)
        made.toggled.connect(lambda on: preferences.set_flag(key, on))
        self._named(made, name, words)
        return made

    @staticmethod
    def _named(control: QWidget, name: str, says: str) -> QWidget:
        if not isinstance(control, QCheckBox):
            wide(control, "choice")
        control.setObjectName(name)
        control.setAccessibleName(says)
        return control

    # what is kept

    def _show_kept(self) -> None:
        """Show what is chosen now; it may have been changed from a menu."""
        controls = (self._notify, self._awake, self._battery, self._minutes, self._early)
        for control in controls:
            control.blockSignals(True)
        self._appearance.setCurrentIndex(self._appearance.findData(preferences.appearance()))
        self._scale.setCurrentIndex(self._scale.findData(preferences.text_scale()))
        self._motion.setCurrentIndex(self._motion.findData(preferences.reduces_motion()))
        if sys.platform == "darwin":
            self._dock.setCurrentIndex(self._dock.findData(preferences.stays_in_dock()))
        self._notify.setChecked(preferences.notifies())
        self._awake.setChecked(preferences.keeps_awake())
        self._battery.setValue(preferences.run_setting("low_battery_percent"))
        self._minutes.setValue(preferences.run_setting("checkpoint_minutes"))
        self._early.setChecked(preferences.run_setting("early_stop"))
        for control in controls:
            control.blockSignals(False)
        self._show_path()

    def _keep_run(self, name: str, value: float | bool) -> None:
        preferences.set_run_setting(name, value)
        self.run_settings_changed.emit()

    def _ask_for_folder(self) -> None:
        dialog = QFileDialog(self, "A Folder for Runs and Texts", str(preferences.folder()))
        dialog.setObjectName("settings_folder_sheet")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self._move_to(Path(path)))
        dialog.open()

    def _move_to(self, folder: Path | None) -> None:
        preferences.set_folder(folder)
        self._show_path()

    def _show_path(self) -> None:
        fixed = preferences.folder_is_fixed()
        self._folder.tell(str(preferences.folder()))
        self._choose_folder.setEnabled(not fixed)
        self._usual_folder.setEnabled(not fixed and preferences.folder() != usual_folder())
        note = ""
        if fixed:
            note = "Set by the environment variable UNDERSTUDY_HOME."
        elif preferences.folder() != home():
            note = f"From the next start on. What is there already stays in {home()}."
        self._moved.setText(note)
        self._moved.setVisible(bool(note))

    def _show_folder(self) -> None:
        home().mkdir(parents=True, exist_ok=True)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(home())))
