"""What trials told is kept, said in a line, and expected of the next run."""

import pytest

from engine.core.paths import home
from engine.machine.device import DEVICES
from engine.planning import calibration, choices
from engine.planning.calibration import IterationShape, Measurement, store
from engine.planning.choices import (
    BEST_FIRST,
    DeviceChoice,
    expected_device,
    guessed_device,
    remember,
    remembered,
    training_key,
    writing_key,
)
from engine.planning.estimate import flops_per_iter
from engine.planning.presets import preset
from engine.runs.folder import remember_folder

SMALL = preset("small").config(dtype="float32")


def measured_on(device):
    seconds = {"seconds_per_iter": 0.5, "low": 0.5, "high": 0.5}
    here = {"torch": calibration.torch_version(), "threads": calibration.threads()}
    shape, flops = IterationShape.of(SMALL, 5000), flops_per_iter(SMALL, 5000)
    return Measurement(
        source="calibration", shape=shape, device=device, dtype="float32", flops=flops, **seconds, **here
    )


@pytest.mark.parametrize(
    ("seconds", "device", "words"),
    [
        ({"mps": 0.014, "cpu": 0.01}, "cpu", "cpu: 1.4 times as fast as mps for this model"),
        ({"mps": 0.01, "cpu": 0.032}, "mps", "mps: 3.2 times as fast as cpu for this model"),
        ({"mps": 0.0105, "cpu": 0.01}, "mps", "mps: about as fast as cpu for this model"),
        ({"cpu": 0.01, "cuda": 0.0101}, "cuda", "cuda: about as fast as cpu for this model"),
        ({"cuda": 0.3, "mps": 0.1, "cpu": 0.2}, "mps", "mps: 2.0 times as fast as cpu for this model"),
        ({"cpu": 0.2}, "cpu", "cpu: alone has room for this model"),
    ],
)
def test_the_faster_device_is_taken_if_that_is_no_error_of_a_stopwatch(seconds, device, words):
    assert (DeviceChoice(seconds).device, DeviceChoice(seconds).words) == (device, words)


def test_the_best_comes_first_here_as_there():
    assert tuple(DEVICES) == BEST_FIRST


def test_a_choice_is_kept_until_another_is_made_for_the_same():
    key, other = training_key(SMALL, 5000), training_key(SMALL, 5001)
    assert remembered(key) is None
    remember(key, DeviceChoice({"mps": 1.0, "cpu": 2.0}))
    remember(other, DeviceChoice({"mps": 2.0, "cpu": 1.0}))
    assert (remembered(key).device, remembered(other).device) == ("mps", "cpu")
    remember(key, DeviceChoice({"mps": 3.0, "cpu": 1.0}))
    assert remembered(key).seconds == {"mps": 3.0, "cpu": 1.0}


@pytest.mark.parametrize(
    "change",
    [{"batch_size": 5}, {"n_layer": 7}, {"optimizer": "muon"}, {"bias": True}, {"dtype": "bfloat16"}, {"dropout": 0.1}],
)
def test_a_choice_holds_for_what_decides_about_time(monkeypatch, change):
    key = training_key(SMALL, 5000)
    assert training_key(SMALL.changed(change), 5000) != key
    assert training_key(SMALL.changed({"learning_rate": 0.5, "seed": 3, "max_iters": 7}), 5000) == key
    monkeypatch.setattr(choices, "torch_version", lambda: "99.0")
    assert training_key(SMALL, 5000) != key


def test_what_is_written_with_is_another_matter_than_what_is_trained(toy_args):
    args = toy_args().as_dict()
    assert writing_key(args, "auto") != writing_key(args | {"n_layer": 9}, "auto")
    assert writing_key(args, "auto") != writing_key(args, "bfloat16")
    assert writing_key(args, "auto") == writing_key(args | {"dropout": 0.5}, "auto")


def test_the_oldest_choices_go(monkeypatch):
    monkeypatch.setattr(choices, "KEPT", 5)
    for number in range(choices.KEPT + 3):
        remember(f"model {number}", DeviceChoice({"cpu": 1.0}))
    assert remembered("model 2") is None
    assert remembered("model 3") is not None


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[",
        "{}",
        "[1, null]",
        '[{"key": "k"}]',
        '[{"key": "k", "seconds": {"cpu": -1}}]',
        '[{"key": "k", "seconds": 5}]',
    ],
)
def test_a_memory_that_cannot_be_read_is_none(content):
    home().mkdir(parents=True, exist_ok=True)
    (home() / "devices.json").write_text(content)
    assert remembered("k") is None
    remember("k", DeviceChoice({"cpu": 1.0}))
    assert remembered("k").device == "cpu"


def test_a_memory_that_cannot_be_written_stops_nothing(caplog):
    home().parent.mkdir(parents=True, exist_ok=True)
    home().write_text("a file where the folder should be")
    remember("k", DeviceChoice({"cpu": 1.0}))
    assert "not kept" in caplog.text


def test_the_device_is_the_one_that_was_measured():
    assert expected_device("cuda") == "cuda"
    store(measured_on("cuda"))
    assert expected_device("auto") == "cuda"


def test_a_trial_of_this_very_model_tells_more_than_what_was_measured():
    key = training_key(SMALL, 5000)
    store(measured_on("mps"))
    remember(key, DeviceChoice({"mps": 2.0, "cpu": 1.0}))
    assert expected_device("auto", key) == "cpu"
    assert expected_device("auto") == "mps"
    assert expected_device("mps", key) == "mps"


def test_a_small_model_measured_on_the_processor_does_not_hide_the_gpu():
    store(measured_on("cpu"))
    assert expected_device("auto") == "cpu"
    remember(training_key(SMALL, 5000), DeviceChoice({"mps": 2.0, "cpu": 1.0}))
    assert expected_device("auto") == "mps"


@pytest.mark.parametrize(("system", "chip", "device"), [("linux", "x86_64", "cuda"), ("darwin", "arm64", "mps")])
def test_before_a_calibration_the_runs_tell_of_cuda(toy_run, monkeypatch, system, chip, device):
    monkeypatch.setattr("sys.platform", system)
    monkeypatch.setattr("platform.machine", lambda: chip)
    remember_folder(toy_run.path)
    assert expected_device("auto") == guessed_device() == ("mps" if device == "mps" else "cpu")
    record = toy_run.metrics_path.read_text("utf-8")
    toy_run.metrics_path.write_text(record.replace('"device": "cpu"', '"device": "cuda"'), "utf-8")
    assert expected_device("auto") == device
