"""The small picture: as sharp as the screen, moving unless motion is reduced, and dragged out with the mouse."""

import pytest
from PySide6.QtCore import QPoint, Qt

from gui.kit import motion
from gui.train import share_film
from gui.train.share_files import card_file, film_file
from gui.train.share_preview import SharePreview
from tests.gui.train.test_share_pictures import VERSE, run_of

RUN = run_of("qx;; z", VERSE)


@pytest.fixture
def preview(qtbot):
    made = SharePreview()
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def moving(monkeypatch):
    monkeypatch.setattr(share_film, "RATIO", 0.5)
    monkeypatch.setattr(share_film, "lasts_ms", lambda _: 20)
    return list(film_file(RUN, False, lambda: False))[-1]


def test_a_still_fills_it(preview):
    preview.show_file(card_file(RUN, dark=True), "Mine: words")
    assert preview.pixmap().deviceIndependentSize().toSize() == preview.size()
    assert preview.accessibleDescription() == "Mine: words"
    assert not preview.is_playing


def test_what_moves_is_played_until_another_is_shown(qtbot, preview, moving):
    preview.show_file(moving, "")
    assert preview.is_playing
    still = preview.pixmap().cacheKey()
    qtbot.waitUntil(lambda: preview.pixmap().cacheKey() != still)
    preview.show_file(card_file(RUN, dark=True), "")
    assert not preview.is_playing


def test_where_motion_is_reduced_the_last_words_stand_still(preview, moving, monkeypatch):
    monkeypatch.setattr(motion, "is_reduced", lambda: True)
    preview.show_file(moving, "")
    assert not preview.is_playing
    assert not preview.pixmap().isNull()


def test_a_drag_begins_once_the_mouse_has_moved_far_enough(qtbot, preview):
    asked = []
    preview.drag_asked.connect(lambda: asked.append(1))
    qtbot.mousePress(preview, Qt.MouseButton.LeftButton, pos=QPoint(50, 50))
    qtbot.mouseMove(preview, QPoint(51, 50))
    assert not asked
    qtbot.mouseMove(preview, QPoint(120, 50))
    qtbot.mouseMove(preview, QPoint(180, 50))
    assert asked == [1]
