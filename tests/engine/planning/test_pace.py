import pytest

from engine.core.config import TrainConfig
from engine.planning import pace
from engine.planning.calibration import IterationShape, Measurement
from engine.planning.estimate import flops_per_iter
from engine.planning.pace import LAYER_S, Pace, pace_here
from tests.stand_in_clock import Clock

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
    wanted = flops_per_iter(CONFIG, 512) / 1e9 + LAYER_S * (CONFIG.n_layer + 1)
    assert found.seconds_per_iter(CONFIG, 512) == wanted


@pytest.mark.parametrize("gain", [1.0, pace.BFLOAT16_GAIN])
def test_a_processor_is_tried_before_it_is_guessed(monkeypatch, gain):
    monkeypatch.setattr(pace, "time", Clock(tick=0.5))
    monkeypatch.setattr(pace, "_product_rate", pace._product_rate.__wrapped__)  # this once without its memory
    monkeypatch.setattr(pace, "_multiplies_bfloat16", lambda: gain > 1.0)
    tried = pace_here("cpu", ())
    assert not tried.is_measured
    assert tried.rate == pytest.approx(gain * pace.SHARE_OF_PRODUCTS * 2 * pace._SIDE**3 / 0.5)
