"""The menu bar: roles, shortcuts, and what can be used when."""

from pathlib import Path

import pytest
from PySide6.QtGui import QAction, QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QWidget

from engine.core.jobs import Turn
from engine.core.paths import home, logs_dir, runs_dir
from gui.kit import preferences
from gui.shell.about import AboutBox
from gui.train.state import Phase
from tests.gui import fake_writer
from tests.gui.fake_run import endless_run, evaluation, recorded, started
from tests.gui.hands import name_file, press

Role = QAction.MenuRole


def actions_of(window):
    return [action for action in window.findChildren(QAction) if action.objectName().startswith("action_")]


def test_the_menus_of_a_mac_stand_in_their_order(open_window):
    titles = [action.text() for action in open_window().menuBar().actions()]
    assert titles == ["File", "Edit", "Train", "View", "Window", "Help"]


def test_only_about_settings_and_quit_move_to_the_application_menu(open_window):
    roles = {action.text(): action.menuRole() for action in actions_of(open_window())}
    stays = {Role.NoRole, Role.TextHeuristicRole}  # the latter on Cut, Copy, Paste and Select All: see test_on_a_mac
    special = {text: role for text, role in roles.items() if role not in stays}
    about, quits = {"About Understudy": Role.AboutRole}, {"Quit Understudy": Role.QuitRole}
    assert special == {**about, "Settings…": Role.PreferencesRole, **quits}


def test_no_shortcut_stands_twice(open_window):
    keys = [action.shortcut().toString() for action in actions_of(open_window()) if not action.shortcut().isEmpty()]
    assert len(keys) == len(set(keys))
    assert {"Ctrl+Q", "Ctrl+W", "Ctrl+R", "Ctrl+1"} <= set(keys)


def test_what_can_be_done_follows_the_run(qtbot, open_window):
    window = open_window(endless_run)
    action = window.menus.action
    assert [action(name).isEnabled() for name in ("start", "pause", "stop")] == [True, False, False]
    action("start").trigger()
    qtbot.waitUntil(lambda: window.train.view.phase is Phase.TRAINING)
    assert not action("start").isEnabled()
    action("pause").trigger()
    qtbot.waitUntil(lambda: window.train.state.phase is Phase.PAUSED)
    assert action("pause").text() == "Resume"
    action("stop").trigger()
    qtbot.waitUntil(lambda: window.train.state.phase is Phase.FINISHED)
    assert action("start").isEnabled()


def test_tabs_are_reached_from_the_view_menu(open_window):
    window = open_window()
    for at, name in enumerate(("train", "generate", "data", "runs")):
        action = window.menus.action(f"tab_{name}")
        action.trigger()
        assert window.tabs.currentIndex() == at
        assert action.shortcut().toString() == f"Ctrl+{at + 1}"


def test_editing_commands_go_to_the_field_with_the_focus(qtbot, open_window):
    window = open_window()
    field = QLineEdit("words", window)
    field.show()
    field.setFocus()
    window.menus.action("select_all").trigger()
    assert field.selectedText() == "words"
    window.menus.action("cut").trigger()
    assert field.text() == ""


def test_about_is_a_sheet(open_window):
    window = open_window()
    window.menus.action("about").trigger()
    sheet = window.findChild(AboutBox, "about_box")
    assert sheet.isVisible()
    assert "Understudy" in sheet.windowTitle()
    sheet.close()


@pytest.fixture
def revealed(monkeypatch):
    """Return what the file manager is asked to show."""
    asked = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: asked.append(Path(url.toLocalFile())))
    return asked


def test_texts_and_checkpoints_are_opened_from_the_file_menu(open_window, tmp_path, monkeypatch):
    fake_writer.install(monkeypatch)
    text, checkpoint = tmp_path / "diary.txt", tmp_path / "other.pt"
    text.write_text("Dear diary.\n" * 200)
    checkpoint.touch()
    window = open_window()
    window.menus.action("add_text").trigger()
    assert window.tabs.currentWidget() is window.data
    name_file(window, "add_files_sheet", text)
    assert window.findChild(QLineEdit, "draft_name").text() == "diary"
    window.menus.action("open_checkpoint").trigger()
    name_file(window, "open_checkpoint_dialog", checkpoint)
    assert window.tabs.currentWidget() is window.generate
    assert "other" in window.generate.findChild(QWidget, "checkpoint_picker").currentText()


def test_a_run_is_packed_from_the_file_menu(qtbot, open_window):
    run = recorded(runs_dir() / "one", started(), evaluation(0, 4.0))
    run.checkpoint.touch()
    window = open_window()
    window.tabs.setCurrentWidget(window.runs)
    qtbot.waitUntil(lambda: len(window.runs._table.selected()) == 1)
    window.menus.action("elsewhere").trigger()
    sheet = window.findChild(QDialog, "pack_sheet")
    assert sheet.isVisible()
    press(qtbot, sheet, "pack_sheet_close_button")
    assert not sheet.isVisible()


def test_the_application_ends_from_the_file_menu(qtbot, open_window, system):
    window = open_window()
    with qtbot.waitSignal(window.quit_ready):
        window.menus.action("quit").trigger()


def test_the_window_is_closed_from_the_file_menu(open_window, system):
    window = open_window()
    window.menus.action("close").trigger()
    assert not window.isVisible()


def test_a_checkpoint_is_saved_and_the_commands_are_copied_from_the_train_menu(qtbot, open_window):
    saved = []

    def saving(config, control):
        yield started()
        while not control.stopping:
            saved.extend([True] * control.take_save())
            yield Turn.IDLE

    window = open_window(saving)
    copied = QGuiApplication.clipboard().text
    window.menus.action("copy_command").trigger()
    assert copied().startswith("python -m engine train")
    window.menus.action("copy_nanogpt").trigger()
    assert "python train.py" in copied()
    assert not window.menus.action("save").isEnabled()
    window.train.start()
    qtbot.waitUntil(window.menus.action("save").isEnabled)
    window.menus.action("save").trigger()
    qtbot.waitUntil(lambda: saved == [True])
    window.train.stop()
    qtbot.waitUntil(lambda: not window.train.running)


def test_text_grows_and_shrinks_from_the_view_menu(open_window):
    window = open_window()
    scales = []
    for name in ("larger", "larger", "smaller", "usual"):
        window.menus.action(name).trigger()
        scales.append(preferences.text_scale())
    assert scales[1] > scales[0] == scales[2] > scales[3] == 1.0


@pytest.mark.parametrize("system", ["linux"], indirect=True)  # on a Mac the item is AppKit's
def test_the_full_screen_is_entered_and_left_from_its_menu(open_window, system):
    window = open_window()
    item = window.menus.action("full_screen")
    for is_full, caption in ((True, "Exit Full Screen"), (False, "Enter Full Screen")):
        item.trigger()
        assert window.isFullScreen() is is_full
        assert item.text() == caption


def test_the_window_is_sized_and_put_away_from_its_menus(open_window, system):
    window = open_window()
    for wanted in (True, False):
        window.menus.action("zoom").trigger()
        assert window.isMaximized() is wanted
    window.menus.action("minimize").trigger()
    assert window.isMinimized()
    window.menus.action("front").trigger()
    assert not window.isMinimized()
    assert window.isVisible()


def test_the_folders_are_shown_from_the_help_menu(open_window, revealed):
    window = open_window()
    window.menus.action("show_log").trigger()
    window.menus.action("show_files").trigger()
    assert revealed == [logs_dir(), home()]
    assert home().is_dir()


def test_what_is_typed_is_copied_pasted_and_undone_from_the_edit_menu(open_window):
    window = open_window()
    field = QLineEdit("lend", window, objectName="field")
    field.show()
    field.setFocus()
    for name, left in (("select_all", "lend"), ("copy", "lend"), ("paste", "lend")):
        window.menus.action(name).trigger()
        assert field.text() == left
    window.menus.action("paste").trigger()
    assert field.text() == "lendlend"
    window.menus.action("undo").trigger()
    assert field.text() == "lend"
    window.menus.action("redo").trigger()
    assert field.text() == "lendlend"


def test_a_run_in_the_trash_is_put_back_from_the_edit_menu(qtbot, open_window, tmp_path, monkeypatch):
    (tmp_path / "xdg").mkdir()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    run = recorded(runs_dir() / "one", started(), evaluation(0, 4.0))
    window = open_window()
    window.tabs.setCurrentWidget(window.runs)
    qtbot.waitUntil(lambda: len(window.runs._table.selected()) == 1)
    window.runs.findChild(QAction, "run_trash_action").trigger()
    assert not run.path.exists()
    press(qtbot, window.runs, "runs_notice_dismiss")  # the message is gone, the way back is not
    window.runs.setFocus()
    QApplication.processEvents()
    window.menus.action("undo").trigger()
    qtbot.waitUntil(lambda: window.runs._table.shown() == 1)
    assert run.config_path.exists()
    window.menus.action("undo").trigger()  # and nothing more happens
    assert run.config_path.exists()
