"""The face of Understudy as it comes out of noise: the icon's mask in grains, each on its way to its place."""

from __future__ import annotations

from functools import cache
from random import Random
from xml.etree import ElementTree

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

from engine.core.paths import shipped

_GRAINS = 32  # along each side
_FARTHEST = 0.34  # of the side that a grain is away from its place in the loudest noise
_FAINTEST = 0.55  # how much of a grain is seen there
_MARGIN = 100 / 1024  # around what is drawn, as icons on a Mac have it
_SVG = "http://www.w3.org/2000/svg"


def mask_in_noise(clarity: float, size: int, ratio: float = 1.0, *, margin: bool = True) -> QPixmap:
    """Return the icon, `size` pixels wide on a screen with `ratio` device pixels to each; in a row without its margin.

    With a clarity of 1 it is whole; with 0 its mask is noise before the curtain. The noise is always the same.
    """
    key = f"mask in noise {clarity:.3f} {size} {ratio} {margin}"
    made = QPixmap()
    if not QPixmapCache.find(key, made):
        side = round(size * ratio)
        made = _draw(clarity, side if margin else round(side / (1 - 2 * _MARGIN)))
        if not margin:
            around = (made.width() - side) // 2
            made = made.copy(around, around, side, side)
        made.setDevicePixelRatio(ratio)
        QPixmapCache.insert(key, made)
    return made


def _draw(clarity: float, side: int) -> QPixmap:
    picture, face = QPixmap(_layer(side, is_face=False)), _layer(side, is_face=True)
    painter = QPainter(picture)
    if clarity >= 1.0:
        painter.drawPixmap(0, 0, face)
        painter.end()
        return picture
    grain, draw, away = side / _GRAINS, Random(_GRAINS), _FARTHEST * side * (1.0 - clarity)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceAtop)  # nothing beyond round corners
    painter.setOpacity(_FAINTEST + (1.0 - _FAINTEST) * clarity)
    inside = QRectF(side * 0.12, side * 0.12, side * 0.76, side * 0.76)
    for row in range(_GRAINS):
        for column in range(_GRAINS):
            home = QRectF(column * grain, row * grain, grain, grain)
            place = home.translated(away * draw.uniform(-1, 1), away * draw.uniform(-1, 1))
            if inside.contains(place) and inside.contains(home):
                painter.drawPixmap(place, face, home)
    painter.end()
    return picture


def _layer(side: int, *, is_face: bool) -> QPixmap:
    """Return the mask alone, or what is behind it; kept, for a run shows it at every stage of clearness."""
    key, picture = f"mask in noise {is_face} {side}", QPixmap()
    if QPixmapCache.find(key, picture):
        return picture
    picture = QPixmap(side, side)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    QSvgRenderer(QByteArray(_layers()[is_face])).render(painter, QRectF(0, 0, side, side))
    painter.end()
    QPixmapCache.insert(key, picture)
    return picture


@cache
def _layers() -> tuple[bytes, bytes]:
    """Return the icon without its mask, and its mask."""
    ElementTree.register_namespace("", _SVG)
    source = shipped("resources", "icons", "app.svg").read_text("utf-8")
    without, alone = ElementTree.fromstring(source), ElementTree.fromstring(source)
    for part in list(without):
        if part.get("id") == "face":
            without.remove(part)
    for part in list(alone):
        if part.get("id") != "face" and part.tag != f"{{{_SVG}}}defs":
            alone.remove(part)
    return ElementTree.tostring(without), ElementTree.tostring(alone)
