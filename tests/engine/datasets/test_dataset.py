import json
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.core.errors import DataError
from engine.core.kinds import TOKENIZERS
from engine.core.paths import datasets_dir
from engine.datasets.dataset import dataset, prepared
from engine.datasets.prepare import prepare
from engine.text.catalogue import catalogue
from engine.tokens.tokenizer import gpt2_tokenizer

TEXT = "A line of text, 🎭 included.\n" * 200


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A home of its own, and a working directory with none of the repository's folders."""
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path / "home"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "home"


@pytest.fixture
def ready(tmp_path):
    path = tmp_path / "lines.txt"
    path.write_text(TEXT, "utf-8")
    prepare(str(path), tokenizer="char")
    return dataset("lines")


def refusal(name):
    with pytest.raises(DataError) as caught:
        dataset(str(name))
    assert caught.value.message
    assert caught.value.fix
    return caught.value


def nanogpt_folder(folder, ids, meta=None):
    """A folder as nanoGPT's prepare.py leaves it."""
    folder.mkdir(parents=True)
    np.array(ids, dtype=np.uint16).tofile(folder / "train.bin")
    np.array(ids[: len(ids) // 2], dtype=np.uint16).tofile(folder / "val.bin")
    if meta is not None:
        (folder / "meta.pkl").write_bytes(meta)
    return folder


def vocabulary(chars):
    itos = dict(enumerate(chars))
    return pickle.dumps({"vocab_size": len(chars), "itos": itos, "stoi": {char: n for n, char in itos.items()}})


def test_the_catalogue_says_of_every_text_where_it_comes_from():
    for name, entry in catalogue().items():
        assert entry.name == name
        assert entry.title
        assert entry.description
        assert entry.licence
        assert entry.url.startswith("https://")
        assert len(entry.sha256) == 64
        assert entry.tokenizer in TOKENIZERS
    assert next(entry.name for entry in catalogue().values() if entry.offline) == "shakespeare_complete"


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


def test_gpt2_tokens_that_nanogpt_prepared_are_taken(tmp_path):
    encode, decode = gpt2_tokenizer().encode, gpt2_tokenizer().decode
    ids = encode(TEXT)
    found = dataset(str(nanogpt_folder(tmp_path / "theirs", ids)))
    assert found.name == "theirs"
    assert found.vocab_size == 50304
    assert (found.train_tokens, found.val_tokens) == (len(ids), len(ids) // 2)
    assert found.train_bytes == len(TEXT.encode())
    assert found.val_bytes == len(decode(ids[: len(ids) // 2]).encode())
    assert found.load_tokenizer().kind == "gpt2"


def test_characters_that_nanogpt_prepared_are_taken(tmp_path):
    found = dataset(str(nanogpt_folder(tmp_path / "theirs", [0, 1, 2, 3] * 5, vocabulary("\nabé"))))
    assert found.vocab_size == 4
    assert found.load_tokenizer().decode([3, 1, 0]) == "éa\n"
    assert found.train_bytes == 25


class Evil:
    def __reduce__(self):
        return (Path.touch, (Path("touched"),))


@pytest.mark.parametrize(
    "meta",
    [
        pickle.dumps(Evil()),
        pickle.dumps({"itos": {0: Evil()}}),
        pickle.dumps(["itos"]),
        pickle.dumps({"itos": {0: "a", 5: "b"}}),
        pickle.dumps({"itos": {0: "ab"}}),
        pickle.dumps({"itos": {}}),
        b"",
        b"no pickle",
        vocabulary("abc")[:-9],
    ],
    ids=["code", "code within", "a list", "gaps", "long", "empty", "nothing", "text", "cut"],
)
def test_a_foreign_vocabulary_runs_nothing_and_is_checked(tmp_path, meta):
    error = refusal(nanogpt_folder(tmp_path / "theirs", [0] * 8, meta))
    assert error.exit_code == 3
    assert not Path("touched").exists()


def test_tokens_beyond_the_vocabulary_are_refused(tmp_path):
    assert "7" in refusal(nanogpt_folder(tmp_path / "theirs", [0, 1, 7, 0], vocabulary("abc"))).cause
    assert "50,257" in refusal(nanogpt_folder(tmp_path / "gpt2", [0, 1, 50257, 0])).cause


@pytest.mark.parametrize("file", ["train.bin", "val.bin"])
@pytest.mark.parametrize("size", [None, 0, 3, 2])
def test_a_damaged_token_file_is_told_of_and_not_listed(ready, file, size):
    path = ready.folder / file
    path.unlink() if size is None else path.write_bytes(path.read_bytes()[:size])
    error = refusal("lines")
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
        {"title": None},
        {"train_tokens": 7},
    ],
    ids=str,
)
def test_a_damaged_description_is_told_of(ready, change):
    path = ready.folder / "meta.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    assert refusal("lines").code == "damaged_dataset"


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff\xfe", b"null"])
def test_a_description_that_is_none_is_told_of(ready, content):
    (ready.folder / "meta.json").write_bytes(content)
    assert refusal("lines").code == "damaged_dataset"


def test_a_tokenizer_of_another_size_is_told_of(ready):
    path = ready.folder / "meta.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"vocab_size": 9}))
    with pytest.raises(DataError):
        dataset("lines").load_tokenizer()


def test_an_unknown_name_gets_the_nearest_one(ready):
    error = refusal("shakespear_char")
    assert error.code == "unknown_dataset"
    assert "shakespeare_char?" in error.message
    assert "lines?" in refusal("linse").message


def test_a_built_in_name_that_is_not_prepared_gets_the_command():
    error = refusal("shakespeare")
    assert error.code == "not_prepared"
    assert "python -m engine prepare shakespeare [--from FILE]" in error.fix
    assert "shakespeare_complete" in error.fix
    assert error.fixes[0].changes == {"dataset": "shakespeare"}
    assert "prepare shakespeare_complete`" in refusal("shakespeare_complete").fix


def test_a_text_file_is_to_be_prepared_first(tmp_path):
    path = tmp_path / "lines.txt"
    path.write_text(TEXT)
    assert f"prepare {path}" in refusal(path).fix


@pytest.mark.parametrize("name", ["", ".", "..", "x" * 5000, "a\0b", "~nobody-of-this-name/x"])
def test_whatever_is_typed_gets_an_answer(name):
    assert refusal(name).code == "unknown_dataset"


def test_listing_datasets_loads_neither_numpy_nor_tiktoken(ready):
    code = (
        "import sys, engine.datasets.dataset as d; print([one.name for one in d.prepared()]);"
        "print(sorted({'numpy', 'torch', 'tiktoken', 'requests'} & sys.modules.keys()))"
    )
    root = Path(__file__).parents[3]
    ran = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert ran.stdout.split("\n")[:2] == ["['lines']", "[]"]
