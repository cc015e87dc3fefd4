import json

import pytest

from engine.core.errors import CheckpointError, SettingError
from engine.runs.folder import RunFolder
from engine.runs.owner import RunLock
from tests.engine.archives.hands import members, packed


def test_what_is_packed_starts_where_it_is_unpacked_and_tells_nothing_of_this_machine(archive, tmp_path):
    inside = members(archive)
    tops = {name.split("/")[0] for name in inside}
    assert tops == {"out"}
    for name in (
        "engine/__main__.py",
        "engine/training/distributed.py",
        "resources/parameters.json",
        "data/catalogue.json",
    ):
        assert f"out/{name}" in inside
    assert not [name for name in inside if "previous" in name or "__pycache__" in name or "tmp" in name]
    settings = json.loads(inside["out/run/config.json"])
    assert (settings["out_dir"], settings["dataset"]) == ("", "toy")
    assert str(tmp_path).encode() not in inside["out/run/config.json"] + inside["out/understudy.json"]
    assert b"torch==2" in inside["out/requirements.txt"]
    assert b"+" not in inside["out/requirements.txt"]  # no build for one kind of machine


def test_an_archive_is_replaced_only_when_that_was_asked_for(toy_run, tmp_path):
    place = tmp_path / "there.tar.gz"
    place.write_text("mine")
    packed(toy_run, place, overwrite=True)
    assert members(place)
    (tmp_path / "link.tar.gz").symlink_to(place)
    with pytest.raises(SettingError):
        packed(toy_run, tmp_path / "link.tar.gz", overwrite=True)


def test_a_run_that_cannot_leave_says_why(toy_run, tmp_path):
    (tmp_path / "there.tar.gz").write_text("mine")
    with pytest.raises(SettingError) as told:
        packed(toy_run, tmp_path / "there.tar.gz")
    assert told.value.code == "dest_exists"
    assert (tmp_path / "there.tar.gz").read_text() == "mine"
    lock = RunLock(toy_run.path)
    with pytest.raises(CheckpointError) as told:
        packed(toy_run, tmp_path / "a.tar.gz")
    lock.release()
    assert told.value.code == "run_in_use"
    with pytest.raises(CheckpointError) as told:
        packed(RunFolder(tmp_path / "nothing"), tmp_path / "a.tar.gz")
    assert told.value.code == "no_checkpoint"


@pytest.mark.parametrize(
    ("minutes", "max_iters", "bound"), [(0.0, 12, 12), (0.2, 90_000, 24), (20.0, 90_000, 1200), (20.0, 12, 24)]
)
def test_elsewhere_a_timed_run_makes_what_its_minutes_held_here_or_as_much_again(
    toy_run, tmp_path, minutes, max_iters, bound
):
    toy_run.write_config(toy_run.read_config().changed({"minutes": minutes, "max_iters": max_iters}))
    lines = toy_run.metrics_path.read_text("utf-8").splitlines()
    slow = [json.dumps(json.loads(line) | {"step_ms": 1000.0}) if '"step"' in line else line for line in lines]
    toy_run.metrics_path.write_text("\n".join(slow) + "\n", "utf-8")
    told = packed(toy_run, tmp_path / "p")
    assert f"--max_iters={bound}" + (" --minutes=0" if minutes else "") in told.start[-1]


def test_a_run_whose_minutes_went_into_few_iterations_gets_twice_those(toy_run, tmp_path):
    toy_run.write_config(toy_run.read_config().changed({"minutes": 0.2, "max_iters": 90_000}))
    lines = [json.loads(line) for line in toy_run.metrics_path.read_text("utf-8").splitlines()]
    few = [
        line | ({"seconds": 73.7} if line["event"] == "finished" else {}) for line in lines if line["event"] != "step"
    ]
    toy_run.metrics_path.write_text("".join(json.dumps(line) + "\n" for line in few), "utf-8")
    assert "--max_iters=24 --minutes=0" in packed(toy_run, tmp_path / "p").start[-1]


def test_what_a_killed_packing_left_is_removed_by_the_next(toy_run, tmp_path, ended_process):
    left = tmp_path / f".another.tar.gz.{ended_process}.0123abcd.part"
    left.write_bytes(b"half")
    packed(toy_run, tmp_path / "there.tar.gz")
    assert not left.exists()


def test_snapshots_stay_behind(toy_run, tmp_path):
    assert toy_run.snapshots()
    packed(toy_run, tmp_path / "there.tar.gz")
    assert not [name for name in members(tmp_path / "there.tar.gz") if "snapshot-" in name]
