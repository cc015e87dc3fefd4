"""Pictures one after the other as a GIF: a few colors for all of them, and of each only what changed."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image
from PySide6.QtGui import QImage

_COLORS = 64
_NOT_SEEN = 10  # of 255


class Gif:
    """Pictures of one size, added one by one; their colors are found in those that it is made with.

    A ground of one color, that of the first corner, keeps that exactly.
    """

    def __init__(self, *samples: QImage) -> None:
        self._palette = _palette(*samples)
        self._frames: list[Image.Image] = []

    def add(self, picture: QImage) -> None:
        """Add a picture at the end."""
        self._frames.append(_as_pillow(picture).quantize(palette=self._palette, dither=Image.Dither.NONE))

    def written(self, times: Sequence[int]) -> bytes:
        """Return the file; each picture is shown for its time, in milliseconds, and all of them again and again."""
        file = io.BytesIO()
        first, *others = self._frames
        first.save(file, "GIF", save_all=True, append_images=others, duration=list(times), loop=0, optimize=False)
        return file.getvalue()


def _palette(*pictures: QImage) -> Image.Image:
    """Return the colors that all have."""
    drawn = [_as_pillow(picture) for picture in pictures]
    all_of_them = Image.new("RGB", (drawn[0].width * len(drawn), drawn[0].height))
    for at, picture in enumerate(drawn):
        all_of_them.paste(picture, (at * picture.width, 0))
    few = all_of_them.quantize(_COLORS, Image.Quantize.MEDIANCUT, kmeans=1)
    corner, found = pictures[0].pixelColor(0, 0), few.getpalette() or []
    ground = (corner.red(), corner.green(), corner.blue())
    colors = [tuple(found[at : at + 3]) for at in range(0, len(found), 3)]
    exact = [ground if _is_near(color, ground) else color for color in colors]
    few.putpalette([part for color in exact for part in color])
    return few


def _is_near(color: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Return whether nobody sees that two colors differ."""
    return all(abs(one - another) < _NOT_SEEN for one, another in zip(color, other, strict=True))


def _as_pillow(picture: QImage) -> Image.Image:
    plain = picture.convertToFormat(QImage.Format.Format_RGB888)
    size = (plain.width(), plain.height())
    return Image.frombuffer("RGB", size, bytes(plain.constBits()), "raw", "RGB", plain.bytesPerLine(), 1)
