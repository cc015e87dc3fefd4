"""A run as an animated picture, from noise to verse, as the replay goes: a GIF that any program shows."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PIL import Image
from PySide6.QtGui import QImage

from gui.train.replay import lasts_ms, picked
from gui.train.share_pictures import draw_moment
from gui.train.shared_run import SharedRun

MOST_BYTES = 3_000_000
"""How large it becomes at most: what chats and web pages take."""

RATIO = 1.5
"""Pixels of a picture to one of its measures."""

_COLORS = 64
_LEAST = 2  # moments: the first words and the last
_FEWER = 0.6
_NOT_SEEN = 10  # of 255
_LAST_MS = 3_000  # how long the last words stand before it begins again
_PLAIN = Image.Dither.NONE


@dataclass(frozen=True, slots=True)
class Film:
    """A finished GIF: its bytes, its width and height in pixels, its moments, and how long they last."""

    data: bytes
    size: tuple[int, int]
    moments: int
    ms: int


def film(
    run: SharedRun, dark: bool, stopped: Callable[[], bool], most_bytes: int = MOST_BYTES
) -> Iterator[float | Film]:
    """Make the film of a run that wrote several times: yield how much is done, from 0 to 1, and then the film.

    Where it would be too large, it has fewer moments. Once it is `stopped` it ends without a film.
    """
    shown = picked(len(run.moments))
    palette = _palette(draw_moment(run, 0, dark, RATIO), draw_moment(run, shown[-1], dark, RATIO))
    while True:
        frames: list[Image.Image] = []
        for done, at in enumerate(shown):
            if stopped():
                return
            frames.append(_as_pillow(draw_moment(run, at, dark, RATIO)).quantize(palette=palette, dither=_PLAIN))
            yield (done + 1) / (len(shown) + 1)
        made = _gif(frames)
        if len(made.data) <= most_bytes or len(shown) <= _LEAST:
            yield made
            return
        shown = _fewer(shown)


def _fewer(shown: list[int]) -> list[int]:
    """Return fewer moments, the first and the last among them."""
    count = max(int(len(shown) * _FEWER), _LEAST)
    return [shown[round(at * (len(shown) - 1) / (count - 1))] for at in range(count)]


def _gif(frames: list[Image.Image]) -> Film:
    """Return frames as a GIF that is shown again and again; each holds only what changed."""
    each = lasts_ms(len(frames))
    times = [each] * (len(frames) - 1) + [_LAST_MS]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], duration=times, loop=0, optimize=False)
    return Film(file.getvalue(), frames[0].size, len(frames), sum(times))


def _palette(*pictures: QImage) -> Image.Image:
    """Return the colors that all frames have, found in some of them; the ground is exactly as it is drawn."""
    drawn = [_as_pillow(picture) for picture in pictures]
    both = Image.new("RGB", (drawn[0].width * len(drawn), drawn[0].height))
    for at, picture in enumerate(drawn):
        both.paste(picture, (at * picture.width, 0))
    few = both.quantize(_COLORS, Image.Quantize.MEDIANCUT, kmeans=1)
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
