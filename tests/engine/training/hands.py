"""What tests of training do again and again: train, stop, go on, and compare what is left."""

import json

import torch

from engine.core.events import (
    Advice,
    Checkpoint,
    Finished,
    Step,
)
from engine.core.jobs import Control
from engine.runs import checkpoint
from engine.runs.continuation import resumed_config
from engine.runs.folder import RunFolder
from engine.training.trainer import Trainer


def train(config, control=None):
    return list(Trainer(config, control).run())


def train_until(config, moment):
    """Train, and ask for a stop at the first event for which `moment` says so."""
    control, seen = Control(), []
    for event in Trainer(config, control).run():
        seen.append(event)
        if moment(event):
            control.stop()
    return seen


def resume(config, **changes):
    return train(resumed_config(config.out_dir, changes))


def result(config):
    """Return what is left of a run that does not depend on the clock: weights, moments, and the record."""
    run = RunFolder(config.out_dir)
    saved = checkpoint.load(run.checkpoint)
    rows = [json.loads(line) for line in run.metrics_path.read_text().splitlines()]
    steps = [(r["iter_num"], r["loss"], r["lr"], r["grad_norm"]) for r in rows if r["event"] == "step"]
    evals = [(r["iter_num"], r["train_loss"], r["val_loss"], r["is_best"]) for r in rows if r["event"] == "eval"]
    tensors = {**saved.model, **{f"{n}.{k}": t for n, s in saved.optimizer["state"].items() for k, t in s.items()}}
    best = checkpoint.load(run.best).iter_num if run.best.exists() else None
    return tensors, (steps, evals, saved.iter_num, saved.best_val_loss, saved.evaluated, best)


def assert_same_result(one, other):
    (tensors, record), (others, other_record) = result(one), result(other)
    assert record == other_record
    assert tensors.keys() == others.keys()
    assert [name for name, tensor in tensors.items() if not torch.equal(tensor, others[name])] == []


def numbered(events):
    """Return what comes in a fixed order: all but checkpoints, which come once they are on disk, and remarks."""
    return [(type(e), e.iter_num) for e in events if not isinstance(e, Finished | Checkpoint | Advice)]


def saves(events, kind="latest"):
    return [event.iter_num for event in events if isinstance(event, Checkpoint) and event.kind == kind]


def contents(folder):
    return {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.iterdir()}


def rates(events):
    return [event.lr for event in events if isinstance(event, Step)]
