"""How soon a new user sees words: the window on an empty home, the defaults, Train pressed once it is at rest.

    python -m scripts.first_words [--seconds N] [--pairs N]

Printed are the seconds to first paint, from there to a text that is ready, and from Train to the first sample and to
the first one of real words, the samples of the first minute, the shares of it that writing took and in which nothing
was learned (writing, scoring and saving), and the updates a second beside those of the same run with no window.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
_START_S = 10.0
"""Of a run, left out of its pace: its first updates are slow, and beside the window many samples are written."""

_RATE = "updates a second after the first ten"
_REST_MS = 500
_WORD = re.compile(r"[A-Za-z]{2,}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure in a process of its own, with a home of its own, and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m scripts.first_words", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=MINUTE_S, help="of training that are watched")
    parser.add_argument("--pairs", type=int, default=1, help="of a run in the window and one without, in turns")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.here:
        print(json.dumps(watched(chosen.seconds)), flush=True)
        return
    for pair in range(chosen.pairs):
        with tempfile.TemporaryDirectory() as home:
            report = _in_a_window(home, chosen.seconds)
            alone = _updates_alone(home, chosen.seconds)
        report["training beside the same without a window"] = report[_RATE] / alone
        print(*[f"pair {pair + 1}"] * (chosen.pairs > 1), *map(_line, report.items()), sep="\n", flush=True)


def _line(figure: tuple[str, Any]) -> str:
    name, value = figure
    return f"{name:<50}{'never' if value is None else f'{value:.2f}' if isinstance(value, float) else value}"


def _in_a_window(home: str, seconds: float) -> dict[str, Any]:
    """Return the figures of a window on a home that is empty."""
    surroundings = {"UNDERSTUDY_HOME": home, "QT_QPA_PLATFORM": "offscreen", _BEGUN: str(time.time())}
    done = subprocess.run(
        [sys.executable, "-m", "scripts.first_words", "--here", "--seconds", str(seconds)],
        env=os.environ | surroundings,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _updates_alone(home: str, seconds: float) -> float:
    """Return the updates a second that the run of this home makes with nobody looking on, over the same seconds."""
    (kept,) = Path(home, "runs").glob("*/config.json")
    settings = json.loads(kept.read_text(encoding="utf-8")) | {"out_dir": f"{home}/alone"}
    flags = [f"--{name}={value}" for name, value in settings.items()]
    command = [sys.executable, "-m", "engine", "train", "--json", *flags]
    with subprocess.Popen(
        command, env=os.environ | {"UNDERSTUDY_HOME": home}, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        pace = Pace(seconds)
        for line in process.stdout:
            event = json.loads(line)
            if event.get("event") == "step" and pace.take(event["iter_num"], time.monotonic()):
                break
        process.send_signal(signal.SIGINT)
        process.stdout.read()
    return pace.rate


class Pace:
    """Updates a second, from the first one that is seen to the last one within some seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._first: tuple[int, float] | None = None
        self._last = (0, 0.0)

    def take(self, iter_num: int, at: float) -> bool:
        """Take note of an update and of when it was made; return whether that was late enough."""
        self._first = self._first or (iter_num, at)
        if at - self._first[1] <= self._seconds - _START_S:
            self._last = (iter_num, at)
            return False
        return True

    @property
    def rate(self) -> float:
        """Return the updates a second; 0.0 before two were seen."""
        first = self._first or self._last
        return (self._last[0] - first[0]) / max(self._last[1] - first[1], 1e-9)


def is_of_real_words(sample: str, known: frozenset[str]) -> bool:
    """Return whether most words of a sample stand in the text that is learned."""
    words = _WORD.findall(sample)
    return len(words) >= FEWEST_WORDS and sum(word.lower() in known for word in words) >= REAL_SHARE * len(words)


def words_of(text: str) -> frozenset[str]:
    """Return the words of a text, in small letters."""
    return frozenset(word.lower() for word in _WORD.findall(text))


class Watch:
    """Takes down what a run in the window tells, in seconds since Train was pressed."""

    def __init__(self, known: frozenset[str], seconds: float = MINUTE_S) -> None:
        self._known = known
        self._pressed = self._learned_s = 0.0
        self._samples: list[tuple[float, bool]] = []
        self._last_step = 0
        self._writing_s = 0.0
        self._pace = Pace(seconds)

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
            self._pace.take(event.iter_num, time.monotonic())

    def take_writing(self, seconds: float) -> None:
        """Take note of how long a sample took to write."""
        self._writing_s += seconds

    def report(self) -> dict[str, float | int | None]:
        """Return the figures."""
        elapsed = time.monotonic() - self._pressed
        return {
            "seconds to the first sample": next((at for at, _ in self._samples), None),
            "seconds to the first real words": next((at for at, real in self._samples if real), None),
            "samples in the first minute": sum(at <= MINUTE_S for at, _ in self._samples),
            "share of the time that writing took": self._writing_s / elapsed,
            "share of the time in which nothing was learned": 1 - self._learned_s / elapsed,
            _RATE: self._pace.rate,
        }


def watched(seconds: float) -> dict[str, Any]:
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
    standing = time.monotonic()
    _wait(window, _LONGEST_WARM_UP_S)
    ready = time.monotonic() - standing - _REST_MS / 1000
    watch = Watch(words_of(_text()), seconds)
    _time_writing(watch)
    _engine_of(window).event_arrived.connect(lambda _job, event: watch.take(event))
    watch.press()
    window.train.start()
    QTimer.singleShot(round(seconds * 1000), app.exit)  # a quit would ask what becomes of the run
    app.exec()
    report = watch.report()
    window.train.stop()
    _engine_of(window).shutdown()
    return {"seconds to first paint": painted, "seconds from there to a text that is ready": ready} | report


def _time_writing(watch: Watch) -> None:
    """Have the run's own account of its samples tell the watch how long each took."""
    from engine.training.audience import Audience

    saw = Audience.saw

    def saw_and_told(self: Audience, iter_num: int, seconds: float, took: float) -> None:
        watch.take_writing(took)
        saw(self, iter_num, seconds, took)

    Audience.saw = saw_and_told  # type: ignore[method-assign]


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
