import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.cli.signals import CLEARING_UP, SAVING, stopping_on_signals
from engine.core.jobs import Control

ROOT = Path(__file__).parents[3]
BUSY = """
import sys, time
from engine.cli.signals import ending_in_time, stopping_on_signals
from engine.core.jobs import Control

control, begun = Control(), sys.argv[1] == "begun"
with stopping_on_signals(control), ending_in_time(control, lambda: begun):
    print("ready", flush=True)
    time.sleep(2 if begun else 1000)  # as a long call into torch: it looks at nothing
    print("saved" if control.stopping else "not asked", flush=True)
"""


@pytest.mark.thorough
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize("state", ["making a model", "begun"])
def test_a_signal_ends_what_has_nothing_to_save_and_lets_the_rest_save(state, number):
    process = subprocess.Popen(
        [sys.executable, "-c", BUSY, state], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "ready\n"
    process.send_signal(number)
    out, errors = process.communicate(timeout=200)
    if state == "begun":
        assert (process.returncode, out) == (0, "saved\n")
    else:
        assert (process.returncode, out) == (128 + number, "")
        assert "Stopped before anything was trained." in errors


@pytest.mark.parametrize(
    ("words", "says"), [([], "Stopping."), ([SAVING], "saving a checkpoint first"), ([CLEARING_UP], "removed first")]
)
def test_a_signal_is_answered_with_what_is_done_first(words, says, capsys):
    control = Control()
    with stopping_on_signals(control, *words) as caught:
        signal.raise_signal(signal.SIGTERM)
    assert control.stopping
    assert caught == [signal.SIGTERM]
    assert says in capsys.readouterr().err


def test_only_training_saves_a_checkpoint_when_it_is_stopped(toy_run, tmp_path, engine, monkeypatch):
    def stopped_at_once(*_args, **_how):
        signal.raise_signal(signal.SIGINT)
        yield from ()

    monkeypatch.setattr("engine.archives.pack.pack_job", stopped_at_once)
    monkeypatch.setattr("engine.datasets.prepare.prepare_job", stopped_at_once)
    monkeypatch.setattr("engine.archives.unpack.unpack_job", stopped_at_once)
    for words in (["pack", tmp_path], ["prepare", "x"], ["unpack", "x"]):
        code, _, errors = engine(*words)
        assert (code, "checkpoint" in errors, "Stopping" in errors) == (130, False, True)
