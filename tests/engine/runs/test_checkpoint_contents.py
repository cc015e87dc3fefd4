import collections
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.core.errors import CheckpointError
from engine.runs import checkpoint
from engine.runs.checkpoint import Saved


@pytest.fixture
def nanogpts(tmp_path, toy_model):
    """Return what writes a checkpoint as a script of nanoGPT's does, with more in it."""
    model = toy_model(n_layer=1)

    def write(**more):
        content = {"model": model.state_dict(), "optimizer": None, "model_args": model.args.as_dict()}
        content |= {"iter_num": 7, "best_val_loss": 1.5, "config": {"dataset": "toy"}}
        torch.save(content | more, tmp_path / "ckpt.pt")
        return tmp_path / "ckpt.pt"

    return write


def refusal(path):
    with pytest.raises(CheckpointError) as told:
        checkpoint.load(path)
    return told.value


def test_numbers_of_numpy_are_plain_ones(nanogpts):
    path = nanogpts(
        iter_num=np.int64(9), best_val_loss=np.float32(1.25), config={"lr": [np.float64(0.5)], "n": np.uint8(3)}
    )
    saved = checkpoint.load(path)
    assert isinstance(saved, Saved)
    assert (saved.iter_num, saved.best_val_loss) == (9, 1.25)
    assert saved.config == {"lr": [0.5], "n": 3}
    assert type(saved.iter_num) is int
    assert type(saved.config["n"]) is int


def test_what_names_anything_that_could_run_is_named_in_our_words(nanogpts):
    error = refusal(nanogpts(when=collections.UserDict({"a": 1})))
    assert error.code == "checkpoint_damaged"
    assert "collections.UserDict" in error.cause
    assert "\x1b" not in str(error)


def test_a_pointer_of_git_lfs_is_told(tmp_path):
    path = tmp_path / "ckpt.pt"
    path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 99\n")
    assert "Git LFS pointer" in refusal(path).cause


def test_a_pickle_of_something_else_is_refused_in_our_words(tmp_path):
    path = tmp_path / "ckpt.pt"
    path.write_bytes(pickle.dumps({"a": Path("x")}))
    assert "weights" not in refusal(path).cause.lower()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"To be, or not to be", "It is a text, not a checkpoint."),
        ("Übung – ’s ist wahr\r\n\t".encode() * 1000, "It is a text, not a checkpoint."),
        (b"a" + "ü".encode() * 4000, "It is a text, not a checkpoint."),
        (b"x", "It is a text, not a checkpoint."),
        (b"", "It is empty."),
    ],
)
def test_a_text_is_told_in_our_words_and_not_in_torchs(tmp_path, content, words):
    (tmp_path / "ckpt.pt").write_bytes(content)
    with pytest.raises(CheckpointError) as told:
        checkpoint.load(tmp_path / "ckpt.pt")
    assert told.value.cause == words


def test_a_pickle_is_no_text_though_most_of_it_can_be_read(tmp_path):
    (tmp_path / "ckpt.pt").write_bytes(pickle.dumps({"words": "readable " * 1000}, protocol=2))
    with pytest.raises(CheckpointError) as told:
        checkpoint.load(tmp_path / "ckpt.pt")
    assert "text" not in told.value.cause
