"""The window as a whole: built without torch, quick to appear, orderly in how it ends."""

import subprocess
import sys

import pytest
from PySide6.QtCore import QEvent, QSettings, QSize, Qt
from PySide6.QtGui import QFileOpenEvent, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QMessageBox,
    QSplitter,
    QWidget,
)

from engine.core.config import TrainConfig
from engine.core.errors import TrainingError
from engine.core.events import Turn
from engine.runs.folder import RunFolder
from engine.text.pasted import pasted_texts
from gui.app import build
from gui.kit import theme
from gui.kit.theme import DARK, Size, Theme
from gui.shell.tray import Tray
from gui.train.state import Phase
from tests.gui.fake_run import endless_run, started, step

FIXED_NAMES = """
    tabs preset_picker dataset_picker start_button pause_button stop_button loss_plot memory_bar progress_bar
    status_label coach film_strip checkpoint_picker prompt_edit generate_button stop_generate_button transcript
    runs_table
"""


@pytest.fixture
def no_tray(monkeypatch):
    monkeypatch.setattr(Tray, "available", False)


@pytest.fixture
def with_tray(monkeypatch):
    monkeypatch.setattr(Tray, "available", True)


def training(qtbot, window):
    window.train.start()
    qtbot.waitUntil(lambda: window.train.state.step is not None)


def choose(sheet, text):
    next(made for made in sheet.buttons() if made.text() == text).click()


def test_building_the_window_loads_no_torch_and_shows_nothing():
    code = (
        "import sys; from gui.app import build; app, window = build([]);"
        "assert 'torch' not in sys.modules; assert not window.isVisible(); window.show(); app.processEvents();"
        "assert 'torch' not in sys.modules; window.close()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_build_reuses_the_application(qapp, qtbot):
    app, window = build([])
    qtbot.addWidget(window)
    assert app is qapp
    assert not window.isVisible()


def test_the_fixed_names_are_there_once_each(open_window):
    window = open_window()
    for name in FIXED_NAMES.split():
        assert len(window.findChildren(QWidget, name)) == 1, name


def test_every_tab_paints_in_dark_too(qapp, qtbot, open_window):
    window = open_window()
    qapp.setPalette(theme.palette_of(Theme(True, DARK)))
    for at in range(window.tabs.count()):
        window.tabs.setCurrentIndex(at)
        picture = window.grab().toImage()
        points = [(x, y) for x in range(5, picture.width(), 97) for y in range(80, picture.height(), 89)]
        lights = [picture.pixelColor(x, y).lightnessF() for x, y in points]
        assert sum(lights) / len(lights) < 0.3, window.tabs.tabText(at)


@pytest.mark.parametrize("size", [(960, 640), (1100, 720), (1680, 1050)])
def test_nothing_is_wider_than_the_window(open_window, size):
    window = open_window()
    window.resize(QSize(*size))
    QApplication.processEvents()
    assert (window.width(), window.height()) == size


def test_closing_without_a_run_ends_the_application_but_on_a_mac(open_window, system):
    window, ended = open_window(), []
    window.quit_ready.connect(lambda: ended.append(True))
    window.close()
    QApplication.processEvents()
    assert not window.isVisible()
    assert ended == ([] if system == "darwin" else [True])


def test_closing_keeps_training_in_the_menu_bar(qtbot, open_window, with_tray):
    window = open_window(endless_run)
    training(qtbot, window)
    window.close()
    assert not window.isVisible()
    assert window.train.running
    window.come_forward()
    assert window.isVisible()
    window.train.stop()
    qtbot.waitUntil(lambda: window.train.state.phase is Phase.FINISHED)


def test_closing_without_a_menu_bar_asks(qtbot, open_window, no_tray):
    window = open_window(endless_run)
    training(qtbot, window)
    window.close()
    assert window.isVisible()
    choose(window.findChild(QMessageBox, "close_sheet"), "Cancel")
    assert window.train.running
    window.close()
    with qtbot.waitSignal(window.quit_ready):
        choose(window.findChild(QMessageBox, "close_sheet"), "Save and Quit")
    assert window.train.state.phase is Phase.FINISHED


def test_quitting_while_training_asks_saves_and_ends(qtbot, open_window):
    window = open_window(endless_run)
    training(qtbot, window)
    assert not window.quit()
    sheet = window.findChild(QMessageBox, "quit_sheet")
    assert {each.text().replace("&", "") for each in sheet.buttons()} == {"Save and Quit", "Cancel"}
    choose(sheet, "Cancel")
    assert window.train.running
    window.quit()
    with qtbot.waitSignal(window.quit_ready):
        choose(window.findChild(QMessageBox, "quit_sheet"), "Save and Quit")
    assert window.train.state.finished.reason == "stopped"


def test_a_quit_leaves_nothing_of_what_was_pasted_but_not_prepared(qtbot, open_window):
    window = open_window()
    QGuiApplication.clipboard().setText("Neither a borrower nor a lender be.\n" * 100)
    window.data.paste()
    assert len(pasted_texts()) == 1
    with qtbot.waitSignal(window.quit_ready):
        window.quit()
    assert not pasted_texts()


def test_a_quit_while_paused_saves_too(qtbot, open_window):
    window = open_window(endless_run)
    training(qtbot, window)
    window.train.toggle_pause()
    qtbot.waitUntil(lambda: window.train.state.phase is Phase.PAUSED)
    window.quit()
    with qtbot.waitSignal(window.quit_ready):
        choose(window.findChild(QMessageBox, "quit_sheet"), "Save and Quit")


def unsaved_run(config, control):
    """Train until a stop, which finds the disk full."""
    yield started()
    while not control.stopping:
        yield step(0)
    raise TrainingError("The disk is full.", cause="There is no room left.", code="disk_full")


def test_a_quit_that_cannot_save_says_so_and_stays(qtbot, open_window):
    window = open_window(unsaved_run)
    ended = []
    window.quit_ready.connect(lambda: ended.append(True))
    QGuiApplication.clipboard().setText("Neither a borrower nor a lender be.\n" * 100)
    window.data.paste()
    training(qtbot, window)
    window.quit()
    choose(window.findChild(QMessageBox, "quit_sheet"), "Save and Quit")
    window.hide()  # as a closed window is while the menu bar quits
    qtbot.waitUntil(lambda: window.findChild(QMessageBox, "not_saved_sheet") is not None)
    sheet = window.findChild(QMessageBox, "not_saved_sheet")
    assert (window.isVisible(), sheet.isVisible(), ended) == (True, True, [])
    assert "The disk is full. There is no room left." in sheet.informativeText()
    assert sheet.defaultButton().text() == "Keep Open"
    choose(sheet, "Keep Open")
    assert window.train.view.can_start
    assert len(pasted_texts()) == 1  # what is being set up is as it was
    training(qtbot, window)
    window.quit()
    choose(window.findChild(QMessageBox, "quit_sheet"), "Save and Quit")
    qtbot.waitUntil(lambda: window.findChild(QMessageBox, "not_saved_sheet") is not None)
    with qtbot.waitSignal(window.quit_ready):
        choose(window.findChild(QMessageBox, "not_saved_sheet"), "Quit Anyway")
    assert not pasted_texts()


def test_a_run_that_fails_before_it_begins_holds_up_no_quit(qtbot, open_window):
    def unfit(config, control):
        while not control.stopping:
            yield Turn.NEXT
        raise TrainingError("It does not fit.")

    window = open_window(unfit)
    window.train.start()
    window.quit()
    with qtbot.waitSignal(window.quit_ready):
        choose(window.findChild(QMessageBox, "quit_sheet"), "Save and Quit")


def test_a_quit_of_the_system_is_held_back_until_a_run_is_saved(qapp, qtbot, open_window, monkeypatch):
    window = open_window(endless_run)
    monkeypatch.setattr(qapp, "may_quit", window.quit)
    training(qtbot, window)
    event = QEvent(QEvent.Type.Quit)
    QApplication.sendEvent(qapp, event)
    assert not event.isAccepted()
    sheet = window.findChild(QMessageBox, "quit_sheet")
    assert sheet.isVisible()
    with qtbot.waitSignal(window.quit_ready):
        choose(sheet, "Save and Quit")


def test_a_checkpoint_opened_with_the_application_goes_to_generate(qapp, qtbot, open_window, tmp_path):
    window = open_window()
    with qtbot.waitSignal(qapp.file_opened) as opened:
        QApplication.sendEvent(qapp, QFileOpenEvent(str(tmp_path / "ckpt.pt")))
    window.open_path(*opened.args)
    assert window.tabs.currentWidget() is window.generate


def test_a_run_dropped_on_the_dock_is_opened_and_a_folder_of_texts_added(open_window, tmp_path):
    window = open_window()
    run, texts = tmp_path / "run", tmp_path / "texts"
    for folder, name in ((run, "ckpt.pt"), (texts, "a.txt")):
        folder.mkdir()
        folder.joinpath(name).write_bytes(b"To be, or not to be.")
    window.open_path(str(run))
    assert window.tabs.currentWidget() is window.generate
    window.open_path(str(texts))
    assert window.tabs.currentWidget() is window.data


def test_a_packed_run_that_is_dropped_is_taken_in_beside_the_runs(qtbot, open_window, tmp_path):
    window = open_window()
    archive = tmp_path / "run.tar.gz"
    archive.write_bytes(b"no archive")
    window.open_paths([str(archive)])
    assert window.tabs.currentWidget() is window.runs
    sheet = window.findChild(QDialog, "unpack_sheet")
    close = sheet.findChild(QAbstractButton, "unpack_sheet_close_button")
    qtbot.waitUntil(lambda: close.text() == "Close")
    assert sheet.isVisible()  # to say that it is none
    close.click()
    assert not sheet.isVisible()


def test_a_click_in_the_dock_brings_the_window_back(open_window, monkeypatch):
    window = open_window()
    window.hide()
    monkeypatch.setattr("gui.shell.frame.sys.platform", "darwin")
    window.come_back(Qt.ApplicationState.ApplicationActive)
    assert window.isVisible()


def test_the_window_comes_back_where_it_was(qtbot, open_window):
    first = open_window()
    first.resize(first.minimumWidth(), 700)
    first.tabs.setCurrentWidget(first.runs)
    splitter = first.findChild(QSplitter, "runs_splitter")
    splitter.moveSplitter(splitter.getRange(1)[1], 1)
    splitter.splitterMoved.emit(splitter.getRange(1)[1], 1)
    first.close()
    second = open_window()
    assert second.tabs.currentWidget().objectName() == first.runs.objectName()
    assert second.height() == 700
    assert second.findChild(QSplitter, "runs_splitter").saveState() == splitter.saveState()


def test_settings_of_another_version_do_no_harm(qtbot, open_window):
    QSettings().setValue("window/geometry", "nonsense")
    QSettings().setValue("window/tab", 99)
    assert open_window().tabs.currentIndex() in range(4)


def test_a_run_is_resumed_from_the_list(qtbot, open_window):
    run = RunFolder.new(TrainConfig())
    window = open_window(endless_run)
    window.runs.resume_requested.emit(str(run.path))
    assert window.tabs.currentWidget() is window.train
    qtbot.waitUntil(lambda: window.train.state.step is not None)
    assert window.train.state.run_dir == str(run.path)
    window.train.stop()
    qtbot.waitUntil(lambda: window.train.state.phase is Phase.FINISHED)


def test_a_text_chosen_in_data_is_set_up(open_window):
    window = open_window()
    window.data.train_requested.emit("shakespeare_char", {})
    assert window.tabs.currentWidget() is window.train
    assert window.train.setup.config().dataset == "shakespeare_char"


def test_the_run_is_seen_from_every_tab(qtbot, open_window):
    window = open_window(endless_run)
    badge = window.findChild(QAbstractButton, "run_badge")
    assert not badge.isVisible()
    training(qtbot, window)
    window.tabs.setCurrentWidget(window.runs)
    qtbot.waitUntil(lambda: badge.isVisible() and badge.text().startswith("Training"))
    badge.click()
    assert window.tabs.currentWidget() is window.train
    window.train.stop()
    qtbot.waitUntil(lambda: window.train.state.phase is Phase.FINISHED)


def test_the_badge_stands_at_the_right_beside_the_tabs(qtbot, open_window):
    window = open_window(endless_run)
    window.resize(1100, 720)
    QApplication.processEvents()
    window.train.start()
    badge = window.findChild(QWidget, "run_badge")
    qtbot.waitUntil(lambda: badge.isVisible() and badge.geometry().right() == window.tabs.width() - 1)
    assert badge.geometry().left() > window.tabs.tabBar().geometry().right()
    window.train.stop()
    qtbot.waitUntil(lambda: not window.train.running)


def test_a_text_with_a_long_name_does_not_widen_the_form(open_window):
    window = open_window()
    window.findChild(QComboBox, "dataset_picker").addItem("a very long name of a text " * 8)
    QApplication.processEvents()
    picker = window.findChild(QComboBox, "dataset_picker")
    picker.setCurrentIndex(picker.count() - 1)
    QApplication.processEvents()
    assert picker.sizeHint().width() < Size.MEASURE
    assert window.train.setup.minimumSizeHint().width() < Size.WINDOW_LEAST[0]


def test_text_grows_and_shrinks(qtbot, open_window):
    window = open_window()
    wanted = []
    window.text_scale_wanted.connect(wanted.append)
    window.scale_text(1)
    window.scale_text(1)
    window.scale_text(-1)
    window.scale_text(0)
    assert wanted == [*sorted(wanted[:2]), wanted[0], 1.0]


def test_settings_of_a_run_come_to_the_form(open_window):
    window = open_window()
    window.runs.settings_requested.emit(TrainConfig(n_layer=3, out_dir="/runs/old"))
    assert window.tabs.currentWidget() is window.train
    config = window.train.setup.config()
    assert (config.n_layer, config.out_dir, config.init_from) == (3, "", "scratch")


def test_a_message_is_taken_away(qtbot, open_window):
    window = open_window()
    for tab in ("runs", "data", "generate"):
        shown = getattr(window, tab)
        window.tabs.setCurrentWidget(shown)
        shown._notice.tell("Something happened.")
        qtbot.mouseClick(shown.findChild(QAbstractButton, f"{tab}_notice_dismiss"), Qt.MouseButton.LeftButton)
        assert not shown._notice.isVisible()


KEPT = """
    window/tab window/geometry window/runs_splitter_down appearance text_scale notify keep_awake reduce_motion
    recipe/name recipe/minutes recipe/limited first_steps/done runs/sorted_by runs/descending folder
    run/low_battery_percent run/checkpoint_minutes run/early_stop generate/inside
"""


@pytest.mark.parametrize("nonsense", ["nonsense", "", "nan", "-1e999", "9" * 400, "\0", ["a", "b"], 99])
def test_it_opens_whatever_stands_in_its_settings(open_window, nonsense):
    for key in KEPT.split():
        QSettings().setValue(key, nonsense)
    window = open_window()
    for at in range(window.tabs.count()):
        window.tabs.setCurrentIndex(at)
    window.show_settings()
    assert window.isVisible()


@pytest.mark.parametrize(("kept", "tab"), [("2", 2), (3, 3), ("foo", 0), (99, 0), (-1, 0), ("nan", 0)])
def test_the_tab_in_front_is_the_one_left_or_the_first(open_window, kept, tab):
    QSettings().setValue("window/tab", kept)
    assert open_window().tabs.currentIndex() == tab
