import pytest

from engine.cli.checkpoints import checkpoint_path
from engine.core.config import TrainConfig
from engine.core.errors import CheckpointError
from engine.runs.folder import RunFolder


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
