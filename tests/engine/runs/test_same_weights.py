"""Checkpoints with the same weights are known by their sums, whatever else is in their files."""

import os

import pytest
import torch

from engine.runs.same_weights import WeightMarks, weights_mark


def saved(path, seed=1, **more):
    generator = torch.Generator().manual_seed(seed)
    model = {f"weight_{n}": torch.randn(4, 4, generator=generator) for n in range(9)}
    torch.save({"model": model, **more}, path)
    return path


def test_the_same_weights_have_the_same_mark_whatever_stands_beside_them(tmp_path):
    one = saved(tmp_path / "best.pt", optimizer={"step": torch.ones(3)}, iter_num=200)
    assert weights_mark(one) == weights_mark(saved(tmp_path / "ckpt.pt", iter_num=200, best_val_loss=1.5))
    assert weights_mark(one) != weights_mark(saved(tmp_path / "other.pt", seed=2))


def test_a_file_without_sums_is_the_same_under_two_names_alone(tmp_path):
    one, other = tmp_path / "old.pt", tmp_path / "other.pt"
    for path in (one, other):
        path.write_bytes(b"no archive")
    os.link(one, tmp_path / "linked.pt")
    assert weights_mark(one) == weights_mark(tmp_path / "linked.pt")
    assert weights_mark(one) != weights_mark(other)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_what_is_no_file_has_no_mark(tmp_path):
    os.mkfifo(tmp_path / "pipe.pt")
    assert weights_mark(tmp_path / "pipe.pt") is None
    assert weights_mark(tmp_path) is None
    assert weights_mark(tmp_path / "gone.pt") is None


def test_a_file_is_looked_at_again_once_it_has_changed(tmp_path):
    marks, path = WeightMarks(), saved(tmp_path / "ckpt.pt")
    first = marks.of(path)
    assert marks.of(path) is first
    os.utime(saved(path, seed=2), ns=(1, 1))
    assert marks.of(path) == weights_mark(path) != first
    assert marks.of(tmp_path / "gone.pt") is None
