"""How soon a new user sees words: the window on an empty home, the defaults, Train pressed once it is at rest.

    python -m scripts.first_words [--seconds N]

Printed are the seconds to first paint, to the first sample and to the first one of real words, the samples of the
first minute, and the share of it in which nothing was learned: writing, scoring and saving together.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.core.events import Event
    from gui.kit.engine_thread import EngineThread
    from gui.shell.window import MainWindow

MINUTE_S = 60.0
REAL_SHARE = 0.6
FEWEST_WORDS = 8
"""A sample is one of real words where so many of its words, and no fewer than these, stand in the text."""

_BEGUN = "UNDERSTUDY_FIRST_WORDS_BEGUN"
_LONGEST_WARM_UP_S = 30.0
_REST_MS = 500
_WORD = re.compile(r"[A-Za-z]{2,}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure in a process of its own, with a home of its own, and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m scripts.first_words", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=MINUTE_S, help="of training that are watched")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.here:
        print(json.dumps(watched(chosen.seconds)), flush=True)
        return
    with tempfile.TemporaryDirectory() as home:
        surroundings = {"UNDERSTUDY_HOME": home, "QT_QPA_PLATFORM": "offscreen", _BEGUN: str(time.time())}
        done = subprocess.run(
            [sys.executable, "-m", "scripts.first_words", "--here", "--seconds", str(chosen.seconds)],
            env=os.environ | surroundings,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    for name, value in json.loads(done.stdout.splitlines()[-1]).items():
        print(f"{name:<50}{'never' if value is None else f'{value:.2f}' if isinstance(value, float) else value}")


def is_of_real_words(sample: str, known: frozenset[str]) -> bool:
    """Return whether most words of a sample stand in the text that is learned."""
    words = _WORD.findall(sample)
    return len(words) >= FEWEST_WORDS and sum(word.lower() in known for word in words) >= REAL_SHARE * len(words)


def words_of(text: str) -> frozenset[str]:
    """Return the words of a text, in small letters."""
    return frozenset(word.lower() for word in _WORD.findall(text))


class Watch:
    """Takes down what a run in the window tells, in seconds since Train was pressed."""

    def __init__(self, known: frozenset[str]) -> None:
        self._known = known
        self._pressed = self._learned_s = 0.0
        self._samples: list[tuple[float, bool]] = []
        self._last_step = 0

    def press(self) -> None:
        """Take note that Train is pressed now."""
        self._pressed = time.monotonic()

    def take(self, event: Event) -> None:
        """Take an event of the run."""
        from engine.core.events import Sample, Step

        if isinstance(event, Sample):
            self._samples.append((time.monotonic() - self._pressed, is_of_real_words(event.text, self._known)))
        elif isinstance(event, Step):
            made, self._last_step = event.iter_num + 1 - self._last_step, event.iter_num + 1
            self._learned_s += made * event.step_ms / 1000

    def report(self) -> dict[str, float | int | None]:
        """Return the figures."""
        elapsed = time.monotonic() - self._pressed
        return {
            "seconds to the first sample": next((at for at, _ in self._samples), None),
            "seconds to the first real words": next((at for at, real in self._samples if real), None),
            "samples in the first minute": sum(at <= MINUTE_S for at, _ in self._samples),
            "share of the time in which nothing was learned": 1 - self._learned_s / elapsed,
        }


def watched(seconds: float) -> dict[str, float | int | None]:
    """Open the window, let it come to rest, press Train, and watch for some seconds."""
    from PySide6.QtCore import QSettings, QTimer

    home = os.environ["UNDERSTUDY_HOME"]
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, f"{home}/settings")
    from gui.app import compose

    app, window = compose([])
    window.show()
    app.processEvents()
    painted = time.time() - float(os.environ[_BEGUN])
    window.tabs.completed.connect(window.train.find_device)
    window.tabs.complete()
    _wait(window, _LONGEST_WARM_UP_S)
    watch = Watch(words_of(_text()))
    _engine_of(window).event_arrived.connect(lambda _job, event: watch.take(event))
    watch.press()
    window.train.start()
    QTimer.singleShot(round(seconds * 1000), app.exit)  # a quit would ask what becomes of the run
    app.exec()
    report = watch.report()
    window.train.stop()
    _engine_of(window).shutdown()
    return {"seconds to first paint": painted} | report


def _engine_of(window: MainWindow) -> EngineThread:
    from gui.kit.engine_thread import EngineThread

    found = window.findChild(EngineThread)
    assert found is not None
    return found


def _wait(window: MainWindow, longest: float) -> None:
    """Turn the event loop until the text that is set up is ready, or for so many seconds."""
    from PySide6.QtCore import QEventLoop, QTimer

    from engine.core.events import Prepared

    loop = QEventLoop()  # lets Python's other threads go on while it waits; QTest.qWait does not
    _engine_of(window).event_arrived.connect(
        lambda _job, event: QTimer.singleShot(_REST_MS, loop.quit) if isinstance(event, Prepared) else None
    )
    QTimer.singleShot(round(longest * 1000), loop.quit)
    loop.exec()


def _text() -> str:
    from engine.text.built_in import built_in_text
    from engine.text.catalogue import catalogue

    return "".join(built_in_text(next(iter(catalogue().values())), ()).pieces())


if __name__ == "__main__":
    main()
