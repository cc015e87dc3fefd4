import codecs

import pytest
from PySide6.QtWidgets import QComboBox, QLabel, QPlainTextEdit

from gui.data.reading_view import ENCODINGS, ReadingView


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
    view.show_found("Dear diary,\n", ["One file in Windows-1252 became UTF-8.", "3 soft hyphens."])
    assert view.findChild(QPlainTextEdit, "draft_preview").toPlainText() == "Dear diary,\n"
    assert view.findChild(QLabel, "draft_note_1").text().endswith("3 soft hyphens.")
    view.show_waiting("cp1250")
    assert view.findChild(QPlainTextEdit, "draft_preview").toPlainText() == ""
    assert view.findChild(QComboBox, "draft_encoding").currentData() == "cp1250"
    view.show_waiting("no encoding")
    assert view.findChild(QComboBox, "draft_encoding").currentData() == ""


def test_an_encoding_is_chosen(qtbot, view):
    picker = view.findChild(QComboBox, "draft_encoding")
    picker.setCurrentIndex(picker.findData("koi8-r"))
    with qtbot.waitSignal(view.encoding_chosen) as chosen:
        picker.activated.emit(picker.currentIndex())
    assert chosen.args == ["koi8-r"]
