"""The window as on a Mac: the platform says so, and a Messenger stands for AppKit, which records and answers."""

import sys
from urllib.parse import quote

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QSettings, Qt, QUrl
from PySide6.QtGui import QAction, QFileOpenEvent
from PySide6.QtWidgets import QApplication, QComboBox, QMessageBox, QSystemTrayIcon

from engine.machine.apple import Constant, EventCode, Message
from engine.text.pasted import pasted_texts
from gui import app as gui_app
from gui.kit import mac, preferences
from gui.kit.sheets import make_sheet, panel_asks_to_replace
from gui.shell.dock import Dock, DockMenu, plain_icon
from gui.shell.menus import ApplicationMenuWords
from gui.shell.settings_window import SettingsWindow
from gui.shell.tray import Tray
from gui.train.state import Phase, RunState
from scripts.bundle import recipe
from tests.gui.fake_run import endless_run, finished, started

Role = QAction.MenuRole
IN_PANELS = {"cut": "Cut", "copy": "Copy", "paste": "Paste", "select_all": "Select All"}


def training(qtbot, window):
    window.train.start()
    qtbot.waitUntil(lambda: window.train.view.phase is Phase.TRAINING)


def ended(qtbot, window):
    qtbot.waitUntil(lambda: not window.train.running)


# -- menus -----------------------------------------------------------------------------------------------------------


def test_editing_commands_reach_the_system_s_own_panels(on_a_mac, open_window):
    """By role and caption: Qt knows the four by their English words, and by no other role."""
    on_a_mac()
    window = open_window()
    for name, caption in IN_PANELS.items():
        action = window.menus.action(name)
        assert (action.text(), action.menuRole()) == (caption, Role.TextHeuristicRole)
    others = [a for a in window.findChildren(QAction) if a.objectName().removeprefix("action_") not in IN_PANELS]
    assert Role.TextHeuristicRole not in {a.menuRole() for a in others if a.objectName().startswith("action_")}


def test_the_application_menu_says_settings(qapp):
    words = ApplicationMenuWords(qapp)
    assert qapp.installTranslator(words)
    assert QCoreApplication.translate("MAC_APPLICATION_MENU", "Preferences...") == "Settings…"
    assert QCoreApplication.translate("MAC_APPLICATION_MENU", "Services") == "Services"
    assert QCoreApplication.translate("QDialogButtonBox", "Preferences...") == "Preferences..."
    qapp.removeTranslator(words)


def test_the_way_into_the_full_screen_stands_once_in_the_view_menu(on_a_mac, open_window):
    on_a_mac()
    window = open_window()
    titles = [action.text() for action in window.findChildren(QAction)]
    assert "Enter Full Screen" not in titles  # AppKit adds its own
    window.toggle_full_screen()
    window.toggle_full_screen()


def test_the_window_menu_is_appkit_s_too(on_a_mac, open_window):
    to = on_a_mac(APPLICATION=1, MAIN_MENU=2, STRING=3, ITEM_TITLED=4, SUBMENU=5, WINDOWS_MENU=6, WINDOW=7)
    window = open_window()
    QApplication.sendEvent(window, QEvent(QEvent.Type.ActivationChange))
    assert to.arguments_of(Message.ITEM_TITLED)[0] == [2, 3]
    assert to.arguments_of(Message.STRING)[0] == [b"Window"]
    assert to.arguments_of(Message.SET_WINDOWS_MENU)[0] == [1, 5]
    assert to.arguments_of(Message.SET_EXCLUDED)[:2] == [[7, True], [7, False]]
    assert to.arguments_of(Message.WINDOW)[0] == [window.winId()]
    to.sent.clear()
    to.answers[Message.WINDOWS_MENU] = 5
    QApplication.sendEvent(window, QEvent(QEvent.Type.ActivationChange))
    assert to.arguments_of(Message.SET_WINDOWS_MENU) == []  # it is known


def test_a_menu_that_is_not_there_is_no_window_menu(on_a_mac):
    to = on_a_mac(ITEM_TITLED=0)
    mac.adopt_window_menu("Window", 1)
    assert to.arguments_of(Message.SET_WINDOWS_MENU) == []


def test_the_menu_bar_serves_the_window_in_front(on_a_mac, qtbot, open_window):
    on_a_mac()
    window = open_window()
    window.show_settings()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is not window)
    settings = QApplication.activeWindow()
    window.menus.action("close").trigger()
    assert not settings.isVisible()
    assert window.isVisible()


# -- the window ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("running", [True, False])
def test_a_window_leaves_the_full_screen_before_it_goes(on_a_mac, qtbot, open_window, running):
    on_a_mac()
    window = open_window(endless_run)
    if running:
        training(qtbot, window)
    window.showFullScreen()
    was_full = []
    hide_event = window.hideEvent
    window.hideEvent = lambda event: (was_full.append(window.isFullScreen()), hide_event(event))
    window.close()
    assert window.isVisible()  # the system takes it out of its Space first
    qtbot.waitUntil(window.isHidden)
    assert was_full == [False]
    assert window.train.running is running
    window.train.stop()
    ended(qtbot, window)


def test_sheets_are_qt_s_own(on_a_mac, open_window):
    """An NSAlert would be modal for the whole application, and would not close by itself."""
    on_a_mac()
    sheet = make_sheet(open_window(), "a_sheet", "What.", "Why.")
    assert sheet.testOption(QMessageBox.Option.DontUseNativeDialog)
    sheet.close()


@pytest.mark.parametrize("system", ["darwin", "linux"])
def test_the_panel_s_question_is_the_answer(monkeypatch, system):
    monkeypatch.setattr(sys, "platform", system)
    assert panel_asks_to_replace() is (system == "darwin")


def policies(to):
    return [policy for _, policy in to.arguments_of(Message.SET_ACTIVATION_POLICY)]


def test_without_its_window_it_may_leave_the_dock(on_a_mac, qtbot, open_window):
    to = on_a_mac()
    window = open_window()
    window.show_settings()
    settings = window.findChild(SettingsWindow)
    choice = settings.findChild(QComboBox, "settings_dock")
    assert choice.currentData() is True
    settings.close()
    window.hide()
    assert policies(to) == [Constant.NSApplicationActivationPolicyRegular]
    choice.setCurrentIndex(choice.findData(False))
    choice.activated.emit(choice.currentIndex())
    window.show()
    window.hide()
    assert policies(to)[-2:] == [
        Constant.NSApplicationActivationPolicyRegular,
        Constant.NSApplicationActivationPolicyAccessory,
    ]


def test_another_window_that_is_open_keeps_it_in_the_dock(on_a_mac, open_window):
    """macOS hides the windows of an application that leaves the Dock."""
    to = on_a_mac()
    preferences.set_flag("stay_in_dock", False)
    window = open_window()
    window.show_settings()
    window.hide()
    assert Constant.NSApplicationActivationPolicyAccessory not in policies(to)


def test_the_dock_icon_has_a_menu_that_tells_and_steers(on_a_mac, qtbot, open_window, monkeypatch):
    on_a_mac()
    menus = []
    monkeypatch.setattr(DockMenu, "setAsDockMenu", lambda menu: menus.append(menu), raising=False)
    window = open_window(endless_run)
    (menu,) = menus
    items = {action.objectName(): action for action in menu.actions() if not action.isSeparator()}
    assert list(items) == ["dock_status", "dock_figures", "dock_pause", "dock_stop"]
    assert not items["dock_pause"].isEnabled()
    training(qtbot, window)
    assert items["dock_status"].text().startswith("Training")
    items["dock_pause"].trigger()
    qtbot.waitUntil(lambda: window.train.state.phase is Phase.PAUSED)
    assert items["dock_pause"].text() == "Resume"
    items["dock_stop"].trigger()
    ended(qtbot, window)


# -- what is opened, and what is kept --------------------------------------------------------------------------------


def test_a_link_opens_what_it_names_if_it_is_there(tmp_path):
    there = tmp_path / "my text.txt"
    there.write_text("words")

    def opened(link):
        return gui_app.opened_path(QFileOpenEvent(QUrl(link)))

    assert opened(f"understudy://open?path={quote(str(there))}") == str(there)
    assert opened(QUrl.fromLocalFile(str(there)).toString()) == str(there)
    for link in ("open?path=/nowhere/at.all", "open?path=my%20text.txt", f"train?path={there}", "open", ""):
        assert opened(f"understudy://{link}") == ""


def test_a_text_comes_from_the_services_of_another_application(on_a_mac, qtbot, open_window):
    to = on_a_mac(APPLICATION=1, STRING_OF_TYPE=2, TEXT="Words from elsewhere, é.".encode())
    window = open_window()
    mac.offer_service(window.train_on)
    assert to.arguments_of(Message.SET_SERVICES_PROVIDER) == [[1, "UnderstudyServices"]]
    (service,) = recipe.info_plist()["NSServices"]
    to.listeners[f"{service['NSMessage']}:userData:error:"](7)
    assert to.arguments_of(Message.STRING_OF_TYPE)[0][0] == 7
    assert window.tabs.currentWidget() is window.data
    (kept,) = pasted_texts()
    assert kept.read_text("utf-8") == "Words from elsewhere, é."
    to.answers[Message.TEXT] = None
    to.listeners["trainOnText:userData:error:"](7)  # no text: nothing happens
    assert len(pasted_texts()) == 1


def test_preferences_are_kept_under_the_bundle_s_identifier(qapp):
    gui_app.build([])[1].deleteLater()
    turned = ".".join(reversed(QCoreApplication.organizationDomain().split(".")))
    assert f"{turned}.{QCoreApplication.applicationName()}" == recipe.IDENTIFIER


def test_what_was_kept_before_is_taken_over_once(tmp_path):
    former, now = (QSettings(str(tmp_path / name), QSettings.Format.IniFormat) for name in ("former", "now"))
    former.setValue("appearance", "dark")
    former.setValue("recipe/minutes", 20)
    preferences.take_over(former, now)
    assert {key: now.value(key) for key in now.allKeys()} == {"appearance": "dark", "recipe/minutes": 20}
    former.setValue("appearance", "light")
    preferences.take_over(former, now)
    assert now.value("appearance") == "dark"


# -- name, icon, notifications ---------------------------------------------------------------------------------------


def test_a_run_from_the_terminal_is_not_called_python(on_a_mac):
    names = iter(range(10, 20))
    to = on_a_mac(BUNDLE=1, INFO=2, RESPONDS=True, STRING=lambda _: next(names))
    mac.name_process("Understudy")
    assert to.arguments_of(Message.RESPONDS) == [[2, "setObject:forKey:"]]
    told = [text for (text,) in to.arguments_of(Message.STRING)]
    assert told == [b"Understudy", b"CFBundleName", b"Understudy", b"CFBundleDisplayName"]
    assert to.arguments_of(Message.SET_VALUE) == [[2, 10, 11], [2, 12, 13]]


def test_an_info_plist_that_cannot_be_changed_is_left_alone(on_a_mac):
    to = on_a_mac(RESPONDS=False)
    mac.name_process("Understudy")
    assert to.arguments_of(Message.SET_VALUE) == []


def test_the_bundle_keeps_its_own_name_and_icon(on_a_mac, monkeypatch):
    to = on_a_mac(RESPONDS=True)
    assert not plain_icon().isNull()
    monkeypatch.setattr(sys, "frozen", "macosx_app", raising=False)
    mac.name_process("Understudy")
    assert to.sent == []
    assert plain_icon().isNull()
    worn = []
    dock = Dock(type("App", (), {"setWindowIcon": lambda _, icon: worn.append(icon.isNull())})(), lambda: True)
    for progress in (0.5, None):
        dock.show_progress(progress)
    assert worn == [False, True]  # the bar, and the bundle's icon again


def test_the_end_of_a_run_stays_in_notification_center_and_wears_our_icon(qapp, monkeypatch):
    tray, told = Tray({}), []
    monkeypatch.setattr(tray._item, "showMessage", lambda *message: told.append(message))
    monkeypatch.setattr(tray._item, "isVisible", lambda: True)
    state = RunState()
    state.start()
    state.take(started(), 0)
    tray.show_view(state.view())
    state.take(finished(), 1)
    state.end(None)
    tray.show_view(state.view())
    assert told == [("Understudy", state.view().status, QSystemTrayIcon.MessageIcon.NoIcon, 0)]
    tray.menu.deleteLater()
    tray.deleteLater()


# -- quit ------------------------------------------------------------------------------------------------------------


def session_ends(by):
    return {"CURRENT_EVENT": 1, "ATTRIBUTE": 2, "PARAMETER": 0, "ENUM_CODE": by}


@pytest.mark.parametrize(
    ("answers", "ends"),
    [
        (session_ends(EventCode.REALLY_LOG_OUT), True),
        (session_ends(EventCode.RESTART), True),
        (session_ends(EventCode.SHUT_DOWN), True),
        (session_ends(0x71756961), False),  # quia: quit all applications
        ({**session_ends(EventCode.RESTART), "ATTRIBUTE": 0, "PARAMETER": 3}, True),
        ({**session_ends(EventCode.RESTART), "CURRENT_EVENT": 0}, False),  # Cmd-Q: no event at all
    ],
)
def test_the_reason_of_a_quit_is_read(on_a_mac, answers, ends):
    to = on_a_mac(**answers)
    assert mac.is_session_ending() is ends
    for _event, keyword in to.arguments_of(Message.ATTRIBUTE):
        assert keyword == EventCode.QUIT_REASON


@pytest.fixture
def application(qapp, qtbot, open_window, monkeypatch):
    """Return the window of an application that asks it before it quits, and what it is told at the end."""
    left = []
    monkeypatch.setattr(qapp, "quit", lambda: left.append(True))
    window = open_window(endless_run)
    monkeypatch.setattr(qapp, "may_quit", window.quit)
    window.quit_ready.connect(qapp.leave, Qt.ConnectionType.QueuedConnection)
    window.left = left
    return window


def test_at_a_log_out_the_run_is_saved_and_nobody_is_asked(on_a_mac, qapp, qtbot, application):
    on_a_mac(**session_ends(EventCode.REALLY_LOG_OUT))
    training(qtbot, application)
    QApplication.sendEvent(qapp, QEvent(QEvent.Type.Quit))
    assert application.findChild(QMessageBox, "quit_sheet") is None
    qtbot.waitUntil(lambda: application.left == [True])
    assert application.train.state.finished.reason == "stopped"


def test_else_a_person_is_asked(on_a_mac, qapp, qtbot, application):
    on_a_mac(CURRENT_EVENT=0)
    training(qtbot, application)
    QApplication.sendEvent(qapp, QEvent(QEvent.Type.Quit))
    sheet = application.findChild(QMessageBox, "quit_sheet")
    assert sheet.isVisible()
    assert application.train.running
    sheet.reject()
    application.train.stop()
    ended(qtbot, application)


def test_the_application_never_ends_from_inside_the_system_s_question(qapp, qtbot, on_a_mac, monkeypatch):
    """Qt on a Mac ends by asking AppKit to terminate: within its own question that does not come to an end."""
    on_a_mac(CURRENT_EVENT=0)
    left = []
    monkeypatch.setattr(qapp, "quit", lambda: left.append(True))
    app, window = gui_app.build([])
    qtbot.addWidget(window)
    event = QEvent(QEvent.Type.Quit)
    QApplication.sendEvent(app, event)
    assert event.isAccepted()
    assert left == []
    qtbot.waitUntil(lambda: left == [True])
    app.aboutToQuit.emit()
