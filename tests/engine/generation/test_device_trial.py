"""The device to write on is found by a trial, which takes its second and remembers what came of it."""

import pytest
import torch

from engine.generation.device_trial import (
    HOPELESS,
    MOST_TIMES,
    TRIAL_S,
    Contest,
    chosen,
    device_for_writing,
    remembered_among,
)
from engine.machine.device import Device
from engine.planning.choices import DeviceChoice, remember, remembered
from tests.engine.device_clock import Clock

CASES = [
    (0.2, 0.28, "cpu", "cpu: 1.4 times as fast as mps for this model"),
    (0.2, 0.1, "mps", "mps: 2.0 times as fast as cpu for this model"),
]


@pytest.mark.parametrize(("cpu", "mps", "kind", "told"), CASES)
def test_a_model_writes_where_ten_tokens_take_less_time(gpu, monkeypatch, toy_model, cpu, mps, kind, told):
    clock, model = Clock(monkeypatch, cpu, mps, first=2.0), toy_model()
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    device = device_for_writing(model, "auto", "auto", clock)
    assert (device.kind, device.reason) == (kind, told)
    assert {weight.device.type for weight in model.state_dict().values()} == {"cpu"}
    assert all(torch.equal(before[name], weight) for name, weight in model.state_dict().items())
    asked = dict(clock.done)
    assert device_for_writing(model, "auto", "auto", clock).reason == told
    assert clock.done == asked


def test_a_choice_of_a_device_that_is_gone_counts_no_more():
    remember("this model", DeviceChoice({"mps": 1.0, "cpu": 2.0}))
    assert remembered_among(["mps", "cpu"], "this model").device == "mps"
    assert remembered_among(["cuda", "cpu"], "this model") is None
    assert remembered_among(["mps", "cpu"], "another model") is None


class Timed:
    """A contest of works that take so long each time, on a clock that nothing else moves."""

    def __init__(self, devices=2):
        self.now, self.done = 0.0, []
        self.contest = Contest(devices, lambda: self.now)

    def enter(self, kind, *seconds):
        """Enter a device whose work takes so long the first times, and as long as the last ever after."""
        device, taken = Device(), iter(seconds)
        device.kind = kind

        def work():
            self.now += next(taken, seconds[-1])
            self.done.append(kind)

        self.contest.enter(device, lambda: work)

    @property
    def seconds(self):
        return self.contest.result("this").seconds


def test_the_best_time_counts_and_not_the_first_nor_the_mean():
    timed = Timed()
    timed.enter("mps", 0.4, 0.06, 0.05, 0.2)
    timed.enter("cpu", 0.1, 0.1)
    assert timed.seconds == pytest.approx({"mps": 0.05, "cpu": 0.1})
    assert remembered("this").seconds == timed.seconds


def test_a_quick_work_is_done_so_often_and_a_slow_one_while_its_share_of_the_time_lasts():
    timed = Timed(devices=2)
    timed.enter("mps", 1e-6)
    timed.enter("cpu", TRIAL_S / 8)
    assert (timed.done.count("mps"), timed.done.count("cpu")) == (1 + MOST_TIMES, 1 + 3)


def test_what_is_hopeless_is_done_once():
    timed = Timed()
    timed.enter("mps", 0.3)
    timed.enter("cpu", 0.3 * HOPELESS * 1.01)
    assert timed.done.count("cpu") == 1
    again = Timed()
    again.enter("mps", 0.3)
    again.enter("cpu", 0.3 * HOPELESS * 0.99, 0.1)
    assert again.seconds["cpu"] == pytest.approx(0.1)


def test_a_device_without_room_has_no_time_and_another_failure_is_raised():
    contest = Timed().contest
    contest.enter(Device(), lambda: 1 / torch.zeros(2**60))
    assert contest.result("this") is None
    assert remembered("this") is None
    with pytest.raises(RuntimeError, match="must match"):
        contest.enter(Device(), lambda: torch.zeros(2) + torch.zeros(3))


def test_a_chosen_device_says_why_and_without_a_choice_it_is_the_best_there_is(monkeypatch):
    monkeypatch.setenv("UNDERSTUDY_DEVICE", "cpu")
    assert (chosen(None).kind, chosen(None).reason) == ("cpu", "")
    assert chosen(DeviceChoice({"cpu": 1.0, "mps": 3.0})).reason == "cpu: 3.0 times as fast as mps for this model"
