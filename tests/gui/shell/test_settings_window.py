"""The settings window: each choice takes effect, is remembered, and shows what is kept."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices, QPalette
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDoubleSpinBox,
    QLabel,
    QMessageBox,
    QSpinBox,
    QWidget,
)

from engine.core.config import TrainConfig
from engine.core.paths import home, usual_folder
from gui.kit import preferences, theme
from tests.gui.hands import name_file, press


@pytest.fixture
def opened(open_window):
    window = open_window()
    window.menus.action("settings").trigger()
    return window, window.findChild(QWidget, "settings_window")


def choose(box, data):
    box.setCurrentIndex(box.findData(data))
    box.activated.emit(box.currentIndex())


def test_it_opens_from_the_menu_and_closes_with_escape(qtbot, opened):
    _, settings = opened
    assert settings.isVisible()
    with qtbot.waitActive(settings):
        settings.activateWindow()
    qtbot.keyClick(settings, Qt.Key.Key_Escape)
    assert not settings.isVisible()


@pytest.mark.parametrize("system", ["linux"], indirect=True)
def test_appearance_is_worn_and_kept(system, qapp, opened):
    _, settings = opened
    try:
        choose(settings.findChild(QComboBox, "settings_appearance"), "dark")
        assert preferences.appearance() == "dark"
        assert theme.current().dark
        choose(settings.findChild(QComboBox, "settings_appearance"), "light")
        assert not theme.current().dark
    finally:
        preferences.set_appearance("system")


@pytest.mark.parametrize("system", ["darwin"], indirect=True)
def test_on_a_mac_appkit_turns_the_palette(system, qapp, opened):
    _, settings = opened
    before = QPalette(qapp.palette())
    try:
        choose(settings.findChild(QComboBox, "settings_appearance"), "dark")
        assert preferences.appearance() == "dark"
        assert qapp.palette() == before  # its own follows, with the colors of the system
    finally:
        preferences.set_appearance("system")


def test_text_size_is_the_menu_s(opened):
    window, settings = opened
    wanted = []
    window.text_scale_wanted.connect(wanted.append)
    choose(settings.findChild(QComboBox, "settings_text_size"), 1.5)
    assert wanted == [1.5]
    window.scale_text(-1)
    assert preferences.text_scale() == 1.3


def test_runs_to_come_begin_with_what_was_chosen(opened):
    window, settings = opened
    settings.findChild(QSpinBox, "settings_battery").setValue(35)
    settings.findChild(QAbstractButton, "settings_early_stop").click()
    config = window.train.setup.config()
    assert (config.low_battery_percent, config.early_stop) == (35, not TrainConfig().early_stop)
    assert window.train.setup.state.changed == ()
    window.train.setup.choose_preset("small")
    assert window.train.setup.config().low_battery_percent == 35


def test_a_repeated_run_keeps_its_own(opened):
    window, settings = opened
    window.train.take_settings(TrainConfig(n_layer=3, low_battery_percent=50))
    settings.findChild(QSpinBox, "settings_battery").setValue(35)
    assert window.train.setup.config().low_battery_percent == 50


def test_flags_are_kept(opened):
    _, settings = opened
    assert preferences.notifies()
    settings.findChild(QAbstractButton, "settings_notify").click()
    settings.findChild(QAbstractButton, "settings_keep_awake").click()
    assert not preferences.notifies()
    assert not preferences.keeps_awake()


def test_a_folder_given_from_outside_cannot_be_changed(opened):
    _, settings = opened
    assert not settings.findChild(QAbstractButton, "settings_choose_folder").isEnabled()
    assert settings.findChild(QLabel, "settings_folder").toolTip() == str(home())


def test_a_chosen_folder_is_used_from_the_next_start_on(qapp, monkeypatch, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    preferences.set_folder(tmp_path / "elsewhere")
    preferences.use_folder()
    assert home() != tmp_path / "elsewhere"  # what UNDERSTUDY_HOME says comes first
    monkeypatch.delenv("UNDERSTUDY_HOME")
    preferences.use_folder()
    monkeypatch.setenv("UNDERSTUDY_HOME", str(home()))  # so that the test's end takes it back
    assert home() == tmp_path / "elsewhere"
    assert not preferences.folder_is_fixed()
    qapp.setProperty("understudy_folder_chosen", None)


def test_a_chosen_folder_that_is_not_there_is_told_and_stays_chosen(qtbot, open_window, monkeypatch, tmp_path):
    gone = tmp_path / "disk" / "runs"
    preferences.set_folder(gone)
    monkeypatch.delenv("UNDERSTUDY_HOME")
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "person"))
    preferences.use_folder()
    assert home() == usual_folder()
    window = open_window()
    qtbot.waitUntil(lambda: window.findChild(QMessageBox, "missing_folder_sheet") is not None)
    sheet = window.findChild(QMessageBox, "missing_folder_sheet")
    assert str(gone) in sheet.informativeText()
    assert str(usual_folder()) in sheet.informativeText()
    next(each for each in sheet.buttons() if each.text() == "Settings…").click()
    settings = window.findChild(QWidget, "settings_window")
    assert settings.isVisible()
    assert settings.findChild(QLabel, "settings_folder").toolTip() == str(gone) == str(preferences.folder())
    assert settings.findChild(QAbstractButton, "settings_choose_folder").isEnabled()
    window.hide()
    window.show()  # it is said once
    assert not [each for each in window.findChildren(QMessageBox) if each.isVisible()]


def test_a_chosen_folder_that_is_there_is_not_spoken_of(qapp, open_window, monkeypatch, tmp_path):
    preferences.set_folder(tmp_path)
    window = open_window()
    QApplication.processEvents()
    assert window.findChild(QMessageBox) is None


def test_the_folder_is_chosen_given_back_and_shown(qtbot, open_window, monkeypatch, tmp_path):
    shown = []
    monkeypatch.setattr(QDesktopServices, "openUrl", shown.append)
    monkeypatch.setattr(preferences, "folder_is_fixed", lambda: False)
    window = open_window()
    window.menus.action("settings").trigger()
    settings = window.findChild(QWidget, "settings_window")
    (tmp_path / "elsewhere").mkdir()
    press(qtbot, settings, "settings_choose_folder")
    name_file(settings, "settings_folder_sheet", tmp_path / "elsewhere")
    assert preferences.folder() == tmp_path / "elsewhere"
    assert "From the next start on" in settings.findChild(QLabel, "settings_folder_note").text()
    press(qtbot, settings, "settings_usual_folder")
    assert preferences.folder() == usual_folder()
    press(qtbot, settings, "settings_show_folder")
    assert [url.toLocalFile() for url in shown] == [str(home())]


def test_the_minutes_between_saves_are_those_of_runs_to_come(opened):
    window, settings = opened
    settings.findChild(QDoubleSpinBox, "settings_checkpoint").setValue(7)
    assert window.train.setup.config().checkpoint_minutes == 7
