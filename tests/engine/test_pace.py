from engine.calibration import Measurement, Shape
from engine.config import TrainConfig
from engine.estimate import flops_per_iter
from engine.pace import LAYER_S, Pace, pace_here

CONFIG = TrainConfig()


def measured(seconds):
    return Measurement(
        source="run",
        shape=Shape.of(CONFIG, 512),
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
    pace = Pace(device="cpu", measured=(measured(0.25),), rate=1.0)
    assert pace.is_measured
    assert pace.seconds_per_iter(CONFIG, 512) == 0.25


def test_what_was_measured_elsewhere_tells_nothing():
    pace = Pace(device="mps", measured=(measured(0.25),), rate=1e9)
    assert not pace.is_measured
    wanted = flops_per_iter(CONFIG, 512) / 1e9 + LAYER_S * (CONFIG.n_layer + 1)
    assert pace.seconds_per_iter(CONFIG, 512) == wanted


def test_a_processor_is_tried_before_it_is_guessed():
    pace = pace_here("cpu", ())
    assert not pace.is_measured
    assert 1e8 < pace.rate < 1e14
