import sys

import pytest

from engine.machine.power import ThisMachine
from engine.machine.this_machine import this_machine


@pytest.mark.skipif(sys.platform == "darwin", reason="a Mac tells more")
def test_elsewhere_than_on_a_mac_it_tells_what_every_system_tells():
    assert type(this_machine()) is type(this_machine(keep_awake=False)) is ThisMachine


def test_a_mac_is_kept_awake_only_where_that_is_wanted(monkeypatch):
    from engine.machine import mac_power

    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(mac_power, "MacPower", lambda *, keep_awake: keep_awake)
    assert (this_machine(), this_machine(keep_awake=False)) == (True, False)
