import json
import subprocess
import sys
from pathlib import Path

import pytest

from engine.core.errors import DataError
from engine.core.paths import datasets_dir
from engine.datasets.dataset import beginning_for, dataset, is_gone, prepared
from engine.datasets.prepare import prepare
from engine.tokens.tokenizer import gpt2_tokenizer
from tests.as_anyone import shut
from tests.engine.datasets.hands import nanogpt_folder, opening_refused

pytestmark = pytest.mark.usefixtures("home")

TEXT = "A line of text, 🎭 included.\n" * 200


@pytest.fixture
def ready(tmp_path):
    path = tmp_path / "lines.txt"
    path.write_text(TEXT, "utf-8")
    prepare(str(path), tokenizer="char")
    return dataset("lines")


def test_a_dataset_is_found_by_name_by_folder_and_in_the_list(ready):
    assert dataset(str(ready.folder)) == ready
    assert prepared() == [ready]
    assert ready.train_path.stat().st_size == 2 * ready.train_tokens
    assert ready.val_path.stat().st_size == 2 * ready.val_tokens


def test_a_folder_named_data_in_the_working_directory_serves_as_in_nanogpt():
    folder = nanogpt_folder(Path("data") / "mine", gpt2_tokenizer().encode(TEXT))
    assert dataset("mine").folder == folder
    assert dataset("data/mine").folder == folder


def test_the_guides_spelling_means_shakespeare(ready):
    ready.folder.rename(datasets_dir() / "shakespeare")
    assert dataset("shakesphere").name == "shakespeare"


@pytest.mark.parametrize("file", ["train.bin", "val.bin"])
@pytest.mark.parametrize("size", [None, 0, 3, 2])
def test_a_damaged_token_file_is_told_of_and_not_listed(ready, file, size):
    path = ready.folder / file
    path.unlink() if size is None else path.write_bytes(path.read_bytes()[:size])
    error = opening_refused("lines")
    assert error.code == "damaged_dataset"
    assert file in error.cause
    assert prepared() == []


@pytest.mark.parametrize(
    "change",
    [
        {"vocab_size": "65"},
        {"train_tokens": 0},
        {"val_bytes": -1},
        {"val_bytes": True},
        {"tokenizer": "char"},
        {"tokenizer": {}},
        {"tokenizer": {"kind": ["char"]}},
        {"title": None},
        {"train_tokens": 7},
        {"train_bytes": 10**19},
        {"source": "\ud800"},
    ],
    ids=str,
)
def test_a_damaged_description_is_told_of(ready, change):
    path = ready.folder / "meta.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    assert opening_refused("lines").code == "damaged_dataset"


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff\xfe", b"null", b'{"a":' * 1000, b"[" * 10**6])
def test_a_description_that_is_none_is_told_of(ready, content):
    (ready.folder / "meta.json").write_bytes(content)
    assert opening_refused("lines").code == "damaged_dataset"


def test_a_tokenizer_of_another_size_is_told_of(ready):
    path = ready.folder / "meta.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"vocab_size": 9}))
    with pytest.raises(DataError):
        dataset("lines").load_tokenizer()


@pytest.mark.parametrize("place", [lambda ready: ready.folder, lambda ready: ready.folder.parent])
def test_a_dataset_that_may_not_be_opened_is_not_said_to_be_none(ready, place):
    with shut(place(ready)):
        error = opening_refused("lines")
    assert error.code == "refused"
    assert "Permission denied" in error.message


def test_an_unknown_name_gets_the_nearest_one(ready):
    error = opening_refused("shakespear_char")
    assert error.code == "unknown_dataset"
    assert "shakespeare_char?" in error.message
    assert "lines?" in opening_refused("linse").message


def test_a_built_in_name_that_is_not_prepared_gets_the_command():
    error = opening_refused("shakespeare")
    assert error.code == "not_prepared"
    assert "python -m engine prepare shakespeare [--from FILE]" in error.fix
    assert "shakespeare_complete" in error.fix
    assert error.fixes[0].changes == {"dataset": "shakespeare"}
    assert "prepare shakespeare_complete`" in opening_refused("shakespeare_complete").fix


def test_a_text_file_is_to_be_prepared_first(tmp_path):
    path = tmp_path / "lines.txt"
    path.write_text(TEXT)
    assert f"prepare {path}" in opening_refused(path).fix


@pytest.mark.parametrize("name", ["", ".", "..", "x" * 5000, "a\0b", "~nobody-of-this-name/x"])
def test_whatever_is_typed_gets_an_answer(name):
    assert opening_refused(name).code == "unknown_dataset"


def test_listing_datasets_loads_neither_numpy_nor_tiktoken(ready):
    code = (
        "import sys, engine.datasets.dataset as d; print([one.name for one in d.prepared()]);"
        "print(sorted({'numpy', 'torch', 'tiktoken', 'requests'} & sys.modules.keys()))"
    )
    root = Path(__file__).parents[3]
    ran = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert ran.stdout.split("\n")[:2] == ["['lines']", "[]"]


@pytest.mark.parametrize(
    ("name", "beginning"),
    [
        ("names", "mar"),
        ("names_bpe512", "mar"),
        ("python_library", "def "),
        ("shakespeare_complete", ""),
        ("diary", ""),
        ("diary_bpe", ""),
    ],
)
def test_a_built_in_text_offers_a_beginning_in_any_tokens(name, beginning):
    assert beginning_for(name) == beginning


@pytest.mark.parametrize(
    ("name", "gone"),
    [
        ("shakespeare", False),
        ("shakesphere", False),
        ("shakespeare_complete_bpe2048", False),
        ("toy", False),
        ("toy_bpe512", False),
        ("chat", True),
        ("chat_bpe512", True),
        ("chat_as_0123abcd", True),
    ],
)
def test_a_text_is_gone_when_neither_it_nor_what_it_is_made_of_can_be_had(toy_dataset, name, gone):
    assert is_gone(name) is gone


def test_a_damaged_text_is_not_gone(toy_dataset):
    (datasets_dir() / toy_dataset.name / "meta.json").write_text("{", "utf-8")
    assert not is_gone(toy_dataset.name)
