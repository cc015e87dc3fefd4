"""A checkpoint made ready to write: where, in which dtype, and what a person should know of it."""

from functools import partial

import pytest
import torch

from engine.core.errors import DataError
from engine.datasets.dataset import dataset
from engine.datasets.prepare import prepare
from engine.generation import loaded_model
from engine.generation.device_trial import device_for_writing
from engine.generation.loaded_model import load_model
from tests.engine.device_clock import Clock


def test_a_checkpoint_is_read_onto_the_faster_device(gpu, monkeypatch, toy_run):
    clock = Clock(monkeypatch, cpu=0.03, mps=0.01)
    monkeypatch.setattr(loaded_model, "device_for_writing", partial(device_for_writing, clock=clock))
    loaded = load_model(toy_run.checkpoint)
    assert loaded.weights.device.type == "mps"
    assert loaded.notices == ("mps: 3.0 times as fast as cpu for this model",)
    assert load_model(toy_run.checkpoint, "cpu").notices == ()


def test_it_is_the_model_with_its_tokens_in_the_dtype_that_was_asked_for(toy_run, narrow):
    loaded = load_model(toy_run.checkpoint, "cpu", "float32")
    assert (loaded.dataset_name, loaded.fingerprint) == ("toy", dataset("toy").fingerprint)
    assert loaded.tokenizer.encode("The king") == dataset("toy").load_tokenizer().encode("The king")
    assert loaded.weights.dtype == torch.float32
    name = str(narrow).removeprefix("torch.")
    assert load_model(toy_run.checkpoint, "cpu", name).weights.dtype == narrow


def test_the_text_it_learned_from_is_found_and_another_in_its_place_is_not(toy_run, tmp_path):
    loaded = load_model(toy_run.checkpoint, "cpu")
    assert loaded.training_text() == dataset("toy")
    (tmp_path / "toy.txt").write_text("Another text, of other words.\n" * 50, "utf-8")
    prepare(str(tmp_path / "toy.txt"), name="toy", tokenizer="char")
    with pytest.raises(DataError) as changed:
        loaded.training_text()
    assert changed.value.code == "text_changed"
