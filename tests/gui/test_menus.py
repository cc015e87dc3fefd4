"""The menu bar: roles, shortcuts, and what can be used when."""

from fake_run import endless_run
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLineEdit

from gui.about import AboutBox
from gui.train.state import Phase

Role = QAction.MenuRole


def actions_of(window):
    return [action for action in window.findChildren(QAction) if action.objectName().startswith("action_")]


def test_the_menus_of_a_mac_stand_in_their_order(open_window):
    titles = [action.text() for action in open_window().menuBar().actions()]
    assert titles == ["File", "Edit", "Train", "View", "Window", "Help"]


def test_only_about_settings_and_quit_move_to_the_application_menu(open_window):
    roles = {action.text(): action.menuRole() for action in actions_of(open_window())}
    special = {text: role for text, role in roles.items() if role is not Role.NoRole}
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
