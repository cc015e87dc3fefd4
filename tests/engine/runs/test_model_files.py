import json

import pytest

from engine.core.errors import CheckpointError
from engine.runs.model_files import gpt2_folder, is_hugging_face, model_place, read_config

CONFIG = {"model_type": "gpt2", "n_layer": 2, "n_head": 2, "n_embd": 16, "n_positions": 32, "vocab_size": 300}


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    return tmp_path / "home"


def with_config(folder, **changes):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(CONFIG | changes))
    return folder


def test_a_published_model_is_taken_from_our_folder_then_from_hugging_faces_cache(tmp_path, home):
    assert gpt2_folder("gpt2") == home / "models" / "gpt2"  # where it belongs
    cached = with_config(tmp_path / "hub" / "hub" / "models--openai-community--gpt2" / "snapshots" / "abc")
    (cached / "model.safetensors").touch()
    assert gpt2_folder("gpt2") == cached
    ours = home / "models" / "gpt2"
    ours.mkdir(parents=True)
    (ours / "model.safetensors").touch()
    assert model_place("gpt2") == ours


def test_any_other_name_is_a_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert model_place("./run") == tmp_path / "run"
    assert model_place("~/run") == tmp_path / "run"


def test_a_run_of_ours_is_none_of_hugging_faces(tmp_path):
    assert is_hugging_face(with_config(tmp_path / "theirs"))
    (tmp_path / "ours").mkdir()
    assert not is_hugging_face(tmp_path / "ours")
    for content in ('{"n_layer": 2}', "no json", "3"):
        (tmp_path / "ours" / "config.json").write_text(content)
        assert not is_hugging_face(tmp_path / "ours")


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"model_type": "llama"}, "model_type"),
        ({"activation_function": "relu"}, "activation_function"),
        ({"n_layer": "two"}, "n_layer"),
        ({"n_positions": 0}, "n_positions"),
        ({"vocab_size": 2**25}, "vocab_size"),
        ({"n_head": 3}, "widths"),
        ({"n_inner": 100}, "widths"),
    ],
)
def test_what_this_engine_cannot_compute_is_named(tmp_path, changes, word):
    with pytest.raises(CheckpointError) as told:
        read_config(with_config(tmp_path, **changes))
    assert told.value.code == "model_foreign"
    assert word in told.value.cause


def test_a_gpt2_is_taken_as_it_says(tmp_path):
    assert read_config(with_config(tmp_path, n_inner=64)) == CONFIG | {"n_inner": 64}
