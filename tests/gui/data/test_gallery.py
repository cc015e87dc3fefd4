from dataclasses import replace

import pytest
from PySide6.QtWidgets import QFrame, QLabel, QPushButton

from engine.datasets.prepare import prepare
from engine.text.catalogue import FirstSample, catalogue
from gui.data.gallery import GalleryPage, TextCard
from gui.data.state import text_rows
from gui.kit.parts import Elided
from gui.kit.theme import Size

SAMPLE = FirstSample(
    text="mara\nlio\n" * 9, minutes=5.0, bits_per_byte=2.3461, iterations=99, machine="A Machine", cores=2
)


@pytest.fixture
def gallery(qtbot):
    page = GalleryPage()
    qtbot.addWidget(page)
    page.show_rows(text_rows(), training=False)
    page.show()
    return page


def shown(page, name):
    return page.findChild(QPushButton, name).isVisible()


def test_each_text_has_a_card_with_the_one_thing_to_do(gallery):
    for entry in catalogue().values():
        assert shown(gallery, f"gallery_train_{entry.name}") is entry.offline
        assert shown(gallery, f"gallery_download_{entry.name}") is not entry.offline
        assert shown(gallery, f"gallery_copy_{entry.name}") is not entry.offline


def test_a_text_that_has_come_is_trained_on(gallery, tmp_path):
    (tmp_path / "play.txt").write_text("To be, or not to be.\n" * 200)
    prepare(str(tmp_path / "play.txt"), name="names_too")
    row = next(row for row in text_rows() if row.name == "names")
    gallery.show_rows([replace(row, dataset=text_rows()[-1].dataset)], training=False)
    assert shown(gallery, "gallery_train_names")
    assert not shown(gallery, "gallery_download_names")


def test_no_training_is_offered_while_one_is_on(gallery):
    gallery.show_rows(text_rows(), training=True)
    assert not gallery.findChild(QPushButton, "gallery_train_shakespeare_complete").isEnabled()
    assert gallery.findChild(QPushButton, "gallery_download_names").isEnabled()


@pytest.mark.parametrize(
    ("button", "signal"),
    [
        ("gallery_train_python_library", "train_asked"),
        ("gallery_download_alice", "download_asked"),
        ("gallery_copy_alice", "copy_asked"),
    ],
)
def test_a_button_asks_for_its_text(qtbot, gallery, button, signal):
    with qtbot.waitSignal(getattr(gallery, signal)) as asked:
        gallery.findChild(QPushButton, button).click()
    assert asked.args == [button.split("_", 2)[2]]


def test_a_sample_is_shown_as_it_was_written_with_how_it_was_made(qtbot):
    made = TextCard(catalogue()["names"], SAMPLE)
    qtbot.addWidget(made)
    written = made.findChild(QFrame, "gallery_sample_names").findChildren(Elided)
    assert [line.whole() for line in written] == ["mara", "lio"] * 2 + ["mara", "lio …"]
    words = " ".join(label.text() for label in made.findChildren(QLabel))
    assert "after 5 minutes on A Machine, 2 cores. 2.35 bits per byte" in words


def test_there_are_two_columns_where_there_is_room(qtbot, gallery):
    cards = gallery.findChildren(TextCard)
    gallery.resize(Size.SIDEBAR, 900)
    qtbot.waitUntil(lambda: len({card.x() for card in cards}) == 1)
    gallery.resize(3 * Size.SIDEBAR, 900)
    qtbot.waitUntil(lambda: len({card.x() for card in cards}) == 2)
