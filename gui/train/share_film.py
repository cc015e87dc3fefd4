"""A run as an animated picture, from noise to verse, as the replay goes: a GIF that any program shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gui.train.gif import Gif
from gui.train.replay import lasts_ms, picked
from gui.train.share_pictures import draw_moment
from gui.train.shared_run import SharedRun

MOST_BYTES = 3_000_000
"""How large it becomes at most: what chats and web pages take."""

RATIO = 1.5
"""Pixels of a picture to one of its measures."""

_LEAST = 2  # moments: the first words and the last
_FEWER = 0.6
_LAST_MS = 3_000  # how long the last words stand before it begins again


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
    ends = [draw_moment(run, at, dark, RATIO) for at in (0, shown[-1])]
    while True:
        gif = Gif(*ends)
        for done, at in enumerate(shown):
            if stopped():
                return
            gif.add(draw_moment(run, at, dark, RATIO))
            yield (done + 1) / (len(shown) + 1)
        times = [lasts_ms(len(shown))] * (len(shown) - 1) + [_LAST_MS]
        data = gif.written(times)
        if len(data) <= most_bytes or len(shown) <= _LEAST:
            yield Film(data, (ends[0].width(), ends[0].height()), len(shown), sum(times))
            return
        shown = _fewer(shown)


def _fewer(shown: list[int]) -> list[int]:
    """Return fewer moments, the first and the last among them."""
    count = max(int(len(shown) * _FEWER), _LEAST)
    return [shown[round(at * (len(shown) - 1) / (count - 1))] for at in range(count)]
