"""What every system tells alike of battery and sleep."""

from types import SimpleNamespace

import psutil
import pytest

from engine.machine.power import Power, ThisMachine


def test_a_machine_of_which_nothing_is_known_is_well():
    power = Power()
    power.stay_awake()
    power.has_saved()
    power.let_sleep()
    assert power.battery_percent() is None
    assert (power.is_too_hot(), power.is_about_to_sleep(), power.asleep_s()) == (False, False, 0.0)


@pytest.mark.parametrize(
    ("battery", "percent"),
    [
        (None, None),
        (SimpleNamespace(percent=40, power_plugged=True), None),
        (SimpleNamespace(percent=40, power_plugged=None), None),
        (SimpleNamespace(percent=40, power_plugged=False), 40.0),
    ],
)
def test_the_charge_counts_while_the_machine_runs_on_it(monkeypatch, battery, percent):
    monkeypatch.setattr(psutil, "sensors_battery", lambda: battery, raising=False)
    assert ThisMachine().battery_percent() == percent


def test_where_no_battery_can_be_asked_for_there_is_none(monkeypatch):
    monkeypatch.delattr(psutil, "sensors_battery", raising=False)
    assert ThisMachine().battery_percent() is None


def test_time_awake_is_no_sleep():
    assert abs(ThisMachine().asleep_s() - ThisMachine().asleep_s()) < 1
