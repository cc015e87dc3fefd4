"""macOS’s power, as far as it can be known elsewhere."""

import sys

from engine.machine import mac_power
from engine.machine.apple import Message


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
