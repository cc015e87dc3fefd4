"""One run, one owner: a second process is refused by name, and a crash leaves nothing behind that refuses anybody."""

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.core.errors import CheckpointError
from engine.core.events import Paused
from engine.runs.continuation import resumed_config
from engine.runs.listing import summary
from engine.runs.owner import LOCK, Owner, RunLock, owner_of
from engine.training.trainer import Trainer

ROOT = Path(__file__).resolve().parents[3]
HOLD = (
    "import sys, engine.runs.owner as o, pathlib; lock = o.RunLock(pathlib.Path(sys.argv[1])); "
    "print('held', flush=True); "
)


@pytest.fixture
def other_process():
    """Yield a maker of processes that hold the lock on a folder until they are killed."""
    started = []

    def start(folder):
        code = HOLD + "sys.stdin.read()"
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(folder)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout.readline() == "held\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_a_second_process_is_refused_by_name(toy_run, other_process):
    process = other_process(toy_run.path)
    before = toy_run.metrics_path.read_bytes()
    with pytest.raises(CheckpointError) as told:
        list(Trainer(resumed_config(str(toy_run.path), {"max_iters": 20})).run())
    assert told.value.code == "run_in_use"
    assert told.value.exit_code == 3
    assert str(process.pid) in told.value.message
    assert toy_run.metrics_path.read_bytes() == before
    assert summary(toy_run.path).status == "running"


def test_a_run_that_rests_in_another_process_is_told_as_owned(toy_run, other_process):
    toy_run.append(Paused(iter_num=3))
    toy_run.close()
    process = other_process(toy_run.path)
    assert (summary(toy_run.path).status, summary(toy_run.path).owned) == ("paused", True)
    process.kill()
    process.wait()
    assert (summary(toy_run.path).status, summary(toy_run.path).owned) == ("paused", False)


def test_a_new_run_in_the_folder_is_refused_too(toy_config, other_process, tmp_path):
    other_process(tmp_path / "out")
    with pytest.raises(CheckpointError) as told:
        list(Trainer(toy_config(overwrite=True)).run())
    assert told.value.code == "run_in_use"


def test_a_killed_owner_leaves_the_run_free(toy_run, other_process):
    process = other_process(toy_run.path)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert (toy_run.path / LOCK).exists()
    assert owner_of(toy_run.path) is None
    assert summary(toy_run.path).status == "finished"
    list(Trainer(resumed_config(str(toy_run.path), {"max_iters": 14})).run())
    assert not (toy_run.path / LOCK).exists()


def test_two_in_one_process_are_refused_as_well(toy_config):
    first = Trainer(toy_config()).run()
    next(first)
    with pytest.raises(CheckpointError) as told:
        list(Trainer(toy_config()).run())
    assert told.value.code == "run_in_use"
    assert "this very program" in told.value.message
    assert summary(Path(toy_config().out_dir)).status == "running"
    list(first)
    assert summary(Path(toy_config().out_dir)).status == "finished"


def test_a_run_that_fails_to_open_is_free_again(toy_run):
    toy_run.checkpoint.write_bytes(b"damaged")
    for _ in range(2):
        with pytest.raises(CheckpointError) as told:
            list(Trainer(resumed_config(str(toy_run.path), {})).run())
        assert told.value.code == "checkpoint_damaged"


def test_looking_at_a_run_that_is_trained_is_allowed(toy_run, other_process):
    other_process(toy_run.path)
    list(Trainer(resumed_config(str(toy_run.path), {"eval_only": True})).run())


def test_the_lock_says_whose_it_is(tmp_path):
    lock = RunLock(tmp_path)
    assert owner_of(tmp_path) == Owner.this_process()
    lock.release()
    lock.release()
    assert owner_of(tmp_path) is None


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff\xfe", b'{"pid": "x", "began": 1, "host": "h"}'])
def test_a_lock_file_nobody_can_read_refuses_nobody(tmp_path, content):
    (tmp_path / LOCK).write_bytes(content)
    assert owner_of(tmp_path) is None
    RunLock(tmp_path).release()


def test_a_number_that_is_used_again_is_no_owner(tmp_path):
    host = Owner.this_process().host
    (tmp_path / LOCK).write_text(json.dumps({"pid": os.getpid(), "began": 1.0, "host": host}))
    assert owner_of(tmp_path) is None


def test_leftovers_of_a_killed_save_go_when_the_run_goes_on(toy_run):
    (toy_run.path / ".ckpt.pt.123.tmp").write_bytes(b"half")
    list(Trainer(resumed_config(str(toy_run.path), {"max_iters": 13})).run())
    assert not list(toy_run.path.glob(".*"))


def test_a_folder_that_cannot_be_made_is_told(toy_config, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(CheckpointError) as told:
        list(Trainer(toy_config(out_dir=str(tmp_path / "file" / "run"))).run())
    assert told.value.code == "bad_out_dir"


def test_a_lock_whose_file_goes_while_it_is_taken_is_taken_again(tmp_path, monkeypatch):
    """Its holder lets go, and removes the file, between our opening it and locking it: that lock would hold nobody."""
    whole, takes = RunLock._take, []

    def take(self):
        whole(self)
        takes.append(self)
        if len(takes) == 1:
            (tmp_path / LOCK).unlink()

    monkeypatch.setattr(RunLock, "_take", take)
    lock = RunLock(tmp_path)
    assert owner_of(tmp_path) == Owner.this_process()
    with pytest.raises(CheckpointError) as told:
        RunLock(tmp_path)
    assert told.value.code == "run_in_use"
    lock.release()


def test_a_lock_of_a_machine_that_has_another_name_by_now_is_free_after_a_crash(toy_run):
    (toy_run.path / LOCK).write_text(json.dumps({"pid": os.getpid(), "began": 1.0, "host": "Anns-MacBook.local"}))
    assert owner_of(toy_run.path) is None
    assert (summary(toy_run.path).status, summary(toy_run.path).owned) == ("finished", False)


def test_a_lock_that_is_held_is_held_whatever_its_words_say(toy_run, other_process):
    other_process(toy_run.path)
    for words in ("", '{"pid": -1, "began": 1.0, "host": "elsewhere"}'):
        (toy_run.path / LOCK).write_text(words)
        assert summary(toy_run.path).owned


@pytest.mark.parametrize(("host", "lives"), [("elsewhere", True), ("", False)])
@pytest.mark.parametrize("pid", [-1, 2**62])
def test_without_locks_the_words_decide(tmp_path, monkeypatch, host, lives, pid):
    def refuse(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("engine.runs.owner.fcntl.flock", refuse)
    told = {"pid": pid, "began": 1.0, "host": host or Owner.this_process().host}
    (tmp_path / LOCK).write_text(json.dumps(told))
    assert (owner_of(tmp_path) is not None) == lives


@pytest.mark.parametrize(("earlier_s", "is_owner"), [(0.0, True), (0.9, True), (1.5, False)])
def test_without_locks_a_process_is_told_by_when_it_began(tmp_path, monkeypatch, earlier_s, is_owner):
    def refuse(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("engine.runs.owner.fcntl.flock", refuse)
    me = Owner.this_process()
    told = {"pid": me.pid, "began": me.began - earlier_s, "host": me.host}
    (tmp_path / LOCK).write_text(json.dumps(told))
    assert (owner_of(tmp_path) is not None) is is_owner


def test_without_locks_what_another_process_holds_is_refused(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("engine.runs.owner.fcntl.flock", refuse)
    (tmp_path / LOCK).write_text(json.dumps({"pid": 7, "began": 1.0, "host": "elsewhere"}))
    with pytest.raises(CheckpointError, match="process 7 on elsewhere"):
        RunLock(tmp_path)
    (tmp_path / LOCK).unlink()
    RunLock(tmp_path).release()


def test_who_has_the_lock_is_named(tmp_path):
    lock = RunLock(tmp_path)
    with pytest.raises(CheckpointError, match=f"this very program .process {os.getpid()}."):
        RunLock(tmp_path)
    (tmp_path / LOCK).write_text("")
    with pytest.raises(CheckpointError, match="by another process"):
        RunLock(tmp_path)
    assert owner_of(tmp_path) == Owner(0, 0.0, Owner.this_process().host)
    lock.release()
