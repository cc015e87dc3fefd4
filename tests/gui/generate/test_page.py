"""The page of the Generate tab: what is told has room, and what is written with stays whole."""

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from gui.generate.page import WritingPage


@pytest.fixture
def page(qtbot, stylist):
    stylist.set_text_scale(1.5)
    window = QWidget()
    qtbot.addWidget(window)
    made = WritingPage(window)  # not laid out: it is as large as it is told
    made.show_model(True)
    made.resize(540, 440)
    window.show()
    yield made
    stylist.set_text_scale(1.0)


def test_in_a_small_window_a_notice_takes_the_room_of_the_texts_and_gives_it_back(qtbot, page):
    composer = page.composer
    page.notice.tell(
        "The checkpoint is damaged or not a checkpoint. " * 2, "It is a text. Use another checkpoint. " * 2
    )
    qtbot.waitUntil(lambda: composer.hint.geometry().top() > composer.prompt_edit.geometry().bottom())
    assert not page.transcript.isVisible()
    assert composer.height() >= composer.heightForWidth(composer.width())
    page.notice.dismiss()
    qtbot.waitUntil(page.transcript.isVisible)


def test_where_there_is_room_the_texts_stay_under_a_notice(page):
    page.resize(900, 1000)
    page.notice.tell("The checkpoint is damaged or not a checkpoint.")
    QApplication.processEvents()
    assert page.transcript.isVisible()
    assert page.bar.isVisible()
