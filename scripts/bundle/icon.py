"""The icon of the application as an .icns file, from the SVGs it is drawn as: a simpler one where it is small."""

from __future__ import annotations

import struct
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

SIZES = {
    "icp4": 16,
    "ic11": 32,  # 16 at 2x
    "icp5": 32,
    "ic12": 64,  # 32 at 2x
    "ic07": 128,
    "ic13": 256,  # 128 at 2x
    "ic08": 256,
    "ic14": 512,  # 256 at 2x
    "ic09": 512,
    "ic10": 1024,  # 512 at 2x
}
"""The type of each picture in the file, and its side in pixels (Apple's names for PNG pictures in an .icns)."""


SMALL = 32
"""Sides in pixels up to which the simpler picture is taken: the other's folds and light would be a blur."""


def icns(svg: Path, small: Path) -> bytes:
    """Return an .icns file of a picture and a simpler one of it: each size drawn anew as PNG.

    The format: "icns" and the length of all, then for each picture its type, its length with this header, and a PNG.
    """
    large_picture, small_picture = _picture(svg), _picture(small)
    pictures = {
        side: _png(small_picture if side <= SMALL else large_picture, side) for side in sorted(set(SIZES.values()))
    }
    parts = [
        kind.encode() + struct.pack(">I", len(pictures[side]) + 8) + pictures[side] for kind, side in SIZES.items()
    ]
    body = b"".join(parts)
    return b"icns" + struct.pack(">I", len(body) + 8) + body


def _picture(svg: Path) -> QSvgRenderer:
    """Return a picture to draw; raises ValueError for a file that is none."""
    renderer = QSvgRenderer(str(svg))
    if not renderer.isValid():
        raise ValueError(f"{svg} is not a picture that can be drawn")
    return renderer


def _png(renderer: QSvgRenderer, side: int) -> bytes:
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(0, 0, side, side))
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stubs know bytes for the format, Qt a str
    return bytes(buffer.data().data())
