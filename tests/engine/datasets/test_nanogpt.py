import pickle
from pathlib import Path

import pytest

from engine.datasets.dataset import dataset
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
        pickle.dumps({"itos": {0: "ab"}}),
        pickle.dumps({"itos": {}}),
        b"",
        b"no pickle",
        vocabulary("abc")[:-9],
    ],
    ids=["code", "code within", "a list", "gaps", "long", "empty", "nothing", "text", "cut"],
)
def test_a_foreign_vocabulary_runs_nothing_and_is_checked(tmp_path, meta):
    error = opening_refused(nanogpt_folder(tmp_path / "theirs", [0] * 8, meta))
    assert error.exit_code == 3
    assert not Path("touched").exists()


def test_tokens_beyond_the_vocabulary_are_refused(tmp_path):
    assert "7" in opening_refused(nanogpt_folder(tmp_path / "theirs", [0, 1, 7, 0], vocabulary("abc"))).cause
    assert "50,257" in opening_refused(nanogpt_folder(tmp_path / "gpt2", [0, 1, 50257, 0])).cause
