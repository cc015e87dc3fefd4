import codecs
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QComboBox, QLabel, QPlainTextEdit, QWidget

from engine.core.events import TextMeasured
from engine.text.wishes import ReadingWishes
from gui.data.draft import DraftMeasured
from gui.data.reading_view import ENCODINGS, ReadingView
from gui.kit.parts import column

WISHES = ReadingWishes()
TEXT = TextMeasured(bytes=9, exact=True, symbols=3, gpt2=1.0, char=1.0, bpe=())
FOUND = DraftMeasured(
    text=TEXT,
    speeds=(),
    files=2,
    documents=2,
    beginning="Dear diary,\n",
    sentences=("One file in Windows-1252 became UTF-8.", "3 soft hyphens."),
)


@pytest.fixture
def view(qtbot):
    view = ReadingView()
    qtbot.addWidget(view)
    return view


def test_each_encoding_that_is_offered_is_one():
    for name in filter(None, ENCODINGS):
        assert codecs.lookup(name)
    assert len(set(ENCODINGS.values())) == len(ENCODINGS)


def test_what_was_found_is_shown_and_goes_while_it_is_looked_at_anew(view):
    view.show_found(FOUND, ReadingWishes())
    assert view.findChild(QPlainTextEdit, "draft_preview").toPlainText() == "Dear diary,\n"
    assert view.findChild(QLabel, "draft_note_1").text().endswith("3 soft hyphens.")
    view.show_waiting(ReadingWishes(encoding="cp1250"), of_files=True)
    assert view.findChild(QPlainTextEdit, "draft_preview").toPlainText() == ""
    assert view.findChild(QComboBox, "draft_encoding").currentData() == "cp1250"
    view.show_waiting(ReadingWishes(encoding="no encoding"), of_files=True)
    assert view.findChild(QComboBox, "draft_encoding").currentData() == ""


def test_an_encoding_is_chosen(qtbot, view):
    picker = view.findChild(QComboBox, "draft_encoding")
    picker.setCurrentIndex(picker.findData("koi8-r"))
    with qtbot.waitSignal(view.wished) as wished:
        picker.activated.emit(picker.currentIndex())
    assert wished.args == ["encoding", "koi8-r"]


def test_keys_are_offered_where_files_have_them(qtbot, view):
    picker = view.findChild(QComboBox, "draft_text_key")
    assert picker.isHidden() or not picker.isVisibleTo(view)
    view.show_keys(["id", "note", "who"], ReadingWishes(text_key="note"))
    assert picker.isVisibleTo(view)
    assert picker.currentData() == "note"
    speakers = view.findChild(QComboBox, "draft_speaker_key")
    assert speakers.currentData() == ""
    speakers.setCurrentIndex(speakers.findData("who"))
    with qtbot.waitSignal(view.wished) as wished:
        speakers.activated.emit(speakers.currentIndex())
    assert wished.args == ["speaker_key", "who"]
    view.show_another()
    assert not picker.isVisibleTo(view)


def test_a_built_in_text_shows_its_beginning_too_and_no_choice_of_encoding(view):
    view.show()
    encoding = view.findChild(QComboBox, "draft_encoding")
    view.show_waiting(ReadingWishes(), of_files=False)
    view.show_found(FOUND, ReadingWishes())
    assert view.findChild(QPlainTextEdit, "draft_preview").toPlainText() == FOUND.beginning
    assert not encoding.isVisible()
    view.show_waiting(ReadingWishes(), of_files=True)
    assert encoding.isVisible()


def test_nothing_is_printed_over_another_where_there_is_little_room(qtbot):
    page, view = QWidget(), ReadingView()
    qtbot.addWidget(page)
    layout = column(page)
    layout.addWidget(view)
    layout.addStretch()
    view.show_found(replace(FOUND, sentences=("One file was left out, and why takes " + "many words " * 20,)), WISHES)
    page.resize(320, 900)
    page.show()
    preview, note = view.findChild(QPlainTextEdit, "draft_preview"), view.findChild(QLabel, "draft_note_0")
    qtbot.waitUntil(lambda: note.height() >= note.heightForWidth(note.width()) > note.fontMetrics().height())
    assert note.geometry().top() > preview.geometry().bottom()
