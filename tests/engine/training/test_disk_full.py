"""A disk that is full while a run saves: the checkpoint before stays whole, training rests, and goes on with room."""

import json
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engine.core.errors import TrainingError
from engine.core.events import Advice, Checkpoint, Event, Finished, Paused, Resumed, Started, Step
from engine.core.jobs import Control
from engine.runs import checkpoint
from engine.runs.folder import RunFolder
from engine.training import loop
from engine.training.trainer import Trainer

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def small_files():
    """Yield a limit to what a file may hold, as a quota does; lifted in the end."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def limit(size):
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft if size is None else size, hard))

    yield limit
    limit(None)


def kinds(events, *wanted):
    return [type(event) for event in events if isinstance(event, wanted)]


def test_it_rests_until_there_is_room_and_loses_nothing(toy_config, tmp_path, small_files, monkeypatch):
    monkeypatch.setattr(loop, "RETRY_EVERY_S", 0.0)
    config = toy_config(out_dir=str(tmp_path / "full"))
    run = RunFolder(config.out_dir)
    events = []
    for event in Trainer(config).run():
        events.append(event)
        if isinstance(event, Checkpoint) and event.iter_num == 5 and event.kind == "best":
            small_files(run.checkpoint.stat().st_size // 2)
        if isinstance(event, Paused):
            assert checkpoint.load(run.checkpoint).iter_num == 5
            small_files(None)
    advice = [event for event in events if isinstance(event, Advice) and event.code == "disk_full"]
    assert len(advice) == 1
    assert "MB are free" in advice[0].what
    assert kinds(events, Paused, Resumed, Finished) == [Paused, Resumed, Finished]
    assert [event.iter_num for event in events if isinstance(event, Checkpoint) and event.kind == "latest"] == [
        5,
        10,
        12,
    ]
    undisturbed = toy_config(out_dir=str(tmp_path / "undisturbed"))
    list(Trainer(undisturbed).run())
    one, other = (checkpoint.load(RunFolder(c.out_dir).checkpoint) for c in (config, undisturbed))
    assert all(tensor.equal(other.model[name]) for name, tensor in one.model.items())
    assert not list(run.path.glob(".*"))


def test_a_stop_while_it_rests_tells_what_is_missing(toy_config, small_files, monkeypatch):
    monkeypatch.setattr(loop, "RETRY_EVERY_S", 0.0)
    config, control = toy_config(), Control()
    run = RunFolder(config.out_dir)

    def events():
        for event in Trainer(config, control).run():
            yield event
            if isinstance(event, Checkpoint) and event.iter_num == 5 and event.kind == "best":
                small_files(run.checkpoint.stat().st_size // 2)
            if isinstance(event, Paused):
                control.stop()

    with pytest.raises(TrainingError) as told:
        list(events())
    assert told.value.code == "disk_full"
    assert told.value.exit_code == 1
    assert f"--init_from=resume --out_dir={run.path}: the checkpoint before is whole." in told.value.fix
    assert checkpoint.load(run.checkpoint).iter_num == 5


def test_before_the_first_checkpoint_none_is_promised_and_nothing_is_told_twice(
    toy_config, small_files, monkeypatch, caplog
):
    monkeypatch.setattr(loop, "RETRY_EVERY_S", 0.0)
    config, control = toy_config(), Control()
    seen: list[Event] = []

    def events():
        for event in Trainer(config, control).run():
            seen.append(event)
            if isinstance(event, Started):
                small_files(4000)
            if isinstance(event, Paused):
                control.stop()

    with pytest.raises(TrainingError) as told:
        list(events())
    (advice,) = (event for event in seen if isinstance(event, Advice) and event.code == "disk_full")
    assert advice.why.endswith("no checkpoint of this run exists yet.")
    assert told.value.fix == "Make room on the disk, then start again: no checkpoint of this run exists yet."
    assert "The disk is full" not in caplog.text


def test_events_that_find_no_room_are_recorded_later(toy_config, small_files, monkeypatch):
    monkeypatch.setattr(loop, "RETRY_EVERY_S", 0.0)
    config = toy_config(eval_interval=1000, sample_tokens=0)
    run = RunFolder(config.out_dir)
    seen: list[Event] = []
    for event in Trainer(config).run():
        seen.append(event)
        if isinstance(event, Step) and event.iter_num == 6:
            small_files(run.metrics_path.stat().st_size + 40)  # the next line is torn in its middle
        if isinstance(event, Paused):
            small_files(None)
    assert kinds(seen, Paused, Resumed) == [Paused, Resumed]
    assert [event.iter_num for event in run.events() if isinstance(event, Step)] == list(range(12))


# a real one


def mounted(folder, megabytes):
    """Mount a small file system of its own; whether that is allowed here."""
    folder.mkdir()
    mount = shutil.which("mount")
    command = [mount, "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    return bool(mount) and os.geteuid() == 0 and subprocess.run(command, check=False).returncode == 0


@pytest.mark.slow
def test_a_real_disk_that_is_full(tmp_path, toy_dataset):
    disk = tmp_path / "disk"
    if not mounted(disk, 4):
        pytest.skip("only root may mount a disk")
    try:
        (disk / "other files").write_bytes(bytes(2_500_000))
        shape = {"n_layer": 2, "n_head": 2, "n_embd": 48, "block_size": 16, "batch_size": 2, "log_interval": 1}
        often = {"max_iters": 40, "eval_interval": 10, "eval_iters": 1, "sample_tokens": 0, "early_stop": False}
        where = {"dataset": "toy", "out_dir": disk / "run", "device": "cpu"}
        flags = [f"--{name}={value}" for name, value in {**shape, **often, **where}.items()]
        command = [sys.executable, "-m", "engine", "train", "--json", *flags]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        told = []
        with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
            for line in process.stdout:
                told.append(json.loads(line))
                if told[-1]["event"] == "paused":
                    assert checkpoint.is_whole(disk / "run" / "ckpt.pt")
                    (disk / "other files").unlink()
        assert process.returncode == 0
    finally:
        subprocess.run(["umount", str(disk)], check=True)
    names = [event["event"] for event in told]
    assert names.count("paused") == names.count("resumed") == 1
    assert [event["iter_num"] for event in told if event["event"] == "step"] == list(range(40))
    assert "disk_full" in [event.get("code") for event in told]
    assert told[-1]["reason"] == "done"
