"""How the window behaves while a model trains in it: printed as a table.

    python -m scripts.bench_gui [--iterations N]

Each figure comes from a process of its own, with folders of its own: start to first paint, idle CPU, the length
of the event loop's turns while `tiny` trains, and training throughput in the window against headless, A B A B.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from statistics import median
from typing import Any

_IDLE_S = 5.0
_NOTHING_MS = 0.1  # a turn shorter than this had nothing to do
_BEGUN = "UNDERSTUDY_BENCH_BEGUN"
_WARM = 5  # iterations that are not counted


def main() -> None:
    """Measure everything and print it."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--iterations", type=int, default=40)
    asked.add_argument("--part", choices=list(PARTS), help=argparse.SUPPRESS)
    args = asked.parse_args()
    if args.part:
        print(json.dumps(PARTS[args.part](args.iterations)))
        return
    with tempfile.TemporaryDirectory() as home:
        _measure("headless", home, 1)  # prepares the text
        start, idle = _measure("start", home, 0), _measure("idle", home, 0)
        windows, headless = [], []
        for _ in range(2):
            windows.append(_measure("window", home, args.iterations))
            headless.append(_measure("headless", home, args.iterations))
    turns = [turn for each in windows for turn in each["turns_ms"] if turn > _NOTHING_MS]
    ratio = median(each["per_s"] for each in windows) / median(each["per_s"] for each in headless)
    print(f"start to first paint        {start['seconds']:8.2f} s    torch loaded: {start['torch']}")
    print(f"idle CPU                    {idle['percent']:8.2f} %")
    for share in (50, 90, 99, 99.9):
        print(f"event-loop turn, {share:>4} %      {_percentile(turns, share):8.1f} ms")
    print(f"event-loop turn, longest    {max(turns):8.1f} ms   of {len(turns)}")
    print(f"throughput, window/headless {ratio:8.1%}     {_each(windows)} against {_each(headless)} iterations/s")


def _each(results: list[dict[str, Any]]) -> str:
    return ", ".join(f"{each['per_s']:.2f}" for each in results)


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
    from PySide6.QtCore import QAbstractEventDispatcher
    from PySide6.QtWidgets import QApplication

    from engine.events import Step
    from gui.app import build

    app, shown = build([])
    shown.show()
    QApplication.processEvents()
    at: list[float] = []
    turns: list[float] = []
    woke = [time.perf_counter()]
    engine = shown.train._engine

    def take(_: int, event: object) -> None:
        if isinstance(event, Step):
            at.append(time.perf_counter())

    engine.event_arrived.connect(take)
    shown.train.run_changed.connect(lambda: None if shown.train.running else app.exit())
    dispatcher = QAbstractEventDispatcher.instance()
    dispatcher.awake.connect(lambda: woke.__setitem__(0, time.perf_counter()))
    dispatcher.aboutToBlock.connect(lambda: turns.append(1000 * (time.perf_counter() - woke[0])))
    shown.train.setup.choose_preset("tiny")
    shown.train.setup.change(_settings(iterations))
    shown.train.start()
    app.exec()
    engine.shutdown()
    return {"per_s": _per_second(at), "turns_ms": turns}


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
    "headless": headless,
    "window": window,
}

if __name__ == "__main__":
    main()
