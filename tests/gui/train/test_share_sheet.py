"""The sheet that shares a run: the picture is made off the window's thread, saved, copied, and given up when asked."""

import io
from threading import Event

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QRadioButton, QWidget

from engine.core.events import Sample
from gui.kit.notice import Notice
from gui.train import share_files, share_film, share_sheet
from gui.train.share_preview import SharePreview
from gui.train.share_sheet import ShareSheet, open_share_sheet
from tests.fake_events import started, step
from tests.gui.fake_run import recorded
from tests.gui.hands import name_file, press


def run_that_wrote(path, *words):
    samples = [Sample(iter_num=50 * at, prompt="", text=each) for at, each in enumerate(words)]
    return recorded(path, started(chip="Apple M4"), step(0), step(99), *samples).path


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setattr(share_film, "RATIO", 0.5)


@pytest.fixture
def open_sheet(qtbot, stylist, tmp_path):
    """Return a function that opens the sheet for a run that wrote some words, and waits for its card."""

    def open_it(*words):
        made = ShareSheet(run_that_wrote(tmp_path / f"run {words}", *words))
        qtbot.addWidget(made)
        made.show()
        qtbot.waitUntil(lambda: (made.file is not None) == bool(words) and "Reading" not in what(made))
        return made

    return open_it


def what(sheet):
    return sheet.findChild(QLabel, "share_what").text()


def choose(qtbot, sheet, name):
    press(qtbot, sheet, name)
    qtbot.waitUntil(lambda: sheet.file is not None)


def opened(file):
    return Image.open(io.BytesIO(file.data))


def test_a_card_is_shown_and_saved_where_a_person_says(qtbot, open_sheet, tmp_path):
    sheet = open_sheet("xq zj", "to be")
    assert not sheet.findChild(SharePreview, "share_preview").pixmap().isNull()
    assert "1,080" in what(sheet)
    press(qtbot, sheet, "share_save_button")
    name_file(sheet, "share_place_sheet", tmp_path / "mine.png")
    assert (tmp_path / "mine.png").read_bytes() == sheet.file.data
    assert sheet.findChild(Notice, "share_notice").accessibleName() == "Saved as “mine.png”."


def test_the_animated_picture_and_the_dark_look_are_made_when_they_are_chosen(qtbot, open_sheet):
    sheet = open_sheet("xq zj", "to be", "to be or not")
    choose(qtbot, sheet, "share_kind_film")
    assert opened(sheet.file).n_frames == 3
    assert opened(sheet.file).convert("RGB").getpixel((0, 0)) == (255, 255, 255)
    assert "3 moments" in what(sheet).replace("\u00a0", " ")
    choose(qtbot, sheet, "share_look_dark")
    assert sum(opened(sheet.file).convert("RGB").getpixel((0, 0))) < 200
    choose(qtbot, sheet, "share_kind_card")
    choose(qtbot, sheet, "share_look_light")
    assert opened(sheet.file).format == "PNG"


def test_a_place_that_cannot_be_written_is_told_and_the_sheet_stays(open_sheet, tmp_path):
    sheet = open_sheet("xq zj", "to be")
    (tmp_path / "file").touch()
    sheet.save_to(tmp_path / "file" / "mine.png")
    told = sheet.findChild(Notice, "share_notice")
    assert told.isVisible()
    assert told.accessibleName() == "mine.png cannot be written."
    assert sheet.findChild(QAbstractButton, "share_save_button").isEnabled()


def test_the_picture_goes_to_the_clipboard(qtbot, open_sheet):
    sheet = open_sheet("xq zj", "to be")
    press(qtbot, sheet, "share_copy_button")
    assert QGuiApplication.clipboard().image().width() == 1080
    choose(qtbot, sheet, "share_kind_film")
    press(qtbot, sheet, "share_copy_button")
    assert QGuiApplication.clipboard().mimeData().urls()[0].fileName() == "Complete Shakespeare.gif"
    press(qtbot, sheet, "share_copy_button")
    QGuiApplication.instance().aboutToQuit.emit()
    assert QGuiApplication.clipboard().mimeData() is None, "it would outlive Python"


def test_what_is_being_made_is_given_up_when_another_is_chosen_or_the_sheet_closes(qtbot, open_sheet, monkeypatch):
    sheet = open_sheet("xq zj", "to be")
    ended = []

    def endless(_run, _dark, stopped):
        while not stopped():
            Event().wait(0.001)
            yield 0.5
        ended.append(1)

    monkeypatch.setattr(share_sheet, "film_file", endless)
    press(qtbot, sheet, "share_kind_film")
    assert sheet.findChild(QWidget, "share_progress").isVisible()
    assert not sheet.findChild(QAbstractButton, "share_save_button").isEnabled()
    choose(qtbot, sheet, "share_kind_card")
    qtbot.waitUntil(lambda: ended == [1])
    press(qtbot, sheet, "share_kind_film")
    press(qtbot, sheet, "share_close_button")
    qtbot.waitUntil(lambda: ended == [1, 1])


def test_a_picture_that_cannot_be_made_is_told(qtbot, open_sheet, monkeypatch):
    def refused(*_):
        raise OSError("no fonts")
        yield

    monkeypatch.setattr(share_sheet, "film_file", refused)
    sheet = open_sheet("xq zj", "to be")
    press(qtbot, sheet, "share_kind_film")
    qtbot.waitUntil(sheet.findChild(Notice, "share_notice").isVisible)
    assert not sheet.findChild(QAbstractButton, "share_save_button").isEnabled()


def test_a_run_that_wrote_once_has_a_card_and_says_why_nothing_moves(open_sheet):
    sheet = open_sheet("xq zj")
    assert not sheet.findChild(QRadioButton, "share_kind_film").isEnabled()
    assert "once so far" in what(sheet)


def test_a_run_that_wrote_nothing_says_so(open_sheet):
    sheet = open_sheet()
    assert "not written anything yet" in what(sheet)
    assert not sheet.findChild(QAbstractButton, "share_save_button").isEnabled()


def test_one_sheet_is_open_at_a_time(qtbot, stylist, tmp_path):
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    for name in ("one", "two"):
        open_share_sheet(window, run_that_wrote(tmp_path / name, "to be"))
    sheets = [each for each in window.findChildren(ShareSheet) if each.isVisible()]
    assert len(sheets) == 1
    qtbot.waitUntil(lambda: sheets[0].file is not None)


def test_nothing_is_sent_anywhere():
    """The modules that make and hand on the pictures know no network."""
    for module in (share_sheet, share_files, share_film):
        assert not {"requests", "socket", "QtNetwork"} & set(vars(module))


def test_the_window_has_its_shortcuts_again_once_the_sheet_is_closed(qtbot, open_window, tmp_path):
    window = open_window()
    before = QApplication.focusWidget()
    for key, tab in ((Qt.Key.Key_2, window.generate), (Qt.Key.Key_3, window.data), (Qt.Key.Key_4, window.runs)):
        sheet = open_share_sheet(window, run_that_wrote(tmp_path / f"run {key}", "xq zj"))
        qtbot.waitUntil(sheet.isActiveWindow)
        qtbot.keyClick(sheet, Qt.Key.Key_Escape)
        assert QApplication.activeModalWidget() is None
        with qtbot.waitActive(window):  # a system does so by itself; without one, no window is active for now
            window.activateWindow()
        assert QApplication.focusWidget() is before
        qtbot.keyClick(QApplication.focusWidget(), key, Qt.KeyboardModifier.ControlModifier)
        assert window.tabs.currentWidget() is tab
        before = QApplication.focusWidget()
