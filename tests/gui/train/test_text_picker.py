"""The texts to learn from: what each is, and the way to one's own."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QListView

from engine.core.jobs import Control, events_of
from engine.datasets.prepare import prepare
from engine.datasets.refit import ensure_ready
from gui.train.choice_rows import DETAIL
from gui.train.plan import texts
from gui.train.text_picker import OWN_TEXT, TextPicker
from tests.gui.hands import name_file

CHAT = "ANN:\nyes, I do\n\nBO:\nno\n\n"


@pytest.fixture
def chat(tmp_path):
    path = tmp_path / "Our_Chat.txt"
    path.write_text(CHAT * 40, "utf-8")
    return path


@pytest.fixture
def picker(qtbot, stylist):
    made = TextPicker()
    qtbot.addWidget(made)
    made.show()
    return made


def detail(picker, name):
    return picker.itemData(picker.findData(name), DETAIL)


def test_each_text_says_what_it_is(picker, chat):
    prepare(str(chat), tokenizer="char")
    picker.show_texts(texts(), "Our_Chat")
    assert picker.currentText() == "Our Chat"
    assert picker.toolTip() == picker.itemData(picker.currentIndex(), Qt.ItemDataRole.ToolTipRole) == "Our_Chat"
    assert detail(picker, "Our_Chat") == "1 KB · 2 speakers"
    assert detail(picker, "shakespeare").startswith("Downloads 1.1 MB first · nanoGPT’s 40,000 lines")
    assert detail(picker, "shakespeare_complete").startswith("4.8 MB · 38 plays in full")


def test_a_text_that_a_run_made_ready_tells_who_speaks_in_it(picker, chat, tmp_path):
    prepare(str(chat), name="python_library_bpe300", tokenizer="char")
    meta = tmp_path / "home" / "datasets" / "python_library_bpe300" / "meta.json"
    meta.write_text(meta.read_text("utf-8").replace('"asked": true', '"asked": false'), "utf-8")
    picker.show_texts(texts(), "shakespeare_complete")
    assert detail(picker, "python_library").startswith("1 KB · 2 speakers · The source of Python’s")


def test_a_text_of_ones_own_in_other_tokens_is_no_text_of_its_own(picker, chat):
    prepare(str(chat), tokenizer="char")
    control = Control()
    assert list(events_of(ensure_ready("Our_Chat_bpe280", control), control))
    picker.show_texts(texts(), "Our_Chat")
    titles = [picker.itemText(at) for at in range(picker.count())]
    assert titles.count("Our Chat") == 1
    assert titles[-1] == OWN_TEXT


def test_the_arrow_keys_choose_texts_and_ask_for_nothing(qtbot, picker):
    picker.show_texts(texts(), "shakespeare")
    known, chosen, asked = texts(), [], []
    picker.chosen.connect(chosen.append)
    picker.own_text_asked.connect(lambda: asked.append(True))
    for _ in range(len(known)):
        qtbot.keyClick(picker, Qt.Key.Key_Down)
    assert picker.currentData() == chosen[-1] == known[-1].name
    assert not asked


@pytest.mark.parametrize("width", [960, 1400])
def test_no_description_in_the_list_is_cut(open_window, width):
    window = open_window()
    window.resize(width, 700)
    picker = window.findChild(TextPicker, "dataset_picker")
    picker.showPopup()
    view = picker.findChild(QListView)
    wished = {
        picker.itemText(at): view.sizeHintForIndex(picker.model().index(at, 0)).width() for at in range(picker.count())
    }
    room = view.viewport().width()
    assert room <= window.width()
    assert {title: wish for title, wish in wished.items() if wish > room} == {}
    picker.hidePopup()


def test_ones_own_text_is_chosen_from_the_list_and_set_up(qtbot, open_window, chat):
    window = open_window()
    picker = window.findChild(TextPicker, "dataset_picker")

    def ask():
        picker.showPopup()
        view = picker.findChild(QListView)
        QApplication.processEvents()
        last = view.model().index(picker.count() - 1, 0)
        assert last.data() == OWN_TEXT
        view.scrollTo(last)
        qtbot.mouseMove(view.viewport(), view.visualRect(last).center())
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(last).center())
        qtbot.waitUntil(lambda: window.findChild(QFileDialog, "add_files_sheet") is not None)

    ask()
    assert picker.currentData() == "shakespeare_complete"
    window.findChild(QFileDialog, "add_files_sheet").reject()
    qtbot.waitUntil(lambda: window.findChild(QFileDialog, "add_files_sheet") is None)
    assert window.tabs.currentWidget() is window.train  # nothing was chosen: nothing is another
    ask()
    name_file(window, "add_files_sheet", chat)
    assert window.tabs.currentWidget() is window.data
    assert window.data.findChild(TextPicker) is None
    assert window.data._draft.draft.name == "Our Chat"
