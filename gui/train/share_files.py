"""What is shared as a file: its bytes, what it is called, and the ways it goes, on disk or to another program."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData, QUrl
from PySide6.QtGui import QGuiApplication, QImage, QImageWriter

from engine.core.disk import cannot_write, require_room
from engine.core.files import NAME_BYTES, write_pieces
from engine.core.paths import home
from gui.kit import formats
from gui.train.share_film import Film, film
from gui.train.share_pictures import draw_card, draw_moment
from gui.train.shared_run import SharedRun

Ending = Literal["png", "gif"]

_CLOSE = "\u00a0"  # a space at which no line is broken
_NOT_IN_NAMES = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|]+")  # of some disk


@dataclass(frozen=True, slots=True)
class SharedFile:
    """A picture as a file.

    Attributes:
        data: all of it.
        ending: what kind of file it is.
        still: what is shown of it where nothing moves.
        says: what it is, in words: its length, its pixels, its size on disk.
    """

    data: bytes
    ending: Ending
    still: QImage
    says: str


def card_file(run: SharedRun, dark: bool) -> SharedFile:
    """Return a run's card as PNG."""
    image, data = draw_card(run, dark), QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    buffer.close()
    whole = bytes(data.data())
    return SharedFile(whole, "png", image, _words((image.width(), image.height()), len(whole)))


def film_file(run: SharedRun, dark: bool, stopped: Callable[[], bool]) -> Iterator[float | SharedFile]:
    """Make a run's animated picture: yield how much is done, from 0 to 1, then the GIF; none once it is stopped."""
    for made in film(run, dark, stopped):
        if isinstance(made, Film):
            moments = f"{formats.plural(made.moments, 'moment')} in {formats.duration(made.ms / 1000)}"
            still = draw_moment(run, len(run.moments) - 1, dark)
            yield SharedFile(made.data, "gif", still, _words(made.size, len(made.data), moments))
        else:
            yield made


def _words(size: tuple[int, int], length: int, moments: str = "") -> str:
    """Return what a picture is in words, of which those that belong together stay on one line."""
    width, height = map(formats.whole, size)
    parts = (moments, f"{width} × {height} pixels", formats.disk(length))
    return " · ".join(part.replace(" ", _CLOSE) for part in parts if part)


def file_name(title: str, ending: Ending) -> str:
    """Return what a picture of a text of this title is called."""
    name = " ".join(_NOT_IN_NAMES.sub(" ", title).split()).strip(".")
    return f"{name.encode()[: NAME_BYTES // 2].decode('utf-8', 'ignore').rstrip() or 'Understudy'}.{ending}"


def save(file: SharedFile, place: Path) -> Path:
    """Write a picture where a person said, and return where that is: with its ending, whatever was typed.

    Raises UnderstudyError when the disk is full or the place cannot be written.
    """
    if place.suffix.lower() != f".{file.ending}":
        place = place.with_name(f"{place.name}.{file.ending}")
    try:
        require_room(place, len(file.data))
        write_pieces(place, [file.data])
    except OSError as error:
        raise cannot_write(place, error, len(file.data)) from error
    return place


def put_on_clipboard(file: SharedFile, title: str) -> None:
    """Put a picture on the clipboard: a still as a picture, one that moves as `for_others` gives it.

    What is made here must go before Python does: at the end of the application it is taken off again.
    """
    clipboard = QGuiApplication.clipboard()
    if file.ending == "png":
        clipboard.setImage(file.still)
        return
    mime = for_others(file, title)
    clipboard.setMimeData(mime)
    app = QGuiApplication.instance()
    if app is not None:
        app.aboutToQuit.connect(_take_off_clipboard)


def _take_off_clipboard() -> None:
    """Take what moves off the clipboard, if it is still ours."""
    clipboard = QGuiApplication.clipboard()
    mime: QMimeData | None = clipboard.mimeData()  # none once it was taken off
    if mime is not None and any(Path(url.toLocalFile()).parent == _folder() for url in mime.urls()):
        clipboard.clear()


def for_others(file: SharedFile, title: str) -> QMimeData:
    """Return a picture as other programs take it from the clipboard or from a drag.

    A still is a picture; one that moves is a file besides, for no program takes it otherwise: in our own folder, until
    the next one. Raises UnderstudyError when that cannot be written.
    """
    mime = QMimeData()
    if file.ending == "gif":
        mime.setData("image/gif", QByteArray(file.data))
        mime.setUrls([QUrl.fromLocalFile(str(_kept(file, title)))])
    else:
        mime.setImageData(file.still)
    return mime


def for_a_drag(file: SharedFile, title: str) -> QMimeData:
    """Return a picture as it is dropped elsewhere: as `for_others`, and always as a file too."""
    mime = for_others(file, title)
    if not mime.hasUrls():
        mime.setUrls([QUrl.fromLocalFile(str(_kept(file, title)))])
    return mime


def _kept(file: SharedFile, title: str) -> Path:
    """Write a picture into our own folder, in place of the one before."""
    folder = _folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for earlier in folder.iterdir():
            earlier.unlink()
    except OSError as error:
        raise cannot_write(folder, error, len(file.data)) from error
    return save(file, folder / file_name(title, file.ending))


def _folder() -> Path:
    """Return where a picture is for other programs to take it from."""
    return home() / "shared"
