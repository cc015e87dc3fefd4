import json

import pytest

from engine.core.config import TrainConfig
from engine.core.errors import CheckpointError, SettingError
from engine.core.init_from import GPT2_SHAPES
from engine.model.shape import parameter_count
from engine.runs.folder import RunFolder
from engine.runs.start_model import RECIPE, model_shape, starting_settings, tells_shape, vocabulary_for
from tests.fake_events import started

HUB = {"model_type": "gpt2", "n_layer": 2, "n_head": 2, "n_embd": 16, "n_positions": 32, "vocab_size": 300}


@pytest.fixture
def hub(tmp_path):
    """Return a folder that says of itself what a model of Hugging Face's says; its weights are not looked at."""
    (tmp_path / "hub").mkdir()
    (tmp_path / "hub" / "config.json").write_text(json.dumps(HUB))
    return str(tmp_path / "hub")


@pytest.fixture
def run(tmp_path):
    """Return a run whose checkpoint is not looked at."""
    folder = RunFolder.new(TrainConfig(n_layer=3, n_head=2, n_embd=64, block_size=48, out_dir=str(tmp_path / "run")))
    folder.append(started(vocab_size=77))
    folder.close()
    folder.checkpoint.touch()
    return folder


def test_the_published_shapes_are_known_before_anything_is_downloaded():
    counts = {"gpt2": 124_439_808, "gpt2-medium": 354_823_168, "gpt2-large": 774_030_080, "gpt2-xl": 1_557_611_200}
    for name in GPT2_SHAPES:
        config = TrainConfig.of(starting_settings(name, {"block_size": 1024}))
        assert parameter_count(config, 50257).total == counts[name]
    assert model_shape("gpt2")["block_size"] == 1024


def test_a_folder_of_hugging_faces_and_a_run_tell_their_shape_without_their_weights(hub, run, tmp_path):
    assert model_shape(hub) == {"n_layer": 2, "n_head": 2, "n_embd": 16, "block_size": 32, "bias": True}
    assert model_shape(str(run.path)) == {"n_layer": 3, "n_head": 2, "n_embd": 64, "block_size": 48, "bias": False}
    assert tells_shape(hub)
    assert tells_shape("gpt2")
    assert not tells_shape(str(run.checkpoint))
    assert not tells_shape(str(tmp_path))


def test_a_run_that_starts_from_a_model_takes_its_shape_and_nanogpts_rate_unless_another_is_given(hub):
    assert starting_settings(hub, {"dropout": 0.1}) == {**RECIPE, **model_shape(hub), "dropout": 0.1}
    assert starting_settings(hub, {"block_size": 8, "learning_rate": 1e-4})["learning_rate"] == 1e-4


def test_a_shape_that_the_model_has_not_is_refused_with_all_that_is_wrong(hub):
    with pytest.raises(SettingError) as told:
        starting_settings(hub, {"n_layer": 4, "n_head": 2, "bias": False, "block_size": 64})
    assert (told.value.code, set(told.value.problems)) == ("shape_of_model", {"n_layer", "bias", "block_size"})


def test_a_shape_that_was_read_before_is_not_read_again(tmp_path):
    shape = {"n_layer": 1, "n_head": 1, "n_embd": 8, "block_size": 16, "bias": False}
    assert starting_settings(str(tmp_path / "gone"), {}, shape) == RECIPE | shape


def test_the_vocabulary_is_that_of_the_model_a_run_goes_on_with(hub, run):
    assert vocabulary_for(TrainConfig(init_from="gpt2", dataset="no such text")) == 50257
    assert vocabulary_for(TrainConfig(init_from=hub, dataset="no such text")) == 300
    assert vocabulary_for(TrainConfig(init_from=str(run.path), dataset="no such text")) == 77
    assert vocabulary_for(TrainConfig(init_from="resume", out_dir=str(run.path), dataset="no such text")) == 77
    assert vocabulary_for(TrainConfig(dataset="shakespeare_char")) == 65


def test_a_place_without_a_model_has_no_shape(tmp_path):
    with pytest.raises(CheckpointError):
        model_shape(str(tmp_path / "empty"))


def test_the_rate_of_fine_tuning_is_nanogpts():
    assert RECIPE == {"learning_rate": 3e-5, "decay_lr": False}


@pytest.mark.parametrize("lacking", ["ckpt.pt", "config.json"])
def test_a_run_tells_its_shape_by_its_settings_where_it_has_a_model(run, lacking):
    assert tells_shape(str(run.path))
    (run.path / lacking).unlink()
    assert not tells_shape(str(run.path))


def test_as_many_tokens_at_once_as_the_model_reads_are_well_and_one_more_is_not(hub):
    assert starting_settings(hub, {"block_size": 32})["block_size"] == 32
    with pytest.raises(SettingError):
        starting_settings(hub, {"block_size": 33})
