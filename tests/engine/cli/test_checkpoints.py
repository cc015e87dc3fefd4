import pytest

from engine.cli.checkpoints import checkpoint_path, snapshot_path
from engine.core.config import TrainConfig
from engine.core.errors import CheckpointError, SettingError
from engine.runs.folder import RunFolder
from engine.runs.snapshots import snapshot_name, snapshots_in


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path / "home"))


def test_a_file_is_itself_and_a_folder_its_latest_checkpoint_else_its_best(tmp_path):
    (tmp_path / "any.pt").touch()
    assert checkpoint_path(str(tmp_path / "any.pt")) == tmp_path / "any.pt"
    (tmp_path / "best.pt").touch()
    assert checkpoint_path(str(tmp_path)) == tmp_path / "best.pt"
    (tmp_path / "ckpt.pt").touch()
    assert checkpoint_path(str(tmp_path)) == tmp_path / "ckpt.pt"


def test_without_a_name_it_is_the_newest_run_that_has_one(capsys):
    with pytest.raises(CheckpointError) as told:
        checkpoint_path(None)
    assert told.value.code == "no_run"
    run = RunFolder.new(TrainConfig())
    run.checkpoint.touch()
    RunFolder.new(TrainConfig())  # newer, and without a checkpoint
    assert checkpoint_path(None) == run.checkpoint
    assert str(run.path) in capsys.readouterr().err


def test_a_snapshot_is_named_by_a_time_of_training(tmp_path, capsys):
    for iter_num, seconds in ((9, 1.9), (70, 14.5), (500, 70.0)):
        (tmp_path / snapshot_name(iter_num, seconds)).touch()
    names = {time: snapshot_path(str(tmp_path), time).name for time in ("5s", "20", "1min", "2 m", "0.1h")}
    first, second, third = (each.path.name for each in snapshots_in(tmp_path))
    assert names == {"5s": first, "20": second, "1min": third, "2 m": third, "0.1h": third}
    assert "after 70.0 s of training, at iteration 500" in capsys.readouterr().err


def test_a_time_that_is_none_and_a_run_without_snapshots_are_told(tmp_path):
    with pytest.raises(SettingError):
        snapshot_path(str(tmp_path), "soon")
    with pytest.raises(CheckpointError) as told:
        snapshot_path(str(tmp_path), "5s")
    assert told.value.code == "checkpoint_missing"
