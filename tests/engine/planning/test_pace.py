import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.core.config import TrainConfig
from engine.machine.hardware import cores_allowed
from engine.planning import pace
from engine.planning.calibration import IterationShape, Measurement
from engine.planning.estimate import flops_per_iter
from engine.planning.iteration_cost import iteration_cost
from engine.planning.pace import Pace, pace_here
from tests.patience import PATIENCE_S
from tests.stand_in_clock import Clock

ROOT = Path(__file__).resolve().parents[3]
CONFIG = TrainConfig()


def measured(seconds):
    return Measurement(
        source="run",
        shape=IterationShape.of(CONFIG, 512),
        device="cpu",
        dtype="float32",
        torch="",
        threads=2,
        seconds_per_iter=seconds,
        low=seconds,
        high=seconds,
        flops=flops_per_iter(CONFIG, 512),
    )


def test_what_was_measured_comes_before_a_guess():
    found = Pace(device="cpu", measured=(measured(0.25),), rate=1.0)
    assert found.is_measured
    assert found.seconds_per_iter(CONFIG, 512) == 0.25


def test_what_was_measured_elsewhere_tells_nothing():
    found = Pace(device="mps", measured=(measured(0.25),), rate=1e9)
    assert not found.is_measured
    assert found.seconds_per_iter(CONFIG, 512) == iteration_cost(CONFIG, 512, "mps").seconds(1e9)


@pytest.mark.parametrize("gain", [1.0, pace.BFLOAT16_GAIN])
def test_a_processor_is_tried_before_it_is_guessed(monkeypatch, gain):
    monkeypatch.setattr(pace, "time", Clock(tick=0.5))
    monkeypatch.setattr(pace, "_product_rate", pace._product_rate.__wrapped__)  # this once without its memory
    monkeypatch.setattr(pace, "_multiplies_bfloat16", lambda: gain > 1.0)
    tried = pace_here("cpu", ())
    assert not tried.is_measured
    assert tried.rate == pytest.approx(gain * pace.SHARE_OF_PRODUCTS * 2 * pace._SIDE**3 / 0.5)


@pytest.mark.parametrize(("worth", "share"), [(0.5, 0.25), (2.0, 1.0), (math.inf, 1.0)])
def test_a_process_that_is_held_back_is_not_guessed_by_what_it_does_in_a_moment(monkeypatch, worth, share):
    monkeypatch.setattr(pace, "_product_rate", lambda: 1e9)
    monkeypatch.setattr(pace, "_multiplies_bfloat16", lambda: False)
    monkeypatch.setattr(pace, "cores_worth", lambda: worth)
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    assert pace_here("cpu", ()).rate == pytest.approx(share * pace.SHARE_OF_PRODUCTS * 1e9)


THREADS = """
import os, sys
if sys.argv[1:]:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
from engine.planning.calibration import threads
from engine.planning.pace import rate_here
assert rate_here("cpu") > 0
of_numpy = len(os.listdir("/proc/self/task"))
import torch
print(of_numpy, torch.get_num_threads(), threads())
"""


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="only Linux tells a process's threads so, or binds it")
@pytest.mark.parametrize(("asked", "bound"), [("1", []), ("2", []), ("", ["to one core"])])
def test_a_processor_is_tried_with_as_many_threads_as_training_takes(asked, bound):
    """OpenBLAS keeps its threads: those of the process are numpy's, until torch is loaded."""
    if asked == "2" and cores_allowed() < 2:
        pytest.skip("there is one core only, and numpy takes no more threads than cores")
    surroundings = {name: value for name, value in os.environ.items() if "_NUM_THREADS" not in name}
    surroundings |= {"OMP_NUM_THREADS": asked} if asked else {}
    command = [sys.executable, "-c", THREADS, *bound]
    done = subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True, timeout=PATIENCE_S)
    assert done.stdout.split() == [asked or "1"] * 3, done.stderr
