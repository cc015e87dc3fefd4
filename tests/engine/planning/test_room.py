import pytest

from engine.cli.main import main
from engine.core.errors import SettingError
from engine.machine.hardware import Machine
from engine.planning.room import require_room, room_for
from engine.training.trainer import Trainer


@pytest.fixture(autouse=True)
def two_gigabytes(monkeypatch):
    """Let this machine have 2 GB."""
    small = Machine(system="test", chip="test", cores=2, memory_bytes=2 * 2**30)
    monkeypatch.setattr("engine.planning.room.machine", lambda: small)


def test_a_run_with_room_begins(toy_config):
    require_room(toy_config())


def test_the_largest_batch_that_fits_is_offered_for_the_same_update(toy_config, toy_dataset):
    config = toy_config(batch_size=512, block_size=512, n_layer=4, n_embd=64, n_head=4)
    with pytest.raises(SettingError, match="will not fit") as told:
        require_room(config)
    (fix,) = told.value.fixes
    batch, steps = fix.changes["batch_size"], fix.changes["gradient_accumulation_steps"]
    assert batch * steps == 512
    assert f"--batch_size={batch}" in told.value.fix
    assert room_for(config.changed(fix.changes), toy_dataset.vocab_size, "cpu").fits
    twice = {"batch_size": 2 * batch, "gradient_accumulation_steps": steps // 2}
    assert not room_for(config.changed(twice), toy_dataset.vocab_size, "cpu").fits


def test_a_model_that_is_too_large_by_itself_is_offered_a_smaller_one(toy_config):
    with pytest.raises(SettingError) as told:
        require_room(toy_config(n_layer=256, n_embd=16384, n_head=16))
    assert told.value.fixes[0].changes["n_embd"] < 16384
    assert "--anyway=True" in told.value.fix


def test_train_refuses_before_it_begins_unless_it_is_told_to(toy_dataset, tmp_path, monkeypatch, capsys):
    begun = []
    monkeypatch.setattr(Trainer, "run", lambda self: begun.append(self.config) or iter(()))
    flags = ["train", "--dataset=toy", "--n_layer=256", "--n_embd=16384", "--n_head=16", f"--out_dir={tmp_path / 'x'}"]
    assert main(flags) == 2
    assert "will not fit" in capsys.readouterr().err
    assert not begun
    assert not (tmp_path / "x").exists()
    assert main([*flags, "--anyway=maybe"]) == 2
    assert main([*flags, "--anyway=True"]) == 0
    assert len(begun) == 1
