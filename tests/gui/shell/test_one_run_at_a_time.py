"""While a run is on, no other is begun; what would begin one says so instead of doing nothing."""

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QDialog, QLabel, QListWidget, QWidget

from engine.core.paths import runs_dir
from gui.data.problems import Trouble
from gui.shell.sections import Sections
from tests.gui.fake_run import endless_run, evaluation, recorded, started
from tests.gui.hands import press

STOP_FIRST = "Stop the run under way first."


@pytest.fixture
def kept(_own_folders):
    """Return a run on disk that can go on."""
    run = recorded(runs_dir() / "kept", started(), evaluation(0, 4.0))
    run.checkpoint.touch()
    return run


@pytest.fixture
def window(open_window):
    """Return the window, with a run that goes on until it is stopped."""
    return open_window(endless_run)


def train(qtbot, window):
    window.train.start()
    qtbot.waitUntil(lambda: window.train.state.step is not None)


def stop(qtbot, window):
    window.train.stop()
    qtbot.waitUntil(lambda: not window.train.running)


def notice(tab, name):
    shown = tab.findChild(QLabel, f"{name}_notice_what")
    return shown.text() if shown.isVisible() else ""


def show_runs(qtbot, window):
    window.tabs.setCurrentWidget(window.runs)
    qtbot.waitUntil(lambda: len(window.runs.findChild(QWidget, "runs_table").selected()) == 1)


def why(action):
    """Return what the tip of an action adds to its words."""
    return "" if action.toolTip() == action.text() else action.toolTip()


def test_another_run_waits_in_the_list_until_the_first_is_stopped(qtbot, kept, window):
    show_runs(qtbot, window)
    actions = {each.objectName(): each for each in window.runs.findChild(QWidget, "runs_table").actions()}
    resume, again = (actions[f"run_{name}_action"] for name in ("resume", "again"))
    assert (resume.isEnabled(), again.isEnabled(), why(resume)) == (True, True, "")
    train(qtbot, window)
    assert (resume.isEnabled(), again.isEnabled()) == (False, False)
    assert (why(resume), why(again)) == (STOP_FIRST, STOP_FIRST)
    assert actions["run_elsewhere_action"].isEnabled()  # which trains nothing here
    stop(qtbot, window)
    assert (resume.isEnabled(), again.isEnabled(), why(again)) == (True, True, "")


def test_another_text_waits_too(qtbot, window):
    window.tabs.setCurrentWidget(window.data)
    texts = window.data.findChild(QListWidget, "text_list")
    button = window.data.findChild(QAbstractButton, "train_on_this_button")
    action = next(each for each in texts.actions() if each.objectName() == "text_train_action")
    train(qtbot, window)
    assert (button.isEnabled(), action.isEnabled(), button.toolTip()) == (False, False, STOP_FIRST)
    texts.itemActivated.emit(texts.currentItem())  # a double-click, or Return
    assert window.tabs.currentWidget() is window.data
    assert notice(window.data, "data") == STOP_FIRST
    press(qtbot, window.data, "data_notice_dismiss")
    window.data._mend(Trouble("shorter_than_block", "", "", "Train", "train", {"block_size": 32}))
    assert window.tabs.currentWidget() is window.data
    assert notice(window.data, "data") == STOP_FIRST
    stop(qtbot, window)
    assert (button.isEnabled(), action.isEnabled(), button.toolTip()) == (True, True, "")
    texts.itemActivated.emit(texts.currentItem())
    assert window.tabs.currentWidget() is window.train


def test_a_tab_that_is_made_while_a_run_is_on_knows_of_it(qtbot, engine, stylist):
    tabs = Sections(engine, endless_run)
    qtbot.addWidget(tabs)
    tabs.train.start()
    button = tabs.data.findChild(QAbstractButton, "train_on_this_button")
    assert not button.isEnabled()
    tabs.train.stop()
    qtbot.waitUntil(button.isEnabled)


def test_a_run_without_settings_is_not_offered_to_go_on(qtbot, kept, window):
    kept.config_path.unlink()
    show_runs(qtbot, window)
    resume = window.runs.findChild(QAction, "run_resume_action")
    qtbot.waitUntil(lambda: not resume.isEnabled())
    assert "Start From in the Train tab" in resume.toolTip()
    window.menus.action("elsewhere").trigger()  # what a checkpoint says is enough elsewhere
    press(qtbot, window.findChild(QDialog, "pack_sheet"), "pack_sheet_close_button")


def test_the_way_to_a_bigger_machine_says_which_run_can_go(qtbot, kept, window):
    window.menus.action("tab_runs").trigger()
    show_runs(qtbot, window)
    table = window.runs.findChild(QWidget, "runs_table")
    table.clearSelection()
    window.menus.action("elsewhere").trigger()
    assert window.findChild(QDialog, "pack_sheet") is None
    assert notice(window.runs, "runs") == "Select one run to continue on a bigger machine."
    kept.checkpoint.unlink()
    table.selectRow(0)
    window.menus.action("elsewhere").trigger()
    assert "no checkpoint" in notice(window.runs, "runs")
