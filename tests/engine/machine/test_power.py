"""Sleep, battery and heat, told by a simulated machine: the run is saved, rests and goes on by itself."""

import sys
import time

import pytest
import torch

from engine.core.events import Advice, Checkpoint, Finished, Paused, Resumed, Started, Step
from engine.core.jobs import Control
from engine.machine import mac_power
from engine.machine.apple import Message
from engine.machine.power import Power, ThisMachine
from engine.machine.this_machine import this_machine
from engine.runs import checkpoint
from engine.runs.folder import RunFolder
from engine.training import loop
from engine.training.trainer import Trainer


class SimulatedPower(Power):
    """A machine whose state a test sets."""

    def __init__(self):
        self.battery = None
        self.hot = False
        self.slept = 0.0
        self.sleeping_soon = False
        self.log = []

    def stay_awake(self):
        self.log.append("stay awake")

    def let_sleep(self):
        self.log.append("let sleep")

    def battery_percent(self):
        return self.battery

    def is_too_hot(self):
        return self.hot

    def asleep_s(self):
        return self.slept

    def is_about_to_sleep(self):
        return self.sleeping_soon

    def has_saved(self):
        self.sleeping_soon = False
        self.log.append("saved")


@pytest.fixture
def power(monkeypatch):
    monkeypatch.setattr(loop, "LOOK_EVERY_S", 0.0)
    monkeypatch.setattr(loop, "RETRY_EVERY_S", 0.0)
    return SimulatedPower()


def train(config, power, at, change, then=None, control=None):
    """Train; after the step `at` the machine changes, and as soon as the run rests it changes back."""
    events = []
    for event in Trainer(config, control, power).run():
        events.append(event)
        if isinstance(event, Step) and event.iter_num == at:
            change(power)
        elif isinstance(event, Paused) and then is not None:
            then(power)
    return events


def kinds(events, *wanted):
    return [type(event) for event in events if isinstance(event, wanted)]


def codes(events):
    return [event.code for event in events if isinstance(event, Advice)]


def set_to(**state):
    return lambda power: power.__dict__.update(state)


def weights(config):
    return checkpoint.load(RunFolder(config.out_dir).checkpoint).model


@pytest.mark.parametrize(
    ("low", "well", "code"),
    [({"battery": 9.0}, {"battery": None}, "low_battery"), ({"hot": True}, {"hot": False}, "too_hot")],
)
def test_low_battery_and_critical_heat_save_and_rest(toy_config, tmp_path, power, low, well, code):
    config = toy_config(out_dir=str(tmp_path / "rested"))
    events = train(config, power, 7, set_to(**low), set_to(**well))
    assert codes(events).count(code) == 1
    order = kinds(events[events.index(next(e for e in events if isinstance(e, Step) and e.iter_num == 7)) :], object)
    assert order.index(Checkpoint) < order.index(Paused) < order.index(Resumed)
    paused = next(event for event in events if isinstance(event, Paused))
    assert paused.iter_num == 8
    assert 8 in [event.iter_num for event in events if isinstance(event, Checkpoint)]
    assert events[-1].reason == "done"
    undisturbed = toy_config(out_dir=str(tmp_path / "undisturbed"))
    list(Trainer(undisturbed).run())
    assert all(torch.equal(tensor, weights(undisturbed)[name]) for name, tensor in weights(config).items())


def test_the_limit_is_a_setting(toy_config, power):
    assert "low_battery" not in codes(train(toy_config(low_battery_percent=0), power, 3, set_to(battery=1.0)))


def test_a_person_may_go_on_all_the_same(toy_config, power):
    control = Control()
    events = train(toy_config(), power, 3, set_to(battery=5.0), lambda _: control.resume(), control)
    assert codes(events).count("low_battery") == 1
    assert kinds(events, Paused, Resumed, Finished) == [Paused, Resumed, Finished]


def test_a_stop_ends_the_rest(toy_config, power):
    control = Control()
    events = train(toy_config(), power, 3, set_to(hot=True), lambda _: control.stop(), control)
    assert (events[-1].reason, events[-1].iter_num) == ("stopped", 4)


def test_eight_hours_of_sleep_count_neither_in_time_nor_in_speed(toy_config, power, monkeypatch):
    def fall_asleep(power):
        power.slept += 8 * 3600
        awake = time.time
        monkeypatch.setattr(time, "time", lambda: awake() + 8 * 3600)

    began = time.monotonic()
    events = train(toy_config(), power, 6, fall_asleep)
    advice = [event for event in events if isinstance(event, Advice) and event.code == "slept"]
    assert [one.what for one in advice] == ["The machine slept for 8 h 0 min; training goes on where it was."]
    assert events[-1].seconds <= time.monotonic() - began
    assert all(event.step_ms < 60_000 for event in events if isinstance(event, Step))


def test_it_is_saved_before_the_machine_sleeps(toy_config, power):
    events = train(toy_config(), power, 7, set_to(sleeping_soon=True))
    saved = [event.iter_num for event in events if isinstance(event, Checkpoint)]
    assert 8 in saved
    assert "saved" in power.log


def test_the_machine_is_kept_awake_while_it_trains_and_no_longer(toy_config, power, tmp_path):
    train(toy_config(), power, 0, lambda _: None)
    assert power.log == ["stay awake", "let sleep"]
    power.log.clear()
    events = Trainer(toy_config(out_dir=str(tmp_path / "other")), None, power).run()
    next(event for event in events if isinstance(event, Started))
    events.close()
    assert power.log == ["stay awake", "let sleep"]


@pytest.mark.parametrize("rests", [True, False])
def test_the_machine_may_sleep_while_a_run_rests_or_is_paused(toy_config, power, rests):
    """A rest for the battery that keeps the Mac awake drains the battery."""
    control = Control()
    asleep = []

    def wake(power):
        asleep.append(power.log[-1])
        power.battery = None
        control.resume()

    train(toy_config(), power, 3, set_to(battery=5.0) if rests else lambda _: control.pause(), wake, control)
    assert asleep == ["let sleep"]
    assert power.log == ["stay awake", "let sleep", "stay awake", "let sleep"]


def test_a_pause_in_the_middle_of_an_update_or_evaluation_comes_at_once(toy_config, tmp_path):
    config = toy_config(gradient_accumulation_steps=6, eval_iters=6, out_dir=str(tmp_path / "paused"))
    control = Control()
    turns = 0
    for number, item in enumerate(Trainer(config, control).steps()):
        turns += 1
        if isinstance(item, Paused):
            assert turns < 40, "the pause waited for something long"
            control.resume()
        elif number % 23 == 5:
            control.pause()
            turns = 0
    undisturbed = toy_config(gradient_accumulation_steps=6, eval_iters=6, out_dir=str(tmp_path / "undisturbed"))
    list(Trainer(undisturbed).run())
    assert all(torch.equal(tensor, weights(undisturbed)[name]) for name, tensor in weights(config).items())


def test_this_machine_answers():
    power = this_machine()
    assert power.battery_percent() is None or 0 <= power.battery_percent() <= 100
    assert abs(ThisMachine().asleep_s() - ThisMachine().asleep_s()) < 1


# macOS, as far as it can be known elsewhere


class Refused(mac_power.SleepNotice):
    def __init__(self):
        raise OSError("no IOKit")


def test_a_mac_is_kept_awake_by_a_child_that_is_ended(monkeypatch, tmp_path):
    script = tmp_path / "caffeinate"
    script.write_text(
        f"#!{sys.executable}\nimport sys\nopen({str(tmp_path / 'args')!r}, 'w').write(' '.join(sys.argv[1:]))\n"
    )
    script.chmod(0o755)
    monkeypatch.setattr(mac_power, "CAFFEINATE", str(script))
    monkeypatch.setattr(mac_power, "SleepNotice", Refused)
    power = mac_power.MacPower()
    power.stay_awake()
    child = power._caffeinate
    child.wait()
    assert (tmp_path / "args").read_text().startswith("-i -w ")
    power.let_sleep()
    power.let_sleep()
    assert child.returncode is not None


def test_a_mac_without_its_libraries_trains_all_the_same(monkeypatch):
    monkeypatch.setattr(mac_power, "CAFFEINATE", "/nowhere/caffeinate")
    power = mac_power.MacPower()
    if sys.platform != "darwin":
        power.stay_awake()
        assert not power.is_too_hot()
        assert not power.is_about_to_sleep()
        power.has_saved()
        power.let_sleep()


def test_app_nap_is_held_off_by_one_activity_that_ends_once(apple):
    foundation = apple(PROCESS=1, STRING=2, BEGIN_ACTIVITY=3, RETAIN=lambda token: token)
    activity = mac_power.Activity("A model is being trained", foundation)
    assert foundation.arguments_of(Message.STRING) == [[b"A model is being trained"]]
    assert foundation.arguments_of(Message.BEGIN_ACTIVITY) == [[1, 0x00EFFFFF, 2]]
    activity.end()
    activity.end()
    assert foundation.arguments_of(Message.END_ACTIVITY) == [[1, 3]]
    assert foundation.arguments_of(Message.RELEASE) == [[3]] == foundation.arguments_of(Message.RETAIN)


def test_heat_is_what_macos_calls_it(apple):
    assert mac_power.thermal_state(apple(THERMAL_STATE=2)) == 2
