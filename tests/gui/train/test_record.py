"""All that a run left on disk, read at once."""

import math

import numpy as np

from gui.train.record import read_record
from tests.fake_events import next_model
from tests.gui.fake_run import evaluation, recorded, started, step
from tests.gui.train.hands import run_of


def test_a_record_read_at_once_gives_what_its_events_gave_one_by_one(tmp_path):
    random = np.random.default_rng(1)
    steps = [step(n, float(4 - n / 100 + random.normal()), step_ms=float(n + 1)) for n in range(0, 200, 10)]
    evals = [evaluation(n, 4 - n / 100) for n in range(0, 200, 50)]
    steps[3] = step(30, math.nan, grad_norm=math.nan)
    events = [started(), *steps[:12], *evals[:3], next_model(120), *steps[12:], *evals[3:]]
    run, state = recorded(tmp_path / "run", *events), run_of(*events)
    trace = read_record(run.path).trace
    for name in ("iter_num", "loss", "smoothed", "lr", "grad_norm", "tokens_per_s", "memory_bytes", "seconds"):
        one_by_one = state.curves.steps.column(name)
        assert np.allclose(trace.curves.steps.column(name), one_by_one, equal_nan=True), name
    assert np.array_equal(trace.curves.evals.column("val_loss"), state.curves.evals.column("val_loss"))
    assert trace.curves.turns == state.curves.turns == [120]
    assert trace.scale == state.trace.scale


def test_a_run_without_a_record_has_no_curve(tmp_path):
    record = read_record(tmp_path)
    assert (len(record.trace.curves.steps), record.samples) == (0, ())
