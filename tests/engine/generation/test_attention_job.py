"""Asking where a model looked: at a token it wrote, at one of a text it read, and what its heads do."""

import shutil

import pytest

from engine.core.config import SampleConfig
from engine.core.events import Attended, Token, Turn
from engine.core.jobs import Control
from engine.datasets.dataset import dataset
from engine.generation.attention_job import Before, attention_job
from engine.generation.model_cache import Shelf
from engine.generation.sampler import sample_job
from engine.generation.surprise import Place


def asked(path, before, shelf=None):
    return [each for each in attention_job(path, before, Control(), shelf) if isinstance(each, Attended)]


def test_a_token_that_was_written_looks_at_the_beginning_and_what_followed_it(toy_run):
    config = SampleConfig(start="The king", max_new_tokens=30, device="cpu")
    written = [each for each in sample_job(toy_run.checkpoint, config, Control()) if isinstance(each, Token)]
    told = asked(toy_run.checkpoint, Before([each.token for each in written[:5]], start="The king"))[0]
    assert "".join(told.texts) == "The king" + "".join(each.text for each in written[:5])
    assert told.forgotten == 0
    later = asked(toy_run.checkpoint, Before([each.token for each in written[:20]], start="The king"))[0]
    whole = "The king" + "".join(each.text for each in written[:20])
    assert "".join(later.texts) == whole[later.forgotten :]
    assert 8 <= len(later.texts) <= 16
    for layer in later.weights:
        for row in layer:
            assert len(row) == len(later.texts)
            assert sum(row) == pytest.approx(1, abs=1e-6)


def test_a_passage_of_the_dataset_is_known_with_what_stands_before_it(toy_run):
    place = Place("val", 40, 10)
    told = asked(toy_run.checkpoint, Before([], place=place))[0]
    data = dataset("toy")
    text = data.load_tokenizer().decode(list(_tokens(data)[40 - 16 : 40]))
    assert "".join(told.texts) == text


def _tokens(data):
    import numpy as np

    return np.fromfile(data.val_path, dtype="<u2").tolist()


def test_its_heads_are_measured_once_and_known_from_then_on(toy_run):
    shelf, before = Shelf(), Before([], start="The king speaks")
    first, measured = asked(toy_run.checkpoint, before, shelf)
    assert first.roles == ()
    assert [len(layer) for layer in measured.roles] == [2]
    (again,) = asked(toy_run.checkpoint, before, shelf)
    assert again.roles == measured.roles


def test_without_the_dataset_a_short_text_measures_nothing(toy_run):
    shutil.rmtree(dataset("toy").folder)
    *_, told = asked(toy_run.checkpoint, Before([], start="The king speaks"))
    assert told.roles == (("none", "none"),)


def test_before_the_first_token_there_is_nothing_to_look_at(toy_run):
    assert asked(toy_run.checkpoint, Before([])) == []


def test_a_stop_leaves_the_heads_unmeasured(toy_run):
    control, shelf = Control(), Shelf()
    told = []
    for each in attention_job(toy_run.checkpoint, Before([], start="The king"), control, shelf):
        if isinstance(each, Attended):
            told.append(each)
            control.stop()
    assert len(told) == 1
    assert shelf.roles(toy_run.checkpoint) is None


def test_a_stop_before_the_answer_leaves_it_out(toy_run):
    control = Control()
    job = attention_job(toy_run.checkpoint, Before([], start="The king"), control)
    assert next(job) is Turn.NEXT  # between two layers
    control.stop()
    assert list(job) == []
