import os
import shutil
from pathlib import Path

import pytest

from engine.core.errors import CheckpointError
from engine.generation import model_cache as module
from engine.generation.model_cache import Shelf
from engine.generation.text_index import TextIndex


@pytest.fixture
def files(toy_run, tmp_path):
    """Return three checkpoints."""
    return [Path(shutil.copy(toy_run.checkpoint, tmp_path / f"{n}.pt")) for n in range(3)]


def test_a_model_is_read_once_for_as_long_as_its_file_stays(files):
    shelf = Shelf()
    first = shelf.model(files[0])
    assert shelf.model(files[0]) is first
    os.utime(files[0], ns=(1, 1))
    assert shelf.model(files[0]) is not first
    assert shelf.model(files[0], dtype="bfloat16") is not shelf.model(files[0])


def test_two_models_stay_and_the_one_used_longest_ago_goes(files):
    shelf = Shelf()
    first, second = shelf.model(files[0]), shelf.model(files[1])
    assert shelf.model(files[0]) is first
    shelf.model(files[2])
    assert shelf.model(files[0]) is first
    assert shelf.model(files[1]) is not second


def test_nothing_but_the_model_in_use_stays_where_memory_is_short(files, monkeypatch, tmp_path):
    shelf = Shelf()
    first = shelf.model(files[0])
    shelf.keep_index(files[0], TextIndex(b"text"))
    monkeypatch.setattr(module, "memory_is_short", lambda: True)
    second = shelf.model(files[1])
    assert shelf.index(files[0]) is None
    assert shelf.model(files[1]) is second
    assert shelf.model(files[0]) is not first
    shelf.keep_index(files[0], TextIndex(b"text"))
    assert shelf.index(files[0]) is None


def test_an_index_is_there_until_its_file_changes(files):
    shelf, made = Shelf(), TextIndex(b"text")
    assert shelf.index(files[0]) is None
    shelf.keep_index(files[0], made)
    assert shelf.index(files[0]) is made
    assert shelf.index(files[1]) is None
    os.utime(files[0], ns=(1, 1))
    assert shelf.index(files[0]) is None


def test_a_file_that_is_gone_is_told_though_its_model_was_kept(files):
    shelf = Shelf()
    shelf.model(files[0])
    os.unlink(files[0])
    with pytest.raises(CheckpointError) as told:
        shelf.model(files[0])
    assert told.value.code == "checkpoint_missing"
