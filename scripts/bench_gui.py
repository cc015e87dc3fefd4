"""How the window behaves while a model trains in it: printed as a table.

    python -m scripts.bench_gui [--rounds N]

Each figure comes from a process of its own, with folders of its own: start to first paint, idle CPU, the length
of the event loop's turns while `tiny` trains, resizing and pointing in a long run, and training throughput in the
window against headless. Those two are warm side by side and run in turn, some seconds each; a second run without
a window shows how far to trust it. Four minutes on two cores.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from scripts.turns import READY, Program, ratio, take_turns

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from engine.core.jobs import Job
    from gui.shell.window import MainWindow
    from gui.train.jobs import JobMaker

_IDLE_S = 5.0
_LONG = 20_000  # iterations of the run that is looked at
_LOOKS = 60  # resizes, and places pointed at
_FRAME_MS = 33
_SETTLE_MS = 500
_SLICE_S = 2.0
_WARM = 10  # iterations before a run is warm
_BEGUN = "UNDERSTUDY_BENCH_BEGUN"
_SETTINGS: dict[str, Any] = {
    "n_layer": 2,
    "n_head": 2,
    "n_embd": 128,
    "block_size": 128,
    "batch_size": 8,
    "max_iters": 1_000_000,
    "eval_interval": 1_000_000,
    "eval_iters": 1,
    "log_interval": 1,
    "sample_tokens": 0,
    "dtype": "float32",
}


def main() -> None:
    """Measure everything and print it."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--rounds", type=int, default=20)
    asked.add_argument("--part", choices=list(PARTS), help=argparse.SUPPRESS)
    args = asked.parse_args()
    if args.part:
        print(json.dumps(PARTS[args.part]()))
        return
    with tempfile.TemporaryDirectory() as home:
        _prepare(home)
        _tell_alone(*(_measure(part, home) for part in ("start", "idle", "long")))
        _tell_training([Program(*_call(part, home)) for part in ("window", "headless", "headless")], args.rounds)


def _tell_alone(start: dict[str, Any], idle: dict[str, Any], long: dict[str, Any]) -> None:
    """Print what was measured while nothing trained."""
    print(f"start to first paint        {start['seconds']:8.2f} s    torch loaded: {start['torch']}")
    print(f"idle CPU                    {idle['percent']:8.2f} %")
    print(f"a run of {_LONG:,} iterations read and drawn {long['seconds']:.2f} s")
    for what in ("resize", "hover"):
        spread = f"99 % {_percentile(long[what], 99):.1f}, longest {max(long[what]):.1f}"
        print(f"{what} over it, median      {median(long[what]):8.1f} ms   {spread}")


def _tell_training(programs: list[Program], rounds: int) -> None:
    """Let the window and two without one train in turn, and print how the window fares."""
    window = programs[0]
    take_turns(programs, rounds, _SLICE_S)
    results = [program.end() for program in programs]
    rates = [
        [part.rate(each["ends"]) for part in program.slices] for program, each in zip(programs, results, strict=True)
    ]
    turns = [
        1000 * (end - begin)
        for begin, end in results[0]["turns"]
        if any(part.holds(begin, end) for part in window.slices)
    ]
    for share in (50, 90, 99, 99.9):
        print(f"event-loop turn, {share:>4} %      {_percentile(turns, share):8.1f} ms")
    print(f"event-loop turn, longest    {max(turns):8.1f} ms   of {len(turns)}")
    seconds = sum(part.ended - part.began for part in window.slices)
    print(f"window's thread busy        {sum(turns) / 1000 / seconds:8.1%} of the time")
    print(f"throughput, window/headless {_spread(rates[0], rates[1])}   {median(rates[1]):.2f} iterations/s headless")
    print(f"       headless/headless    {_spread(rates[2], rates[1])}")


def _spread(rates: list[float], others: list[float]) -> str:
    mean, error = ratio(rates, others)
    return f"{mean:8.1%} ± {error:.1%}"


def _percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(int(len(values) * share / 100), len(values) - 1)]


def _measure(part: str, home: str) -> dict[str, Any]:
    """Run one part in a process of its own."""
    command, environment = _call(part, home)
    output = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, text=True).stdout
    result: dict[str, Any] = json.loads(output.splitlines()[-1])
    return result


def _call(part: str, home: str) -> tuple[list[str], dict[str, str]]:
    """Return the command of a part, and its environment."""
    environment = {"QT_QPA_PLATFORM": "offscreen"} | os.environ
    environment |= {"UNDERSTUDY_HOME": home, "XDG_CONFIG_HOME": home}
    environment[_BEGUN] = str(time.time())  # the system tells the start of a process to the second only
    return [sys.executable, "-m", "scripts.bench_gui", "--part", part], environment


def _prepare(home: str) -> None:
    """Have the text as tokens."""
    command = [sys.executable, "-m", "engine", "prepare", "shakespeare_complete"]
    subprocess.run(command, env=_call("", home)[1], check=True, capture_output=True)


# the parts


def start() -> dict[str, Any]:
    """Return what is measured from the start of the process to the first painted window."""
    from gui.app import compose

    window = compose([])[1]
    window.show()
    window.grab()
    result = {"seconds": time.time() - float(os.environ[_BEGUN]), "torch": "torch" in sys.modules}
    window.train._engine.shutdown()
    return result


def idle() -> dict[str, Any]:
    """Return the share of a processor that the window takes while nothing happens."""
    from PySide6.QtCore import QTimer

    from gui.app import compose

    app, window = compose([])
    window.show()
    used: list[float] = []
    QTimer.singleShot(2000, lambda: used.append(time.process_time()))
    QTimer.singleShot(round(2000 + _IDLE_S * 1000), app.exit)
    app.exec()
    return {"percent": 100 * (time.process_time() - used[0]) / _IDLE_S}


def long() -> dict[str, Any]:
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
    QTimer.singleShot(_SETTLE_MS, app.exit)
    app.exec()  # what is put off until the run stands
    view = shown.train.stage.loss.plot.viewport()

    def resize(at: int) -> None:
        shown.resize(shown.width() + (1 if at % 2 else -1) * 4 * (at % 20), shown.height())

    def point(at: int) -> None:
        place = QPointF(view.width() * (0.2 + 0.6 * at / _LOOKS), view.height() / 2)
        kind, none = QEvent.Type.MouseMove, Qt.MouseButton.NoButton
        event = QMouseEvent(kind, place, view.mapToGlobal(place), none, none, Qt.KeyboardModifier.NoModifier)
        app.postEvent(view, event)

    def lengths(act: Callable[[int], None]) -> list[float]:
        """Do it again and again, a frame apart, and return the turns that it took."""
        turns.end()
        turns.all, turns.counted, left = [], True, list(range(_LOOKS))
        beat = QTimer(interval=_FRAME_MS)
        beat.timeout.connect(lambda: act(left.pop()) if left else app.exit())
        beat.start()
        app.exec()
        beat.stop()
        return [ms for ms in turns.ms if ms > 1]  # the rest is the beat itself

    result = {"seconds": seconds, "resize": lengths(resize), "hover": lengths(point)}
    shown.train._engine.shutdown()
    return result


def _long_run() -> Path:
    """Leave the record of a long run on disk."""
    from engine.core.config import TrainConfig
    from engine.core.events import Eval, Step
    from engine.runs.folder import RunFolder

    run = RunFolder(Path(os.environ["UNDERSTUDY_HOME"]) / "runs" / "long")
    run.path.mkdir(parents=True)
    run.write_config(TrainConfig())
    for n in range(_LONG):
        loss = 6 + 4 * math.exp(-n / 4000) + math.sin(n)
        step = {"lr": 1e-3, "grad_norm": 1.0, "step_ms": 250.0, "tokens_per_s": 4096.0, "memory_bytes": 10**9}
        run.append(Step(iter_num=n, loss=loss, **step))  # type: ignore[arg-type]
        if n % 250 == 0:
            run.append(Eval(iter_num=n, train_loss=loss, val_loss=loss + 0.1, bits_per_byte=2.0, is_best=True))
    run.close()
    return run.path


def headless() -> dict[str, Any]:
    """Train without a window: when iterations ended."""
    from engine.core.config import TrainConfig
    from engine.core.jobs import Control, events_of
    from engine.training.trainer import Trainer

    control, ends = Control(), Ends()
    signal.signal(signal.SIGTERM, lambda *_: control.stop())
    for _ in events_of(ends.noted(Trainer(TrainConfig.of(_SETTINGS), control).steps()), control):
        pass
    return {"ends": ends.at}


def window() -> dict[str, Any]:
    """Train in the window: when iterations ended, and when each turn of its event loop began and ended."""
    from gui.train.jobs import train_job

    ends = Ends()
    app, shown, turns = _timed_window(lambda config, control: ends.noted(train_job(config, control)))
    turns.counted = True
    signal.signal(signal.SIGTERM, lambda *_: shown.train.stop())
    shown.train.run_changed.connect(lambda: None if shown.train.running else app.exit())
    shown.train.setup.choose_recipe("guide")
    shown.train.setup.choose_preset("tiny")
    shown.train.setup.change(_SETTINGS)
    shown.train.find_device()  # as after any start: torch is loaded, and this machine measured
    engine = shown.train._engine
    engine.busy_changed.connect(lambda busy: None if busy or ends.at else shown.train.start())
    app.exec()
    shown.train._engine.shutdown()
    return {"ends": ends.at, "turns": turns.all}


class Ends:
    """When iterations of a job ended."""

    def __init__(self) -> None:
        self.at: list[float] = []

    def noted(self, job: Job) -> Job:
        """Yield a job's items as they come, and say on standard output when it is warm."""
        from engine.core.events import Step

        for item in job:
            if isinstance(item, Step):
                self.at.append(time.perf_counter())
                if len(self.at) == _WARM:
                    print(READY, flush=True)
            yield item


def _timed_window(make_job: JobMaker | None = None) -> tuple[QApplication, MainWindow, Turns]:
    """Return the application, its window, shown and complete, and what times the turns of its event loop."""
    from PySide6.QtCore import QAbstractEventDispatcher, QEvent, QObject

    from gui.app import Application, build
    from gui.kit.garbage import loading

    turns = Turns()

    class Timed(Application):
        """The application, with a look at the clock before each event of the loop."""

        def notify(self, receiver: QObject, event: QEvent) -> bool:
            turns.begin()
            return bool(super().notify(receiver, event))

    Timed([])
    app, shown = build([], make_job)
    shown.show()
    with loading():  # the application does, as it loads torch
        shown.tabs.complete()
    app.processEvents()
    QAbstractEventDispatcher.instance().aboutToBlock.connect(turns.end)
    return app, shown, turns


class Turns:
    """The turns of an event loop: each from its first event, be it a timer's, to where the loop waits again.

    Qt tells when the loop is about to wait, but not that it woke before the timers have had their turn.

    Attributes:
        counted: whether turns are counted now.
        all: when each counted turn began and ended.
    """

    def __init__(self) -> None:
        self.counted = False
        self.all: list[tuple[float, float]] = []
        self._began: float | None = None

    def begin(self) -> None:
        """Take note of an event; the first of a turn begins it."""
        if self._began is None:
            self._began = time.perf_counter()

    def end(self) -> None:
        """Take note that the loop waits again."""
        if self._began is not None and self.counted:
            self.all.append((self._began, time.perf_counter()))
        self._began = None

    @property
    def ms(self) -> list[float]:
        """How long each counted turn took."""
        return [1000 * (end - begin) for begin, end in self.all]


PARTS: dict[str, Callable[[], dict[str, Any]]] = {
    "start": start,
    "idle": idle,
    "long": long,
    "headless": headless,
    "window": window,
}

if __name__ == "__main__":
    main()
