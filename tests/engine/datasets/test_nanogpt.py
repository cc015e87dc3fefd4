import pickle
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from engine.datasets.dataset import dataset
from engine.datasets.nanogpt import nanogpt_vocabulary
from engine.tokens.tokenizer import gpt2_tokenizer
from tests.engine.datasets.hands import nanogpt_folder, opening_refused

pytestmark = pytest.mark.usefixtures("home")

TEXT = "A line of text, 🎭 included.\n" * 200


class Evil:
    def __reduce__(self):
        return (Path.touch, (Path("touched"),))


def vocabulary(chars):
    itos = dict(enumerate(chars))
    return pickle.dumps({"vocab_size": len(chars), "itos": itos, "stoi": {char: n for n, char in itos.items()}})


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


@pytest.mark.parametrize(
    "meta",
    [
        pickle.dumps(Evil()),
        pickle.dumps({"itos": {0: Evil()}}),
        pickle.dumps(["itos"]),
        pickle.dumps({"itos": {0: "a", 5: "b"}}),
        pickle.dumps({"itos": {0: 7}}),
        pickle.dumps({"vocab_size": "many"}),
        pickle.dumps({"vocab_size": 2**16 + 1}),
        pickle.dumps({"itos": {}}),
        b"",
        b"no pickle",
        vocabulary("abc")[:-9],
    ],
    ids=["code", "code within", "a list", "gaps", "numbers", "no size", "too many", "empty", "nothing", "text", "cut"],
)
def test_a_foreign_vocabulary_runs_nothing_and_is_checked(tmp_path, meta):
    error = opening_refused(nanogpt_folder(tmp_path / "theirs", [0] * 8, meta))
    assert error.exit_code == 3
    assert not Path("touched").exists()


def test_tokens_beyond_the_vocabulary_are_refused(tmp_path):
    assert "7" in opening_refused(nanogpt_folder(tmp_path / "theirs", [0, 1, 7, 0], vocabulary("abc"))).cause
    assert "50,257" in opening_refused(nanogpt_folder(tmp_path / "gpt2", [0, 1, 50257, 0])).cause


def test_words_and_bare_numbers_of_tokens_are_taken(tmp_path):
    words = {"vocab_size": 3, "stoi": {"king": 1, "the": 0, "of": 2}}
    found = dataset(str(nanogpt_folder(tmp_path / "words", [0, 1] * 4, pickle.dumps(words))))
    assert found.load_tokenizer().decode([0, 1]) == "the king "
    assert found.train_bytes == len("the king " * 4)
    pieces = {"itos": ["the ", b"king", "\n"]}
    found = dataset(str(nanogpt_folder(tmp_path / "pieces", [0, 1] * 4, pickle.dumps(pieces))))
    assert found.load_tokenizer().decode([0, 1, 2]) == "the king\n"
    found = dataset(str(nanogpt_folder(tmp_path / "size", [0, 1499] * 4, pickle.dumps({"vocab_size": 1500}))))
    assert found.vocab_size == 1500
    assert found.load_tokenizer().decode([17, 1499]) == "17 1499 "


def test_numbers_of_numpy_in_a_vocabulary_are_numbers(tmp_path):
    meta = {"vocab_size": np.int64(2), "itos": {np.int64(0): np.str_("a"), np.int64(1): "b"}}
    found = dataset(str(nanogpt_folder(tmp_path / "theirs", [0, 1] * 4, pickle.dumps(meta))))
    assert found.load_tokenizer().as_dict() == {"kind": "char", "chars": ["a", "b"]}


def test_what_is_whole_and_not_ours_is_not_called_damaged(tmp_path):
    wide = nanogpt_folder(tmp_path / "wide", [])
    for name in ("train.bin", "val.bin"):
        np.array([5, 31_999, 70_000, 17] * 40, dtype="<u4").tofile(wide / name)
    error = opening_refused(wide)
    assert error.code == "data_foreign"
    assert "32 bits" in error.cause
    other = opening_refused(nanogpt_folder(tmp_path / "other", [0, 60_000] * 4))
    assert (other.code, "no meta.pkl" in other.cause) == ("data_foreign", True)
    assert (
        "datetime"
        in opening_refused(
            nanogpt_folder(tmp_path / "named", [0] * 8, pickle.dumps({"made": datetime(2024, 1, 1), "vocab_size": 3}))
        ).cause
    )


@pytest.mark.parametrize("name", ["train.bin", "meta.pkl"])
def test_a_pointer_of_git_lfs_is_told(tmp_path, name):
    folder = nanogpt_folder(tmp_path / "theirs", [0, 1] * 4, vocabulary("ab"))
    (folder / name).write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 99\n\n")
    assert "Git LFS pointer" in opening_refused(folder).cause


@pytest.mark.parametrize(
    "meta", [{"stoi": {"the": 0, "king": 1}}, {"itos": ["the ", "king", "\n"]}, {"vocab_size": 70}]
)
def test_what_a_list_of_tokens_is_written_as_is_the_same_list(tmp_path, meta):
    tokenizer = dataset(str(nanogpt_folder(tmp_path / "theirs", [0, 1] * 4, pickle.dumps(meta)))).load_tokenizer()
    again = nanogpt_folder(tmp_path / "again", [0, 1] * 4, pickle.dumps(nanogpt_vocabulary(tokenizer)))
    assert dataset(str(again)).load_tokenizer().as_dict() == tokenizer.as_dict()
