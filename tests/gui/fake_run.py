"""A run as the engine would tell it, without torch: for tests of the window."""

import math
from threading import Event as Moment

from engine.core.config import TrainConfig
from engine.core.events import Checkpoint, Paused, Resumed, Sample, Turn
from engine.runs.folder import RunFolder
from tests.fake_events import evaluation, finished, started, step

ITERATION_S = 0.0005  # as long as an iteration takes here: even the smallest model takes longer


_IN_TIME = 400  # iterations after which any number of minutes is over here


def fake_run(config, control, endless=False):
    """Train nothing: falling losses, an evaluation each 50, heeding pause and stop as the trainer does."""
    yield started(max_iters=config.max_iters, run_dir=config.out_dir or "/runs/fake")
    n, reason = 0, "done"
    last = min(config.max_iters, _IN_TIME) if config.minutes else config.max_iters
    while endless or n < last:
        if control.stopping:
            reason = "stopped"
            break
        if control.paused:
            yield Paused(iter_num=n)
            while control.paused:
                yield Turn.IDLE
            yield Resumed(iter_num=n)
        elif n % 50 == 0:
            yield evaluation(n, 4 * math.exp(-n / 100) + 1)
            yield Sample(iter_num=n, prompt="\n", text=f"\nsample of {n}")
        Moment().wait(ITERATION_S)
        if n % 10 == 0:
            yield step(n, 4 * math.exp(-n / 100) + 1)
        else:
            yield Turn.NEXT
        n += 1
    yield Checkpoint(iter_num=n, path="/runs/fake/ckpt.pt", kind="latest")
    yield finished(reason, n)


def endless_run(config, control):
    return fake_run(config, control, endless=True)


def recorded(path, *events, name=""):
    """Leave a run on disk as the trainer does."""
    run = RunFolder(path)
    path.mkdir(parents=True)
    run.write_config(TrainConfig())
    for event in events:
        run.append(event)
    run.close()
    if name:
        run.rename(name)
    return run
