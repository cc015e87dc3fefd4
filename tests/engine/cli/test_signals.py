import signal

import pytest

from engine.cli.signals import stopping_on_signals
from engine.core.jobs import Control


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_politely_and_a_second_one_at_once(number, capsys):
    before, control = signal.getsignal(number), Control()
    with stopping_on_signals(control) as caught:
        signal.raise_signal(number)
        assert control.stopping
        assert caught == [number]
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
    assert "Once more" in capsys.readouterr().err
    assert signal.getsignal(number) is before


def test_what_nohup_ignores_stays_ignored(monkeypatch):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        control = Control()
        with stopping_on_signals(control) as caught:
            signal.raise_signal(signal.SIGHUP)
        assert (caught, control.stopping) == ([], False)
    finally:
        signal.signal(signal.SIGHUP, before)
