"""How the window behaves while a model trains in it: printed as a table.

    python -m scripts.bench_gui [--iterations N]

Each figure comes from a process of its own, with folders of its own: start to first paint, idle CPU, the length
of the event loop's turns while `tiny` trains, resizing and pointing in a long run, and training throughput in the
window against headless, A B A B. Two minutes on two cores; anything else that runs meanwhile spoils it.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from gui.window import MainWindow

_IDLE_S = 5.0
_LONG = 20_000  # iterations of the run that is looked at
_LOOKS = 60  # resizes, and places pointed at
_FRAME_MS = 33
_TURNS = 2  # A B A B
_FEW_TURNS = 1000  # with fewer the 99.9th percentile is the longest
_BEGUN = "UNDERSTUDY_BENCH_BEGUN"
_WARM = 5  # iterations that are not counted


def main() -> None:
    """Measure everything and print it."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--iterations", type=int, default=70)
    asked.add_argument("--part", choices=list(PARTS), help=argparse.SUPPRESS)
    args = asked.parse_args()
    if args.part:
        print(json.dumps(PARTS[args.part](args.iterations)))
        return
    with tempfile.TemporaryDirectory() as home:
        _measure("headless", home, 1)  # prepares the text
        alone = {part: _measure(part, home, 0) for part in ("start", "idle", "long")}
        windows, headless = [], []
        for _ in range(_TURNS):
            windows.append(_measure("window", home, args.iterations))
            headless.append(_measure("headless", home, args.iterations))
    _tell(alone, windows, headless)


def _tell(alone: dict[str, dict[str, Any]], windows: list[dict[str, Any]], headless: list[dict[str, Any]]) -> None:
    """Print what was measured."""
    start, idle, long = alone["start"], alone["idle"], alone["long"]
    turns = [turn for each in windows for turn in each["turns_ms"]]
    ratio = median(each["per_s"] for each in windows) / median(each["per_s"] for each in headless)
    print(f"start to first paint        {start['seconds']:8.2f} s    torch loaded: {start['torch']}")
    print(f"idle CPU                    {idle['percent']:8.2f} %")
    print(f"a run of {_LONG:,} iterations read and drawn {long['seconds']:.2f} s")
    for what in ("resize", "hover"):
        spread = f"99 % {_percentile(long[what], 99):.1f}, longest {max(long[what]):.1f}"
        print(f"{what} over it, median      {median(long[what]):8.1f} ms   {spread}")
    for share in (50, 90, 99, 99.9) if len(turns) >= _FEW_TURNS else (50, 90, 99):
        print(f"event-loop turn, {share:>4} %      {_percentile(turns, share):8.1f} ms")
    print(f"event-loop turn, longest    {max(turns):8.1f} ms   of {len(turns)}")
    print(f"window's thread busy        {_each(windows, 'busy', '.1%')} of the time")
    print(f"throughput, window/headless {ratio:8.1%}     {_each(windows)} against {_each(headless)} iterations/s")


def _each(results: list[dict[str, Any]], what: str = "per_s", form: str = ".2f") -> str:
    return ", ".join(format(each[what], form) for each in results)


def _percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(int(len(values) * share / 100), len(values) - 1)]


def _measure(part: str, home: str, iterations: int) -> dict[str, Any]:
    """Run one part in a process of its own."""
    environment = {"QT_QPA_PLATFORM": "offscreen"} | os.environ
    environment |= {"UNDERSTUDY_HOME": home, "XDG_CONFIG_HOME": home}
    environment[_BEGUN] = str(time.time())  # the system tells the start of a process to the second only
    command = [sys.executable, "-m", "scripts.bench_gui", "--part", part, "--iterations", str(iterations)]
    told = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, text=True).stdout
    result: dict[str, Any] = json.loads(told.splitlines()[-1])
    return result


# the parts


def start(_: int) -> dict[str, Any]:
    """Measure from the start of the process to the first painted window."""
    from gui.app import build

    window = build([])[1]
    window.show()
    window.grab()
    told = {"seconds": time.time() - float(os.environ[_BEGUN]), "torch": "torch" in sys.modules}
    window.train._engine.shutdown()
    return told


def idle(_: int) -> dict[str, Any]:
    """Measure the share of a processor that the window takes while nothing happens."""
    from PySide6.QtCore import QTimer

    from gui.app import build

    app, window = build([])
    window.show()
    used: list[float] = []
    QTimer.singleShot(2000, lambda: used.append(time.process_time()))
    QTimer.singleShot(round(2000 + _IDLE_S * 1000), app.exit)
    app.exec()
    return {"percent": 100 * (time.process_time() - used[0]) / _IDLE_S}


def long(_: int) -> dict[str, Any]:
    """Measure how long a long run takes to come up, and then each resize of its plot and each place pointed at."""
    from PySide6.QtCore import QEvent, QPointF, Qt, QTimer
    from PySide6.QtGui import QMouseEvent

    from gui.train.record import read_record
    from gui.train.state import RunState

    folder = _long_run()
    app, shown, turns = _timed_window()
    began = time.perf_counter()
    state = RunState(run_dir=str(folder))
    state.load(read_record(folder))
    shown.train.show_run(state)
    app.processEvents()
    seconds = time.perf_counter() - began
    view = shown.train.stage.loss.plot.viewport()

    def resize(at: int) -> None:
        shown.resize(shown.width() + (1 if at % 2 else -1) * 4 * (at % 20), shown.height())

    def point(at: int) -> None:
        place = QPointF(view.width() * (0.2 + 0.6 * at / _LOOKS), view.height() / 2)
        kind, none = QEvent.Type.MouseMove, Qt.MouseButton.NoButton
        event = QMouseEvent(kind, place, view.mapToGlobal(place), none, none, Qt.KeyboardModifier.NoModifier)
        app.postEvent(view, event)

    def lengths(act: Callable[[int], None]) -> list[float]:
        """Do it again and again, a frame apart, and give the turns that it took."""
        turns.end()
        turns.ms, turns.counted, left = [], True, list(range(_LOOKS))
        beat = QTimer(interval=_FRAME_MS)
        beat.timeout.connect(lambda: act(left.pop()) if left else app.exit())
        beat.start()
        app.exec()
        beat.stop()
        return [ms for ms in turns.ms if ms > 1]  # the rest is the beat itself

    told = {"seconds": seconds, "resize": lengths(resize), "hover": lengths(point)}
    shown.train._engine.shutdown()
    return told


def _long_run() -> Path:
    """Leave the record of a long run on disk."""
    from engine.config import TrainConfig
    from engine.events import Eval, Step
    from engine.runs import RunFolder

    run = RunFolder(Path(os.environ["UNDERSTUDY_HOME"]) / "runs" / "long")
    run.path.mkdir(parents=True)
    run.write_config(TrainConfig())
    for n in range(_LONG):
        loss = 6 + 4 * math.exp(-n / 4000) + math.sin(n)
        told = {"lr": 1e-3, "grad_norm": 1.0, "step_ms": 250.0, "tokens_per_s": 4096.0, "memory_bytes": 10**9}
        run.append(Step(iter_num=n, loss=loss, **told))  # type: ignore[arg-type]
        if n % 250 == 0:
            run.append(Eval(iter_num=n, train_loss=loss, val_loss=loss + 0.1, bits_per_byte=2.0, is_best=True))
    run.close()
    return run.path


def headless(iterations: int) -> dict[str, Any]:
    """Measure iterations a second without a window."""
    from engine.config import TrainConfig
    from engine.events import Step
    from engine.jobs import Control, events_of
    from engine.trainer import Trainer

    control, at = Control(), []
    for event in events_of(Trainer(TrainConfig.of(_settings(iterations)), control).steps(), control):
        if isinstance(event, Step):
            at.append(time.perf_counter())
    return {"per_s": _per_second(at)}


def window(iterations: int) -> dict[str, Any]:
    """Measure iterations a second in the window, and the length of each turn of its event loop."""
    from engine.events import Step

    at: list[float] = []
    app, shown, turns = _timed_window()
    engine = shown.train._engine

    def take(_: int, event: object) -> None:
        if isinstance(event, Step):
            at.append(time.perf_counter())
            turns.counted = len(at) >= _WARM

    engine.event_arrived.connect(take)
    shown.train.run_changed.connect(lambda: None if shown.train.running else app.exit())
    shown.train.setup.choose_preset("tiny")
    shown.train.setup.change(_settings(iterations))
    shown.train.start()
    app.exec()
    engine.shutdown()
    return {"per_s": _per_second(at), "turns_ms": turns.ms, "busy": turns.busy(at[-1] - at[_WARM])}


def _timed_window() -> tuple[QApplication, MainWindow, Turns]:
    """Give the application, its window, shown and complete, and what times the turns of its event loop."""
    from PySide6.QtCore import QAbstractEventDispatcher, QEvent, QObject

    from gui.app import Application, build

    turns = Turns()

    class Timed(Application):
        """The application, with a look at the clock before each event of the loop."""

        def notify(self, receiver: QObject, event: QEvent) -> bool:
            turns.begin()
            return bool(super().notify(receiver, event))

    Timed([])
    app, shown = build([])
    shown.show()
    shown.tabs.complete()
    app.processEvents()
    QAbstractEventDispatcher.instance().aboutToBlock.connect(turns.end)
    return app, shown, turns


class Turns:
    """The turns of an event loop: each from its first event, be it a timer's, to where the loop waits again.

    Qt tells when the loop is about to wait, but not that it woke before the timers have had their turn.

    Attributes:
        counted: whether turns are counted now.
        ms: how long each counted turn took.
    """

    def __init__(self) -> None:
        self.counted = False
        self.ms: list[float] = []
        self._began: float | None = None

    def begin(self) -> None:
        """Take note of an event; the first of a turn begins it."""
        if self._began is None:
            self._began = time.perf_counter()

    def end(self) -> None:
        """Take note that the loop waits again."""
        if self._began is not None and self.counted:
            self.ms.append(1000 * (time.perf_counter() - self._began))
        self._began = None

    def busy(self, seconds: float) -> float:
        """Give the share of so many seconds that the turns took."""
        return sum(self.ms) / 1000 / seconds


def _settings(iterations: int) -> dict[str, Any]:
    shape = {"n_layer": 2, "n_head": 2, "n_embd": 128, "block_size": 128, "batch_size": 8}
    rhythm = {"max_iters": iterations + _WARM, "log_interval": 1, "eval_interval": 1_000_000, "eval_iters": 1}
    return {**shape, **rhythm, "warmup_iters": 1, "sample_tokens": 0, "dtype": "float32"}


def _per_second(at: list[float]) -> float:
    counted = at[_WARM:]
    return (len(counted) - 1) / (counted[-1] - counted[0]) if len(counted) > 1 else 0.0


PARTS: dict[str, Callable[[int], dict[str, Any]]] = {
    "start": start,
    "idle": idle,
    "long": long,
    "headless": headless,
    "window": window,
}

if __name__ == "__main__":
    main()
