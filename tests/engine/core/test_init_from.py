import os
from pathlib import Path

import pytest

from engine.core.config import TrainConfig
from engine.core.init_from import GPT2_SHAPES, is_model, problem_of_init_from


@pytest.fixture
def no_disk(monkeypatch):
    """Let whatever asks the disk fail."""

    def asked(*arguments, **named):
        raise AssertionError(f"the disk was asked: {arguments}")

    with monkeypatch.context() as patch:
        for name in ("stat", "lstat", "scandir", "listdir", "open"):
            patch.setattr(os, name, asked)
        for name in ("stat", "exists", "is_file", "is_dir", "open", "read_bytes", "iterdir"):
            patch.setattr(Path, name, asked)
        patch.setattr("builtins.open", asked)
        yield


@pytest.mark.usefixtures("no_disk")
@pytest.mark.parametrize("value", ["scratch", "resume", *GPT2_SHAPES, "./run", "/models/one", "~/run", "a/b.pt"])
def test_a_name_or_a_path_is_taken_without_looking_whether_it_is_there(value):
    assert problem_of_init_from(value) == ""
    assert TrainConfig(init_from=value).init_from == value


@pytest.mark.usefixtures("no_disk")
@pytest.mark.parametrize(("value", "meant"), [("gtp2", "gpt2"), ("Resume", "resume"), ("scrach", "scratch")])
def test_a_slip_is_told_with_the_nearest_name_and_how_a_path_is_written(value, meant):
    problem = problem_of_init_from(value)
    assert f"Did you mean {meant}?" in problem
    assert f"./{value}" in problem


def test_all_but_a_new_run_and_a_resumed_one_start_from_a_model():
    assert not is_model("scratch")
    assert not is_model("resume")
    assert all(map(is_model, ("gpt2", "./run", "~/ckpt.pt")))
