import json
import shlex

import pytest

from engine.cli.estimate import span
from engine.planning.presets import presets
from engine.training import bench
from tests.engine.cli.hands import GUIDE, json_lines


@pytest.mark.parametrize("line", [line for line in GUIDE if "shakesphere" in line])
def test_each_training_line_of_the_guide_can_be_estimated(engine, line):
    code, out, err = engine("estimate", *shlex.split(line), "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["parameters"] > 0


@pytest.mark.parametrize(("seconds", "told"), [(89, "89 seconds"), (300, "5 minutes"), (145_080, "40.3 hours")])
def test_the_time_of_an_estimate_is_told_in_the_unit_one_would_use(seconds, told):
    assert span(seconds) == told


@pytest.mark.parametrize("name", presets())
def test_estimate_in_json(engine, name):
    code, out, err = engine("estimate", "--preset", name, "--json")
    assert (code, err) == (0, "")
    (row,) = json_lines(out)
    assert row.keys() >= {"parameters", "memory", "fits", "seconds_per_iter", "seconds_total"}
    memory = row["memory"]
    parts = [memory[part] for part in ("weights", "gradients", "optimizer", "activations", "logits")]
    assert sum(parts) == memory["total"]
    assert row["fits"] is (memory["total"] <= memory["limit"])


def test_the_minutes_of_a_plan_bound_its_estimate(engine, toy_run):
    shape = ("n_layer", "n_head", "n_embd", "block_size", "batch_size", "device")
    plan = ("estimate", "--dataset=toy", *[f"--{name}={getattr(toy_run.read_config(), name)}" for name in shape])
    whole = json.loads(engine(*plan, "--max_iters=10000000", "--json")[1])["seconds_total"]
    assert whole > 60
    assert json.loads(engine(*plan, "--max_iters=10000000", "--minutes=0.5", "--json")[1])["seconds_total"] == 30
    assert "its 0.5 minutes hold about" in engine(*plan, "--max_iters=10000000", "--minutes=0.5")[1]


@pytest.mark.usefixtures("toy_dataset")
def test_estimate_tells_the_time_once_it_is_measured(engine, monkeypatch):
    monkeypatch.setattr(bench, "CALIBRATION_S", 0.1)
    plan = ("estimate", "--dataset=toy", "--n_embd=32", "--block_size=16", "--device=cpu")
    before = json.loads(engine(*plan, "--json")[1])
    assert before["seconds_per_iter"] is before["seconds_total"] is None
    code, out, _ = engine(*plan, "--calibrate", "--json")
    after = json.loads(out)
    low, high = after["seconds_per_iter_range"]
    assert code == 0
    assert low < after["seconds_per_iter"] < high
    assert after["seconds_total"] > 0
    assert "measured here" in engine(*plan)[1]
