"""A run as it goes, in the real window: its first minute as a strip, and the way from noise to verse as a GIF."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.screenshots.parts import settle
from scripts.screenshots.recorded import STORY, STORY_MINUTES, events, state_at
from scripts.screenshots.train import curtain, quick, show

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from gui.shell.window import MainWindow

MINUTE_S = (1, 5, 10, 20, 40, 60)
"""Seconds of training at which the first minute is looked at, after what is set up and what gets ready."""

MOST_BYTES = 3_000_000
_ACROSS = 4  # pictures in a row of the strip
_FRAME_MS, _SETUP_MS, _READY_MS, _LAST_MS = 300, 1_500, 700, 4_000
_FEWER = 0.7
_REST_MS = 700  # until all is drawn


def first_minute(window: MainWindow) -> QImage:
    """Return what a person sees from before Train is pressed until a minute of training is over, side by side."""
    from PySide6.QtCore import QPoint
    from PySide6.QtGui import QImage, QPainter

    shown = [picture for _, picture in _opening(window)]
    shown += [_look_at(window, _last_iteration(seconds)) for seconds in MINUTE_S]
    width, height = shown[0].width(), shown[0].height()
    strip = QImage(_ACROSS * width, -(-len(shown) // _ACROSS) * height, QImage.Format.Format_RGB32)
    strip.fill(0)
    painter = QPainter(strip)
    for at, picture in enumerate(shown):
        picture.setDevicePixelRatio(1)
        painter.drawImage(QPoint(at % _ACROSS * width, at // _ACROSS * height), picture)
    painter.end()
    return strip


def noise_to_verse(window: MainWindow, place: Path) -> None:
    """Write the way from what is set up to the last words as a GIF of less than three megabytes."""
    from engine.core.events import Sample
    from gui.train.gif import Gif

    opening = list(_opening(window))
    written = [event.iter_num for event, _ in events(STORY) if isinstance(event, Sample)]
    moments = [_look_at(window, iter_num) for iter_num in written]
    curtain(window)
    last = _grab(window)
    while True:
        gif = Gif(opening[0][1], moments[len(moments) // 2], last)
        for picture in (*(picture for _, picture in opening), *moments, last):
            gif.add(picture)
        data = gif.written([*(ms for ms, _ in opening), *[_FRAME_MS] * len(moments), _LAST_MS])
        if len(data) < MOST_BYTES:
            break
        count = int(len(moments) * _FEWER)
        moments = [moments[round(at * (len(moments) - 1) / (count - 1))] for at in range(count)]
    place.write_bytes(data)


def _opening(window: MainWindow) -> Iterator[tuple[int, QImage]]:
    """Yield what is seen before the run has begun, each with its time in milliseconds."""
    from gui.train.state import RunState

    quick(window, STORY_MINUTES)
    show(window)
    yield _SETUP_MS, _grab(window)
    state = RunState()
    state.start()
    show(window, state)
    yield _READY_MS, _grab(window)


def _last_iteration(seconds: float) -> int:
    """Return how far the run had come after so many seconds."""
    return max((getattr(event, "iter_num", 0) for event, at in events(STORY) if at <= seconds), default=0)


def _look_at(window: MainWindow, iter_num: int) -> QImage:
    """Return the window as it stood at an iteration."""
    show(window, state_at(iter_num, run=STORY))
    return _grab(window)


def _grab(window: MainWindow) -> QImage:
    if (focused := window.focusWidget()) is not None:
        focused.clearFocus()
    settle(_REST_MS)
    return window.grab().toImage()
