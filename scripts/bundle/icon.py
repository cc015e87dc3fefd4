"""The icon of the application as an .icns file, from the one SVG it is drawn as."""

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


def icns(svg: Path) -> bytes:
    """Return an .icns file of a picture: each size drawn anew as PNG.

    The format: "icns" and the length of all, then for each picture its type, its length with this header, and a PNG.
    """
    renderer = QSvgRenderer(str(svg))
    if not renderer.isValid():
        raise ValueError(f"{svg} is not a picture that can be drawn")
    pictures = {side: _png(renderer, side) for side in set(SIZES.values())}
    parts = [
        kind.encode() + struct.pack(">I", len(pictures[side]) + 8) + pictures[side] for kind, side in SIZES.items()
    ]
    body = b"".join(parts)
    return b"icns" + struct.pack(">I", len(body) + 8) + body


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
