"""Whatever goes in, a result or an UnderstudyError comes out."""

import contextlib
import json
import pickle

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.core.config import TrainConfig
from engine.core.errors import UnderstudyError
from engine.core.settings import parse_value, setting_fields
from engine.datasets.dataset import open_dataset
from engine.datasets.prepare import prepare
from engine.runs import checkpoint
from engine.runs.folder import RunFolder

plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
anything = st.recursive(plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner))
names = st.sampled_from([*setting_fields(TrainConfig), "n_layers", ""])


@given(st.dictionaries(names, anything, max_size=5))
def test_any_configuration(values):
    with contextlib.suppress(UnderstudyError):
        config = TrainConfig.of(values)
        assert TrainConfig.of(config.as_dict()) == config


@given(names, st.text(max_size=30))
def test_any_flag(name, text):
    with contextlib.suppress(UnderstudyError):
        parse_value(TrainConfig, name, text)


@given(anything)
def test_any_config_file(tmp_path, value):
    (tmp_path / "config.json").write_text(json.dumps(value), "utf-8", errors="replace")
    with contextlib.suppress(UnderstudyError):
        RunFolder(tmp_path).read_config()


@given(st.binary(max_size=300))
def test_any_bytes_for_a_checkpoint(tmp_path, data):
    (tmp_path / "ckpt.pt").write_bytes(data)
    with contextlib.suppress(UnderstudyError):
        checkpoint.load(tmp_path / "ckpt.pt")


def tensors(shapes):
    return shapes.map(lambda shape: torch.zeros(shape))


parts = anything | tensors(st.lists(st.integers(0, 3), max_size=3))
KEYS = ["model", "optimizer", "model_args", "iter_num", "best_val_loss", "config", "understudy"]


@pytest.fixture
def toy_model_file(toy_run):
    """Return the checkpoint of a toy run."""
    return toy_run.checkpoint


@given(st.data())
def test_any_content_of_a_checkpoint(tmp_path, toy_model_file, data):
    content = torch.load(toy_model_file, weights_only=True)
    for key in data.draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=3)):
        inner = content.get(key)
        if isinstance(inner, dict) and inner and data.draw(st.booleans()):
            inner[data.draw(st.sampled_from(list(inner)))] = data.draw(parts)
        else:
            content[key] = data.draw(parts)
    torch.save(content, tmp_path / "ckpt.pt")
    with contextlib.suppress(UnderstudyError):
        saved = checkpoint.load(tmp_path / "ckpt.pt")
        saved.build_model()
        saved.load_tokenizer()


@given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_any_text(tmp_path, data):
    (tmp_path / "any.txt").write_bytes(data)
    with contextlib.suppress(UnderstudyError):
        prepare(str(tmp_path / "any.txt"), name="any", tokenizer="char")


@given(st.binary(max_size=60) | anything.map(pickle.dumps), st.binary(max_size=60))
def test_any_folder_of_another_program(tmp_path, meta, tokens):
    folder = tmp_path / "foreign"
    folder.mkdir(exist_ok=True)
    (folder / "meta.pkl").write_bytes(meta)
    (folder / "train.bin").write_bytes(tokens)
    (folder / "val.bin").write_bytes(tokens[:10])
    with contextlib.suppress(UnderstudyError):
        open_dataset(folder)


def test_links_in_a_folder_are_refused(tmp_path):
    (tmp_path / "secret").write_text("my password", "utf-8")
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "poem.txt").symlink_to(tmp_path / "secret")
    with pytest.raises(UnderstudyError) as told:
        prepare(str(folder), name="texts", tokenizer="char")
    assert told.value.code == "symbolic_link"


@pytest.mark.parametrize("file", ["meta.pkl", "train.bin", "val.bin"])
def test_links_in_a_dataset_of_another_program_are_refused(tmp_path, file):
    for name in ("train.bin", "val.bin"):
        (tmp_path / name).write_bytes(bytes(200))
    (tmp_path / file).unlink(missing_ok=True)
    (tmp_path / file).symlink_to("/etc/hostname")
    with pytest.raises(UnderstudyError) as told:
        open_dataset(tmp_path)
    assert told.value.code == "symbolic_link"
