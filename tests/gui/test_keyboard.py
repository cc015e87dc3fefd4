"""The whole main job with the keyboard alone: choose, change, train, pause, go on, and write with what was trained."""

from fake_run import endless_run
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPlainTextEdit

from gui.train.state import Phase


def focus(qtbot, window, name):
    """Go to a control with the Tab key, as a person would."""
    for _ in range(200):
        here = QApplication.focusWidget()
        if here is not None and here.objectName() == name:
            return here
        qtbot.keyClick(here or window, Qt.Key.Key_Tab)
    raise AssertionError(f"Tab does not lead to {name}")


def test_the_main_job_needs_no_mouse(qtbot, open_window):
    window = open_window(endless_run)
    qtbot.keyClick(focus(qtbot, window, "preset_tiny"), Qt.Key.Key_Down)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
    assert window.train.setup.preset == "small"
    qtbot.keyClick(focus(qtbot, window, "group_training"), Qt.Key.Key_Space)
    field = focus(qtbot, window, "setting_batch_size")
    field.selectAll()
    qtbot.keyClicks(field, "3")
    assert window.train.setup.config().batch_size == 3
    qtbot.keyClick(focus(qtbot, window, "start_button"), Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.train.state.phase is Phase.TRAINING)
    qtbot.keyClick(focus(qtbot, window, "pause_button"), Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.train.state.phase is Phase.PAUSED)
    qtbot.keyClick(focus(qtbot, window, "pause_button"), Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.train.state.phase is Phase.TRAINING)
    qtbot.keyClick(focus(qtbot, window, "stop_button"), Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.train.state.phase is Phase.FINISHED)
    with qtbot.waitSignal(window.train.generate_requested):
        qtbot.keyClick(focus(qtbot, window, "finish_generate"), Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.tabs.currentWidget() is window.generate)


def test_what_a_run_left_is_read_with_the_keyboard(qtbot, open_window):
    window = open_window()
    window.train.setup.change({"max_iters": 101})
    window.train.start()
    qtbot.waitUntil(lambda: window.train.state.phase is Phase.FINISHED)
    plot = focus(qtbot, window, "loss_plot")
    for _ in range(5):
        qtbot.keyClick(plot, Qt.Key.Key_Left)
    qtbot.keyClick(plot, Qt.Key.Key_Return)
    assert window.findChild(QPlainTextEdit, "film_text").toPlainText() == "sample of 50"
    for name in ("loss_compare", "loss_axis", "loss_unit", "loss_log", "loss_share", "loss_fit", "film_slider"):
        focus(qtbot, window, name)


def test_tab_leaves_a_text_field(qtbot, open_window):
    window = open_window()
    for edit in window.findChildren(QPlainTextEdit):
        assert edit.tabChangesFocus(), edit.objectName()
