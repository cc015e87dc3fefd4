"""A plan for some minutes is made of what this machine was measured to do, by a command line's first run too."""

from dataclasses import replace

import pytest

from engine.cli.calibrate import calibrate_for_plan
from engine.core.config import TrainConfig
from engine.planning.calibration import calibrations
from engine.planning.pace import pace_here
from tests.engine.cli.hands import TOY

PLANNED = TrainConfig(
    recipe="quick", minutes=0.01, dataset="toy", device="cpu", n_layer=1, n_head=1, n_embd=8, block_size=8
)


@pytest.mark.usefixtures("toy_dataset")
def test_a_machine_of_which_nothing_is_known_is_measured_once(capsys):
    assert not pace_here("cpu").is_measured
    assert calibrate_for_plan(PLANNED)
    assert "to see how fast it is" in capsys.readouterr().err
    (measured,) = calibrations()
    assert (measured.shape.n_embd, measured.device) == (8, "cpu")
    assert not calibrate_for_plan(PLANNED)
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("toy_dataset")
@pytest.mark.parametrize("change", [{"recipe": "guide"}, {"minutes": 0.0}, {"init_from": "resume"}])
def test_nothing_is_measured_where_no_time_is_planned(change):
    assert not calibrate_for_plan(replace(PLANNED, **change))
    assert calibrations() == []


@pytest.mark.usefixtures("toy_dataset")
def test_a_first_run_for_some_minutes_is_planned_by_what_was_measured(engine):
    shape = [word for word in TOY if not word.startswith(("--warmup", "--n_", "--block", "--device"))]
    words = [*shape, "--recipe=quick", "--minutes=0.005", "--out_dir=out", "--sample_tokens=0", "--device=cpu"]
    code, _, guessed = engine("estimate", *words)
    assert code == 0
    code, _, err = engine("train", *words, "--anyway=True")
    assert code == 0
    assert err.index("to see how fast it is") < err.index("max_iters")
    assert "by a guess at this machine’s speed" in guessed
    assert "by a guess at this machine’s speed" not in err
    assert "to see how fast it is" not in engine("train", *words, "--anyway=True", "--overwrite=True")[2]
