"""What is shared as a file: on disk, on the clipboard and in a drag; a place that takes nothing is told."""

import errno
import io
import shutil
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtGui import QImage

from engine.core import files
from engine.core.errors import UnderstudyError
from gui.train import share_film
from gui.train.share_files import SharedFile, card_file, file_name, film_file, for_a_drag, for_others, save
from tests.gui.train.test_share_pictures import VERSE, run_of

RUN = run_of("qx;; z", VERSE)


@pytest.fixture
def card(qapp):
    return card_file(RUN, dark=False)


@pytest.fixture
def moving(qapp, monkeypatch):
    monkeypatch.setattr(share_film, "RATIO", 0.5)
    *_, made = film_file(RUN, False, lambda: False)
    assert isinstance(made, SharedFile)
    return made


def test_a_card_is_a_png_and_says_how_large_it_is(card):
    with Image.open(io.BytesIO(card.data)) as picture:
        assert (picture.format, picture.size) == ("PNG", (1080, 1350))
    assert card.says.replace("\u00a0", " ") == f"1,080 × 1,350 pixels · {len(card.data) / 1000:.0f} KB"


def test_a_film_is_a_gif_and_says_how_long_and_how_large_it_is(moving):
    with Image.open(io.BytesIO(moving.data)) as picture:
        assert (picture.format, picture.n_frames) == ("GIF", 2)
    assert moving.says.replace("\u00a0", " ").startswith("2 moments in 4 s · 270 × 338 pixels · ")


@pytest.mark.parametrize("typed", ["mine", "mine.png", "mine.PNG", "mine.gif", "mine.v2"])
def test_a_picture_is_saved_with_its_ending(card, tmp_path, typed):
    place = save(card, tmp_path / typed)
    assert place.suffix.lower() == ".png"
    assert place.name.startswith(typed)
    assert place.read_bytes() == card.data
    assert list(tmp_path.iterdir()) == [place]


def test_a_full_disk_is_told_and_what_stood_there_stays(card, tmp_path, monkeypatch):
    place = tmp_path / "mine.png"
    place.write_bytes(b"before")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 10, 0))
    with pytest.raises(UnderstudyError, match=r"The disk is full: mine\.png needs"):
        save(card, place)
    assert place.read_bytes() == b"before"


def test_a_disk_that_fills_meanwhile_is_told_and_nothing_is_left(card, tmp_path, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(UnderstudyError, match="The disk is full"):
        save(card, tmp_path / "mine.png")
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_told(card, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UnderstudyError) as told:
        save(card, tmp_path / "file" / "mine.png")
    assert told.value.code == "cannot_write"


def test_a_still_goes_to_the_clipboard_as_a_picture(card):
    mime = for_others(card, "Mine")
    assert mime.hasImage()
    assert not mime.hasUrls()
    assert QImage(mime.imageData()) == card.still


def test_what_moves_goes_to_the_clipboard_as_a_file_in_place_of_the_one_before(moving):
    for title in ("One", "Two"):
        mime = for_others(moving, title)
        place = Path(mime.urls()[0].toLocalFile())
        assert place.name == f"{title}.gif"
        assert place.read_bytes() == mime.data("image/gif").data() == moving.data
        assert list(place.parent.iterdir()) == [place]


def test_a_card_is_dragged_as_a_picture_and_as_a_file(card):
    mime = for_a_drag(card, "Mine")
    assert mime.hasImage()
    assert Path(mime.urls()[0].toLocalFile()).read_bytes() == card.data


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Complete Shakespeare", "Complete Shakespeare.png"),
        ("a/b\\c: <d>\n", "a b c d.png"),
        ("../..", "Understudy.png"),
        ("ספר", "ספר.png"),
        ("", "Understudy.png"),
    ],
)
def test_a_picture_is_named_for_its_text_on_any_disk(title, name):
    assert file_name(title, "png") == name


def test_a_name_is_never_too_long_for_a_disk():
    assert len(file_name("漢" * 300, "gif").encode()) <= 104
