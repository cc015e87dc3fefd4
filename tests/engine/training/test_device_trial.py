"""The device for `auto` is the faster one for the very model: by trial, once, told in a line and kept with the run."""

import json
from functools import partial

import pytest

from engine.core.events import Advice, Progress, Started
from engine.generation import device_trial
from engine.generation.device_trial import HOPELESS, MOST_TIMES, TRIAL_S, device_for_writing
from engine.machine import device as devices
from engine.machine.device import MpsDevice
from engine.runs.folder import RunFolder
from engine.training import trainer
from engine.training.device_trial import faster_device, is_worth_a_trial
from engine.training.trainer import Trainer
from tests.engine.device_clock import Clock, ended

CASES = [
    (0.2, 0.28, "cpu", "cpu: 1.4 times as fast as mps for this model"),
    (0.2, 0.1, "mps", "mps: 2.0 times as fast as cpu for this model"),
]


@pytest.mark.parametrize(("cpu", "mps", "kind", "told"), CASES)
def test_a_run_goes_where_its_update_takes_less_time(gpu, monkeypatch, toy_config, cpu, mps, kind, told):
    clock = Clock(monkeypatch, cpu, mps, first=2.0)
    device, events = ended(faster_device(toy_config(device="auto"), 40, clock))
    assert (device.kind, device.reason, device.notice) == (kind, told, "")
    assert [type(event) for event in events] == [Progress]
    asked = dict(clock.done)
    again, events = ended(faster_device(toy_config(device="auto", seed=5), 40, clock))
    assert (again.kind, again.reason, events, clock.done) == (kind, told, [], asked)


def test_a_trial_takes_its_second_and_no_more(gpu, monkeypatch, toy_config):
    clock = Clock(monkeypatch, cpu=0.07, mps=0.06, first=2.0)
    ended(faster_device(toy_config(device="auto"), 40, clock))
    assert clock.now <= TRIAL_S + 2 * (0.07 + 0.06)
    assert min(clock.done.values()) > 3


def test_what_is_quick_is_not_done_more_often_than_is_of_use(gpu, monkeypatch, toy_config):
    clock = Clock(monkeypatch, cpu=1e-5, mps=1e-5)
    ended(faster_device(toy_config(device="auto"), 40, clock))
    assert clock.done == {"mps": 1 + MOST_TIMES, "cpu": 1 + MOST_TIMES}


def test_a_device_that_is_hopeless_is_tried_once(gpu, monkeypatch, toy_config):
    clock = Clock(monkeypatch, cpu=1.1 * HOPELESS * 0.2, mps=0.2)
    device, _ = ended(faster_device(toy_config(device="auto"), 40, clock))
    assert (device.kind, clock.done["cpu"]) == ("mps", 1)


def test_no_trial_where_there_is_nothing_to_choose(gpu, monkeypatch, toy_config, toy_model):
    clock = Clock(monkeypatch, 1.0, 1.0)
    assert is_worth_a_trial(toy_config(device="auto"), 40)
    for name in ("cpu", "mps"):
        assert not is_worth_a_trial(toy_config(device=name), 40)
        assert device_for_writing(toy_model(), name, "auto", clock).kind == name
    assert not is_worth_a_trial(toy_config(device="auto", n_layer=12, n_embd=768, block_size=1024), 50304)
    monkeypatch.setattr(device_trial, "LARGE_MODEL", 1)
    assert device_for_writing(toy_model(), "auto", "auto", clock).kind == "mps"
    assert clock.now == 0


def test_no_trial_where_the_environment_names_a_device(gpu, monkeypatch, toy_config, toy_model):
    monkeypatch.setenv("UNDERSTUDY_DEVICE", "cpu")
    clock = Clock(monkeypatch, 1.0, 1.0)
    assert not is_worth_a_trial(toy_config(device="auto"), 40)
    assert device_for_writing(toy_model(), "auto", "auto", clock).kind == "cpu"
    assert clock.now == 0


def test_no_trial_where_there_is_one_device(monkeypatch, toy_config, toy_model):
    monkeypatch.setattr(devices, "available", lambda kind: kind == "cpu")
    clock = Clock(monkeypatch, 1.0, 1.0)
    assert not is_worth_a_trial(toy_config(device="auto"), 40)
    assert device_for_writing(toy_model(), "auto", "auto", clock).reason == ""
    assert clock.now == 0


def test_a_device_without_room_is_left_out(gpu, monkeypatch, toy_config):
    clock = Clock(monkeypatch, cpu=5.0, mps=1.0)

    def full(device):
        raise RuntimeError("MPS backend out of memory (MPS allocated: 0 bytes")

    monkeypatch.setattr(MpsDevice, "synchronize", full)
    device, _ = ended(faster_device(toy_config(device="auto"), 40, clock))
    assert (device.kind, device.reason) == ("cpu", "cpu: alone has room for this model")


def test_another_failure_of_a_device_is_not_hidden(gpu, monkeypatch, toy_config):
    clock = Clock(monkeypatch, 1.0, 1.0)

    def broken(device):
        raise RuntimeError("unknown")

    monkeypatch.setattr(MpsDevice, "synchronize", broken)
    with pytest.raises(RuntimeError, match="unknown"):
        ended(faster_device(toy_config(device="auto"), 40, clock))


def test_the_run_tells_why_and_keeps_it(gpu, monkeypatch, toy_config):
    clock = Clock(monkeypatch, cpu=0.01, mps=0.02)
    monkeypatch.setattr(trainer, "faster_device", partial(faster_device, clock=clock))
    config = toy_config(device="auto", max_iters=2)
    events = list(Trainer(config).run())
    assert next(event for event in events if isinstance(event, Started)).device == "cpu"
    (advice,) = [event for event in events if isinstance(event, Advice) and event.code == "device_chosen"]
    assert (advice.severity, advice.what) == ("info", "cpu: 2.0 times as fast as mps for this model.")
    rows = [json.loads(line) for line in RunFolder(config.out_dir).metrics_path.read_text("utf-8").splitlines()]
    assert [row["what"] for row in rows if row.get("code") == "device_chosen"] == [advice.what]
    more = config.changed({"init_from": "resume", "max_iters": 4})
    started = next(event for event in Trainer(more).run() if isinstance(event, Started))
    assert (started.device, started.iter_num) == ("cpu", 2)
