"""What a run goes on from, and with which settings."""

import shutil

import pytest

from engine.core.config import TrainConfig
from engine.core.errors import CheckpointError
from engine.runs import checkpoint
from engine.runs.continuation import chosen_checkpoint, make_latest, resumed_config
from engine.runs.folder import RunFolder


def test_a_folder_without_a_run_cannot_be_resumed(tmp_path):
    with pytest.raises(CheckpointError) as told:
        resumed_config(str(tmp_path / "nowhere"), {})
    assert told.value.code == "checkpoint_missing"
    assert not (tmp_path / "nowhere").exists()


def test_the_settings_of_the_run_are_those_of_resuming_but_for_the_call(toy_config):
    config = toy_config(overwrite=True, weight_decay=0.2)
    run = RunFolder.new(config)
    again = resumed_config(str(run.path), {"max_iters": 99})
    longer = {"max_iters": 99, "lr_decay_iters": 99}  # the schedule follows
    expected = TrainConfig.of(config.as_dict(), {"init_from": "resume", "overwrite": False}, longer)
    assert again == expected


@pytest.mark.parametrize(
    ("recipe", "minutes", "given", "max_iters"),
    [
        ("quick", 5.0, {"minutes": 30.0}, 6000),
        ("quick", 5.0, {"minutes": 30.0, "max_iters": 50}, 50),
        ("quick", 5.0, {"minutes": 0.0}, 1000),
        ("quick", 0.0, {"minutes": 30.0}, 1000),
        ("guide", 5.0, {"minutes": 30.0}, 1000),
        ("quick", 5.0, {}, 1000),
    ],
)
def test_a_quick_run_with_more_minutes_may_make_as_many_more_iterations(recipe, minutes, given, max_iters):
    run = RunFolder.new(TrainConfig(recipe=recipe, minutes=minutes, max_iters=1000))
    run.close()
    config = resumed_config(str(run.path), given)
    assert (config.max_iters, config.lr_decay_iters) == (max_iters, max_iters)
    assert config.minutes == given.get("minutes", minutes)


@pytest.mark.parametrize(
    ("there", "wanted", "name"),
    [
        ("ckpt best previous", "latest", "ckpt"),
        ("ckpt best previous", "best", "best"),
        ("ckpt best previous", "previous", "previous"),
        ("best previous", "latest", "best"),
        ("ckpt", "best", "ckpt"),
        ("", "latest", "ckpt"),
    ],
)
def test_the_checkpoint_to_go_on_from_is_the_one_that_was_named(tmp_path, there, wanted, name):
    for each in there.split():
        (tmp_path / f"{each}.pt").touch()
    assert chosen_checkpoint(RunFolder(tmp_path), wanted) == tmp_path / f"{name}.pt"


def test_a_latest_that_is_torn_never_becomes_the_previous_one(toy_run):
    previous = toy_run.path / "previous.pt"
    shutil.copy(toy_run.checkpoint, previous)
    whole = previous.read_bytes()
    shutil.copy(toy_run.best, toy_run.path / "other.pt")
    toy_run.checkpoint.write_bytes(whole[: len(whole) // 2])
    make_latest(toy_run.path / "other.pt", toy_run)
    assert previous.read_bytes() == whole
    assert checkpoint.is_whole(toy_run.checkpoint)
