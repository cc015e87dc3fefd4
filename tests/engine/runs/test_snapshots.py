"""Snapshots by their names: which there are, when they were taken, and which is nearest."""

import os
from pathlib import Path

import pytest

from engine.runs.folder import RunFolder
from engine.runs.snapshots import Snapshot, how_far, is_snapshot, nearest, snapshot_name, snapshots_in


def taken(*seconds):
    return [Snapshot(Path(snapshot_name(at, each)), at, each, 0) for at, each in enumerate(seconds)]


def test_a_folder_tells_its_snapshots_by_their_names_alone(tmp_path):
    for name in (snapshot_name(900, 61.25), snapshot_name(80, 5.02), "ckpt.pt", "model.safetensors", "snapshot-x.pt"):
        (tmp_path / name).write_bytes(b"1234")
    (tmp_path / snapshot_name(1, 1.0)).mkdir()
    os.mkfifo(tmp_path / snapshot_name(2, 1.0))
    found = snapshots_in(tmp_path)
    assert [(each.iter_num, each.seconds, each.bytes) for each in found] == [(80, 5.02, 4), (900, 61.25, 4)]
    assert {file.name for file in RunFolder(tmp_path).files()} >= {each.path.name for each in found}
    assert snapshots_in(tmp_path / "nothing") == []
    assert not is_snapshot("model.safetensors")
    assert [Snapshot.of_json(tmp_path, each.as_json()) for each in found] == found


def test_the_nearest_is_so_by_the_ratio_of_times():
    snapshots = taken(1.8, 7.2, 14.4, 115.0)
    assert [nearest(snapshots, seconds).seconds for seconds in (0.1, 5, 10, 40, 60)] == [1.8, 7.2, 7.2, 14.4, 115.0]
    assert nearest([], 5) is None


@pytest.mark.parametrize(("one", "other", "ratio"), [(2, 8, 4), (8, 2, 4), (0, 0, 1), (0, 3, float("inf"))])
def test_how_far_two_times_are(one, other, ratio):
    assert how_far(one, other) == ratio


def test_what_comes_after_a_checkpoint_that_is_resumed_from_is_dropped(tmp_path):
    for iter_num in (3, 40, 41, 90):
        (tmp_path / snapshot_name(iter_num, iter_num / 10)).touch()
    RunFolder(tmp_path).cut_back(40, 35)
    assert [each.iter_num for each in snapshots_in(tmp_path)] == [3, 40]
