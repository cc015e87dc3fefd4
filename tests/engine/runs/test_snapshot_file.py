"""The file of a snapshot: it opens as a checkpoint does, in 16 bits, and whatever is wrong with it is told."""

from dataclasses import replace

import pytest
import torch
from safetensors import safe_open

from engine.core.config import TrainConfig
from engine.core.errors import CheckpointError
from engine.runs import checkpoint
from engine.runs.checkpoint import Saved
from engine.runs.snapshots import snapshot_name


@pytest.fixture
def saved(toy_model):
    model = toy_model(n_layer=1)
    return Saved(
        args=model.args,
        model=model.state_dict(),
        optimizer=None,
        iter_num=40,
        best_val_loss=1.75,
        evaluated=35,
        config=TrainConfig(dataset="toy").as_dict(),
        tokenizer={"kind": "char", "chars": list("abcdefghijklmnopqrstuvwxyzäöü\n")},
        seconds=5.25,
    )


@pytest.fixture
def path(saved, tmp_path):
    path = tmp_path / snapshot_name(40, 5.25)
    checkpoint.save_weights(saved, path)
    return path


def refused(path):
    with pytest.raises(CheckpointError) as told:
        checkpoint.load(path)
    assert told.value.cause
    return told.value.code


def test_it_opens_as_a_checkpoint_of_the_same_weights_in_16_bits_does(saved, path, tmp_path):
    narrow = {name: tensor.half() for name, tensor in saved.model.items()}
    checkpoint.save(replace(saved, model=checkpoint.tied(narrow)), tmp_path / "ckpt.pt")
    found, whole = checkpoint.load(path), checkpoint.load(tmp_path / "ckpt.pt")
    for name in ("args", "iter_num", "best_val_loss", "evaluated", "config", "tokenizer", "seconds", "optimizer"):
        assert getattr(found, name) == getattr(whole, name) == getattr(saved, name), name
    assert found.model.keys() == whole.model.keys()
    assert [name for name in found.model if not torch.equal(found.model[name], whole.model[name].float())] == []
    found.build_model()


def test_tied_weights_stand_once_and_any_program_reads_them(path, saved):
    with safe_open(path, framework="pt") as file:
        names = set(file.keys())
        kept = {file.get_tensor(name).dtype for name in names}
    assert names == saved.model.keys() - {"lm_head.weight"}
    assert kept == {torch.float16}
    assert [file.name for file in path.parent.iterdir() if file.name.startswith(".")] == []


@pytest.mark.parametrize("tenth", range(10))
def test_a_file_cut_anywhere_is_refused(path, tenth):
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * tenth // 10])
    assert refused(path) == "checkpoint_damaged"


def test_a_flipped_byte_is_found(path):
    content = bytearray(path.read_bytes())
    content[-50] ^= 1
    path.write_bytes(content)
    assert refused(path) == "checkpoint_damaged"


def test_weights_of_another_program_are_refused(tmp_path):
    from safetensors.torch import save_file

    save_file({"w": torch.zeros(3)}, tmp_path / "model.safetensors")
    assert refused(tmp_path / "model.safetensors") == "checkpoint_damaged"


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), 1e6])
def test_what_16_bits_cannot_hold_is_not_written(saved, tmp_path, wrong):
    saved.model["transformer.wpe.weight"][0, 0] = wrong
    with pytest.raises(ValueError, match=r"transformer\.wpe"):
        checkpoint.save_weights(saved, tmp_path / snapshot_name(1, 1.0))
    assert list(tmp_path.glob("*snapshot*")) == []
