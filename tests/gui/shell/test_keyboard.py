"""The whole main job with the keyboard alone: choose, change, train, pause, go on, and write with what was trained."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QMargins, QPoint, QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QMenu, QPlainTextEdit, QScrollArea, QTextEdit, QWidget

from engine.core.events import Checkpoint, Exported, Sample, Started
from engine.core.paths import runs_dir
from engine.runs.folder import RunFolder
from gui.kit.focus_ring import Ring
from gui.kit.theme import Size
from gui.train.record import read_record
from gui.train.state import Phase
from tests.gui import fake_writer
from tests.gui.fake_run import endless_run, evaluation, recorded, started, step
from tests.gui.hands import choose_preset, show_details


def focus(qtbot, window, name):
    """Go to a control with the Tab key, as a person would."""
    for _ in range(200):
        here = QApplication.focusWidget()
        if here is not None and here.objectName() == name:
            return here
        qtbot.keyClick(here or window, Qt.Key.Key_Tab)
    raise AssertionError(f"Tab does not lead to {name}")


def press(qtbot, window, name, key=Qt.Key.Key_Space):
    qtbot.keyClick(focus(qtbot, window, name), key)


def kept_run(config, control):
    """Train without an end, and leave a folder with a checkpoint as the trainer does."""
    folder = RunFolder.new(config)
    for event in endless_run(config, control):
        if isinstance(event, Started):
            event = replace(event, run_dir=str(folder.path))
        elif isinstance(event, Checkpoint):
            folder.checkpoint.touch()
            event = replace(event, path=str(folder.checkpoint))
        yield event


def exporter(asked):
    """Return an export that writes nothing and notes what was asked of it."""

    def export_job(source, form, dest, **_how):
        asked.append((source.name, form, dest))
        yield Exported(
            format=form, path=str(dest), bytes=1, dtype="f16", logits_difference=0.0, tolerance=0.1,
            tokens=5, tokens_equal=5, texts=1, notes=(),
        )  # fmt: skip

    return export_job


def test_the_main_job_needs_no_mouse(qtbot, open_window, monkeypatch, tmp_path):
    exported = []
    fake_writer.install(monkeypatch)
    monkeypatch.setattr("engine.exports.job.export_job", exporter(exported))
    window = open_window(kept_run)
    phase = lambda wanted: qtbot.waitUntil(lambda: window.train.state.phase is wanted)  # noqa: E731
    # choose a preset and a text, change a setting
    before = window.train.setup.config().dataset
    press(qtbot, window, "dataset_picker", Qt.Key.Key_Down)
    assert window.train.setup.config().dataset != before
    for name in ("tiny", "small"):
        press(qtbot, window, "preset_picker")
        QApplication.processEvents()  # the list is open, and has the keyboard
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Down)
        assert QApplication.focusWidget().objectName() == f"preset_{name}"
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
        QApplication.processEvents()
        assert window.train.setup.preset == name
    press(qtbot, window, "minutes_picker", Qt.Key.Key_Down)
    assert window.train.setup.config().minutes == 1.0
    press(qtbot, window, "setup_details")
    press(qtbot, window, "group_training")
    field = focus(qtbot, window, "setting_batch_size")
    field.selectAll()
    qtbot.keyClicks(field, "3")
    assert window.train.setup.config().batch_size == 3
    # train, pause, go on, stop
    press(qtbot, window, "start_button")
    phase(Phase.TRAINING)
    press(qtbot, window, "pause_button")
    phase(Phase.PAUSED)
    press(qtbot, window, "pause_button")
    phase(Phase.TRAINING)
    press(qtbot, window, "stop_button")
    phase(Phase.FINISHED)
    # write with it
    qtbot.waitUntil(window.findChild(QWidget, "curtain").isVisible)
    press(qtbot, window, "finish_generate")
    qtbot.waitUntil(lambda: window.tabs.currentWidget() is window.generate)
    prompt = focus(qtbot, window, "prompt_edit")
    prompt.selectAll()
    qtbot.keyClicks(prompt, "Hark")
    press(qtbot, window, "generate_button")
    transcript = window.findChild(QTextEdit, "transcript")
    qtbot.waitUntil(lambda: "Hark w" in transcript.toPlainText())
    # look at the runs, and take the model away
    qtbot.keyClick(window, Qt.Key.Key_4, Qt.KeyboardModifier.ControlModifier)
    assert window.tabs.currentWidget() is window.runs
    table = focus(qtbot, window, "runs_table")
    qtbot.waitUntil(lambda: len(table.selected()) == 1)
    press(qtbot, window, "run_actions_button")
    menu = window.findChild(QMenu, "run_actions_menu")
    qtbot.waitUntil(menu.isVisible)
    while menu.activeAction() is None or menu.activeAction().objectName() != "run_export_action":
        qtbot.keyClick(menu, Qt.Key.Key_Down)
    qtbot.keyClick(menu, Qt.Key.Key_Return)
    sheet = window.findChild(QWidget, "export_sheet")
    qtbot.waitUntil(sheet.isActiveWindow)
    press(qtbot, sheet, "export_button")
    dialog = sheet.findChild(QFileDialog, "export_place_sheet")
    qtbot.waitUntil(dialog.isActiveWindow)
    qtbot.keyClicks(focus(qtbot, dialog, "fileNameEdit"), str(tmp_path / "mine"))
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    stamp = sheet.findChild(QLabel, "export_stamp")
    qtbot.waitUntil(lambda: bool(stamp.text()))
    assert exported == [("ckpt.pt", "huggingface", tmp_path / "mine")]
    with qtbot.waitSignal(sheet.rejected):
        qtbot.keyClick(sheet, Qt.Key.Key_Escape)


def ring_of(widget):
    """Return the ring that is shown around a widget, or None."""
    rings = [ring for ring in widget.window().findChildren(Ring) if ring.control is widget and ring.isVisible()]
    return rings[0] if rings else None


def stops(qtbot, window):
    """Go once round with the Tab key, and give each control with the contrast of its ring to what it covers."""
    seen = []
    QApplication.processEvents()  # what was unfolded is laid out
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)  # before it, the focus need not show
    for _ in range(200):
        here = QApplication.focusWidget()
        if here in [each for each, _ in seen]:
            return seen
        QApplication.processEvents()  # what the focus brought is laid out
        seen.append((here, contrast_of_ring(here)))
        qtbot.keyClick(here, Qt.Key.Key_Tab)
    raise AssertionError("Tab does not come round")


def contrast_of_ring(widget):
    """Return how much the ring around a widget stands out; 0 without one."""
    if (ring := ring_of(widget)) is None:
        return 0
    place = QRect(widget.mapTo(widget.window(), QPoint()), widget.size()) + QMargins(*[Size.RING] * 4)
    with_ring = widget.window().grab(place).toImage()
    ring.hide()
    without = widget.window().grab(place).toImage()
    ring.show()
    return change(with_ring, without)


def change(one, other):
    """Return the contrast of the same point in two pictures where it is greatest (WCAG 2.2, 2.4.13 asks for 3 to 1)."""
    light = [luminances(picture) + 0.05 for picture in (one, other)]
    return float((np.maximum(*light) / np.minimum(*light)).max())


def luminances(picture):
    """Return the relative luminance of each point of a picture."""
    plain = picture.convertToFormat(QImage.Format.Format_RGBA8888)
    points = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), -1, 4)[:, : plain.width(), :3] / 255
    linear = np.where(points <= 0.04045, points / 12.92, ((points + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


@pytest.mark.parametrize("tab", ["train", "generate", "data", "runs"])
def test_the_focus_is_seen_and_goes_down_the_page(qtbot, open_window, tab):
    samples = [Sample(iter_num=at, prompt="", text=f"sample of {at}") for at in (0, 50)]
    told = started(), evaluation(0, 4.0), step(0), *samples, step(50), evaluation(50, 3.0)
    recorded(runs_dir() / "one", *told).checkpoint.touch()
    window = open_window()
    shown = getattr(window, tab)
    window.tabs.setCurrentWidget(shown)
    show_details(window)
    window.train.state.load(read_record(runs_dir() / "one"))
    window.train.show_run(window.train.state)
    if tab == "runs":
        qtbot.waitUntil(lambda: bool(shown._table.selected()))
    for heading in shown.findChildren(QWidget):
        if heading.objectName().startswith("group_") and not heading.isChecked():
            heading.click()
    reached = stops(qtbot, window)
    unseen = [each.objectName() for each, contrast in reached if contrast < 3]
    assert not unseen, "the focus is not seen: " + ", ".join(unseen)
    # within a column of controls it goes from top to bottom
    for area in shown.findChildren(QScrollArea):
        heights = [
            each.mapTo(area.widget(), each.rect().center()).y()
            for each, _ in reached
            if area.widget() is not None and area.widget().isAncestorOf(each)
        ]
        ups = sum(below < above - each_height(area) for above, below in itertools.pairwise(heights))
        assert ups <= 1, f"the focus jumps about in {area.objectName()}: {heights}"


def each_height(area):
    """Return how far apart two controls of a row may stand."""
    return 2 * area.fontMetrics().height()


def test_the_decisions_are_read_and_overruled_with_the_keyboard(qtbot, open_window):
    window = open_window()
    names = [one.name for one in window.train.setup.state.planned.decisions]
    show_details(window)
    press(qtbot, window, "recipe_decisions")
    assert focus(qtbot, window, f"decision_{names[0]}").isVisible()
    for name in names[1:]:
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Down)
        assert QApplication.focusWidget().objectName() == f"decision_{name}"
    press(qtbot, window, "decision_batch_size")
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert QApplication.focusWidget().objectName() == "decision_change"
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
    assert QApplication.focusWidget().objectName() == "setting_batch_size"


def test_what_is_gone_leaves_no_ring_where_the_mouse_is_used(qtbot, open_window):
    window = open_window()
    back = window.findChild(QWidget, "reset_all")
    show_details(window)
    choose_preset(qtbot, window, "tiny")
    window.train.setup.change({"dropout": 0.3})
    qtbot.mouseClick(back, Qt.MouseButton.LeftButton)
    assert not back.isVisible()
    assert QApplication.focusWidget() is not back
    assert ring_of(QApplication.focusWidget()) is None


def test_what_a_run_left_is_read_with_the_keyboard(qtbot, open_window):
    window = open_window()
    window.train.setup.choose_recipe("guide")
    window.train.setup.change({"max_iters": 101})
    window.train.start()
    qtbot.waitUntil(window.findChild(QWidget, "curtain").isVisible)
    plot = focus(qtbot, window, "loss_plot")
    for _ in range(5):
        qtbot.keyClick(plot, Qt.Key.Key_Left)
    qtbot.keyClick(plot, Qt.Key.Key_Return)
    assert window.findChild(QPlainTextEdit, "film_text").toPlainText() == "sample of 50"
    qtbot.keyClick(focus(qtbot, window, "stage_choice_button"), Qt.Key.Key_Space)
    for name in ("loss_compare", "loss_axis", "loss_unit", "loss_log", "loss_share", "loss_fit", "film_slider"):
        focus(qtbot, window, name)


def test_tab_leaves_a_text_field(qtbot, open_window):
    window = open_window()
    for edit in window.findChildren(QPlainTextEdit):
        assert edit.tabChangesFocus(), edit.objectName()


def test_a_button_shows_the_focus_only_once_the_keyboard_moves_it(qtbot, open_window):
    window = open_window()
    start = window.findChild(QWidget, "start_button")
    window.train.setup.focus_start()
    assert start.hasFocus()
    assert ring_of(start) is None  # the program gave it the focus
    qtbot.keyClick(start, Qt.Key.Key_Tab)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Backtab)
    assert ring_of(start)
    window.train.setup.choose_preset("tiny")
    show_details(window)
    first = window.findChild(QWidget, "recipe_quick")
    qtbot.mouseClick(first, Qt.MouseButton.LeftButton)
    assert ring_of(start) is ring_of(first) is None
    qtbot.keyClick(first, Qt.Key.Key_Down)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Up)
    assert first.hasFocus()
    assert ring_of(first)


def test_focus_that_qt_hands_on_by_itself_shows_no_ring(qtbot, open_window):
    window = open_window()
    start = window.findChild(QWidget, "start_button")
    window.findChild(QWidget, "dataset_picker").setFocus()
    window.train.setup.focus_start()
    start.setEnabled(False)  # Qt names the Tab key as the reason of what follows
    now = QApplication.focusWidget()
    assert now not in (None, start)
    assert ring_of(now) is None
    qtbot.keyClick(now, Qt.Key.Key_Tab)
    assert ring_of(QApplication.focusWidget())
