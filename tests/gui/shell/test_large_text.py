"""With text at 150 %, in a small and in a usual window, nothing that a person reads is cut or overprinted."""

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QScrollArea, QTabBar, QWidget

from engine.core.config import TrainConfig
from engine.core.errors import OutOfMemoryError
from engine.core.events import Sample
from engine.core.paths import runs_dir
from engine.datasets.prepare import prepare
from engine.planning.own_presets import save_preset
from engine.runs.folder import RunFolder
from engine.runs.listing import summary
from gui.kit import preferences
from gui.kit.parts import Disclosure
from gui.kit.theme import Size
from tests.gui import fake_writer
from tests.gui.cramped import cramped
from tests.gui.fake_run import evaluation, finished, recorded, started, step
from tests.gui.kit.test_accessible import sheets_over

LARGE = 1.5
SIZES = pytest.mark.parametrize("size", [Size.WINDOW_LEAST, (1100, 720)], ids=["least", "usual"])


@pytest.fixture
def large(open_window, stylist, qtbot):
    """Return a function that opens the window with large text, a run and a text being there."""

    def open_it(size):
        preferences.set_text_scale(LARGE)
        stylist.set_text_scale(LARGE)
        save_preset("Mine", TrainConfig())
        for name in ("Complete Shakespeare, Saturday 04:28", "Complete Shakespeare, Sunday 18:02"):
            told = started(), evaluation(0, 4.0), step(0), Sample(iter_num=50, prompt="", text="ROMEO:\nSo it is.")
            recorded(runs_dir() / name, *told, evaluation(50, 3.0), finished("done", 50)).checkpoint.touch()
        window = open_window()
        window.resize(*size)
        settle()
        return window

    yield open_it
    stylist.set_text_scale(1.0)


def settle():
    for _ in range(4):  # what wraps asks for another height, which is heard of in the next turn
        QApplication.processEvents()


def tell(notice):
    """Tell of something in several lines."""
    why = "The model and its batch take 9.1 GB, and this machine has 8 GB, of which others hold a part."
    notice.tell_error(OutOfMemoryError("There is not enough memory.", cause=why))
    notice.add_button("Go On Without It", "go_on", lambda: None)


@SIZES
@pytest.mark.parametrize("tab", ["train", "generate", "data", "runs"])
def test_a_tab_has_room_for_all_its_words(large, qtbot, tab, size):
    window = large(size)
    window.tabs.setCurrentWidget(getattr(window, tab))
    if tab == "runs":
        qtbot.waitUntil(lambda: bool(window.runs._table.selected()))
    settle()
    found = cramped(window)
    for notice in (window.runs._notice, window.data._notice):
        tell(notice)
    settle()
    found += cramped(window)
    assert window._first_steps_bar.isVisible()
    table = window.runs._table
    assert tab != "runs" or table.viewport().height() >= 2 * table.rowHeight(0)
    assert not found, "\n".join(found)


@SIZES
def test_details_have_room_for_what_is_to_correct(large, qtbot, size):
    window = large(size)
    window.tabs.setCurrentWidget(window.train)
    window.train.setup.head.open_details()
    for each in window.train.findChildren(Disclosure):
        each.setChecked(True)
    qtbot.keyClicks(window.train.findChild(QLineEdit, "setting_learning_rate"), "x")
    settle()
    assert window.train.findChild(QWidget, "reset_all").isVisible()
    found = cramped(window)
    assert not found, "\n".join(found)


def test_details_of_a_slow_machine_are_no_wider_than_their_place(large):
    """An estimate that may be off by half either way is told in many words."""
    window = large((960, 640))
    window.tabs.setCurrentWidget(window.train)
    window.train.setup.head.open_details()
    window.train.findChild(QLabel, "time_estimate").setText("18 h 30 min (15 h 24 min to 23 h 23 min)")
    settle()
    scroll = window.train.findChild(QScrollArea, "setup_scroll")
    assert scroll.isVisible()
    assert scroll.widget().minimumSizeHint().width() <= scroll.viewport().width()


@SIZES
def test_text_and_scene_have_room_for_all_their_words(large, qtbot, size, tmp_path, monkeypatch):
    fake_writer.install(monkeypatch)
    (tmp_path / "play.txt").write_text("ROMEO:\nO, speak again\n\nJULIET:\nAy me\n\n" * 30)
    prepare(str(tmp_path / "play.txt"), name="play", tokenizer="char")
    folder = RunFolder.new(TrainConfig(dataset="play"))
    folder.write_config(TrainConfig(dataset="play"))
    folder.best.touch()
    window, found = large(size), []
    window.tabs.setCurrentWidget(window.generate)
    window.generate.open_checkpoint(folder.best)
    switch = window.generate.findChild(QTabBar, "scene_switch")
    qtbot.waitUntil(switch.isVisible)
    window.generate._composer.set_prompt("ROMEO:\n" * 8)
    tell(window.generate._notice)
    settle()
    found += cramped(window)
    window.generate._notice.dismiss()
    window.generate._composer.set_prompt("ROMEO:")
    window.generate._generate()
    qtbot.waitUntil(lambda: not window.generate._busy)
    for at in range(switch.count()):
        switch.setCurrentIndex(at)
        settle()
        found += cramped(window)
    assert not found, "\n".join(found)


@SIZES
def test_the_data_pages_have_room_for_all_their_words(large, qtbot, size, tmp_path):
    (tmp_path / "diary.txt").write_text("Dear diary, so it is.\n" * 100)
    prepare(str(tmp_path / "diary.txt"), tokenizer="char")
    window, found = large(size), []
    window.tabs.setCurrentWidget(window.data)
    window.data.refresh("diary")
    pages = window.data.findChild(QTabBar, "data_pages")
    for at in range(pages.count()):
        pages.setCurrentIndex(at)
        qtbot.waitUntil(lambda: "Counting" not in window.data.findChild(QLabel, "scale_verdict").text())
        settle()
        found += cramped(window)
        tell(window.data._notice)
        settle()
        found += cramped(window)
        window.data._notice.dismiss()
    window.data.findChild(QWidget, "gallery_button").click()
    settle()
    found += cramped(window)
    text = tmp_path / "the complete plays with a context of many words, and a learning rate.txt"
    text.write_text("Now is the winter of our discontent.\n" * 400)
    window.data.add([text])
    qtbot.waitUntil(lambda: "different" in window.data._draft._found.text())
    settle()
    found += cramped(window)
    assert not found, "\n".join(found)


@SIZES
def test_the_sheets_have_room_for_all_their_words(large, qtbot, size, tmp_path):
    (tmp_path / "bad.tar.gz").touch()
    window, found, seen = large(size), [], set()
    for _ in sheets_over(window, summary(next(runs_dir().glob("*28"))), tmp_path / "bad.tar.gz"):
        settle()
        for each in window.findChildren(QWidget):
            if each.isWindow() and each.isVisible():
                seen.add(each.objectName())
                found += [f"{each.objectName()}: {one}" for one in cramped(each)]
    assert {"settings_window", "about_box", "guide_window", "export_sheet", "pack_sheet", "quit_sheet"} <= seen
    assert not found, "\n".join(found)


def test_the_mask_leaves_its_room_to_the_words(large):
    window = large(Size.WINDOW_LEAST)
    told = started(), evaluation(0, 4.0), step(0), finished("stopped", 1)
    left = recorded(runs_dir() / "left", *told, name="Our Chat, Sunday 17:11")
    window.train.stage.offer(summary(left.path))
    settle()
    assert not cramped(window)
    assert not window.train.stage.findChild(QLabel, "mask").isVisible()
    window.resize(1100, 900)
    settle()
    assert not cramped(window)
    assert window.train.stage.findChild(QLabel, "mask").isVisible()
